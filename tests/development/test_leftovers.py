"""Whatever tests start ends with them, even where they are killed."""

import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil

from tests.jobs.conftest import eventually
from tests.machine.programs import ROOT

PR_GET_PDEATHSIG = 2  # linux/prctl.h
# A shell with a child of its own, and a program that a manager of services started and left.
LEAVES_BEHIND = """
import os, signal, subprocess, sys, time
from pathlib import Path
from tests.leftovers import end_with_us

def start(*command):
    return subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE)

marks = Path(sys.argv[1])
end_with_us(marks)
shell = start("sh", "-c", "sleep 600 & echo $!; wait")
end_with_us(shell)
service = start("sleep", "600")
(marks / "service.pid").write_text(str(service.pid))
print(shell.pid, int(shell.stdout.readline()), service.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def is_gone(number: int) -> bool:
    try:
        return psutil.Process(number).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_programs_of_killed_tests_are_killed_with_all_that_they_started(tmp_path: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", LEAVES_BEHIND, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    for number in killed.stdout.split():
        eventually(lambda number=int(number): is_gone(number))


def test_one_who_has_the_number_of_a_program_that_ended_is_left_alone() -> None:
    script = (
        "import os, signal, subprocess, sys; from tests import leftovers\n"
        "other = subprocess.Popen(['sleep', '600'], start_new_session=True)\n"
        "leftovers._begun = lambda number, told=iter(('1', '2')): next(told)\n"
        "sys.stdin = iter([str(other.pid)])\n"
        "leftovers._watch()\n"
        "print(other.poll()); other.kill()\n"
    )
    told = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert told.stdout == "None\n"


def test_a_process_that_is_told_to_dies_with_the_one_that_started_it() -> None:
    parent = (
        "import os, signal, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', sys.argv[1]], stdout=subprocess.PIPE)\n"
        "print(int(child.stdout.readline()), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    child = (
        "import os, signal; from tests.leftovers import die_with_parent\n"
        "die_with_parent(); print(os.getpid(), flush=True); signal.pause()\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", parent, child], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    eventually(lambda: is_gone(int(killed.stdout)))


def test_the_processes_that_share_a_test_run_die_with_it() -> None:
    told = ctypes.c_int()
    ctypes.CDLL(None).prctl(PR_GET_PDEATHSIG, ctypes.byref(told))
    assert told.value == (signal.SIGKILL if "PYTEST_XDIST_WORKER" in os.environ else 0)
