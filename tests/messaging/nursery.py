"""Workers for tests, forked from one process that has imported everything, some of them with a point of death.

Reads commands: ``start POINT`` answers with a process id, ``wait PID SECONDS`` with its exit code or ``None``. All
that was started dies with this process, which ends when its input does.
"""

import contextlib
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

from portal import create_app
from portal.messaging import queries
from portal.messaging.receiving import receipts
from portal.messaging.receiving import update_processor as processor
from portal.messaging.sending import recovery, retry_policy, sender
from portal.worker import run_worker

# Tests wait for nobody's comeback.
GONE_SECONDS = 0.3


def die() -> None:
    """Without a word, as when the machine loses its power."""
    os.kill(os.getpid(), signal.SIGKILL)


def dying(function: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    """The function, and death at its beginning or its end."""

    def deadly(*arguments: Any, **named: Any) -> Any:
        if not after:
            die()
        result = function(*arguments, **named)
        # A chat in which nothing was done is not the place that is meant.
        if result is not processor.Step.NOTHING:
            die()
        return result

    return deadly


POINTS: dict[str, tuple[Any, str, bool]] = {
    "before the step is committed": (queries, "finish_updates", True),
    "after the step is committed": (processor.UpdateProcessor, "advance", True),
    "after the claim": (sender.Sender, "attempt", False),
    "after the platform has accepted": (sender.Sender, "attempt", True),
    "before the note is committed": (retry_policy, "note_sent", True),
    "while acknowledging": (sender.Sender, "acknowledge", False),
    "before the receipt is committed": (receipts, "_apply", True),
}


def run(point: str) -> None:
    """What a worker process does."""
    recovery.GONE_SECONDS = GONE_SECONDS
    if point in POINTS:
        owner, name, after = POINTS[point]
        setattr(owner, name, dying(getattr(owner, name), after=after))
    app = create_app()
    with app.app_context():
        run_worker(app)


def start(point: str) -> int:
    """A worker of its own process."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.close(0)
        run(point)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


def wait(pid: int, seconds: float) -> int | None:
    """The exit code, negative for a signal; None where it has not ended in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    return None


def main() -> None:
    """Obey until the input ends."""
    pids = []
    for line in sys.stdin:
        command, _, told = line.strip().partition(" ")
        if command == "start":
            pids.append(start(told))
            answer: Any = pids[-1]
        else:
            pid, seconds = told.split()
            answer = wait(int(pid), float(seconds))
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
