"""Programs that tests start end with the tests, even where these are killed without a word.

The throw-away PostgreSQL has a sweeper of its own (``portal/development/embedded.py``).
"""

import ctypes
import functools
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with_us(left: "subprocess.Popen[bytes] | subprocess.Popen[str] | Path") -> None:
    """Have a program killed with all of its process group if this process ends before it.

    A folder names further ones, each in a ``.pid`` file that is there when this process has ended.
    """
    told = left if isinstance(left, Path) else left.pid
    _input_of_watcher().write(f"{told}\n".encode())


def die_with_parent() -> None:
    """Be killed as soon as the process that started this one ends; no system but Linux tells of it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@functools.cache
def _input_of_watcher() -> IO[bytes]:
    """It ends when nobody can write there any more."""
    watcher = subprocess.Popen(
        [sys.executable, "-I", "-S", __file__], stdin=subprocess.PIPE, bufsize=0, cwd="/", start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    # Nobody waits for a process that outlives this one.
    watcher.returncode = 0
    assert watcher.stdin is not None
    return watcher.stdin


def _begun(number: int) -> str | None:
    """When a process began: who has the number later is another. None where nobody has it."""
    try:
        return Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None


def _kill(number: int) -> None:
    """A group if the process leads one, else the process. A group outlives its leader, and keeps the number for it."""
    for kill in (os.killpg, os.kill):
        try:
            return kill(number, signal.SIGKILL)
        except OSError:
            continue
    return None


def _watch() -> None:
    """Read numbers and folders until the input ends, then kill what is left of them."""
    numbers: dict[int, str | None] = {}
    folders: list[Path] = []
    for line in sys.stdin:
        told = line.strip()
        if told.isdecimal():
            numbers[int(told)] = _begun(int(told))
        else:
            folders.append(Path(told))
    for number, begun in numbers.items():
        if begun is not None and _begun(number) in (begun, None):
            _kill(number)
    # After those who might start still more of them.
    for mark in (mark for folder in folders for mark in folder.glob("*.pid")):
        _kill(int(mark.read_text()))


if __name__ == "__main__":
    _watch()
