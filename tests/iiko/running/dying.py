"""Works at runs in processes of their own, some of which die at a certain point without a word.

Reads commands: ``start POINT RUN ACCOUNT`` answers with a process id, ``wait PID`` with its exit code. Each is forked
from one process that has imported everything.
"""

import os
import signal
import sys
import traceback
from collections.abc import Callable
from typing import Any

from flask import Flask

from portal import create_app
from portal.db.base import db
from portal.iiko.client import client
from portal.iiko.seats import log_ins
from portal.iiko.sync import planning, runner, work, writing
from portal.iiko.sync.jobs import run_sync


def dying(function: Callable[..., Any], *, after: bool) -> Callable[..., Any]:
    """The function, and death at its beginning or its end, as when the machine loses its power."""

    def deadly(*arguments: Any, **named: Any) -> Any:
        if not after:
            os.kill(os.getpid(), signal.SIGKILL)
        function(*arguments, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    return deadly


POINTS: dict[str, tuple[Any, str, bool]] = {
    "before-the-log-in": (log_ins.LogIns, "begin", True),
    "before-the-token-is-stored": (client.IikoClient, "log_in", True),
    "after-the-token-is-stored": (log_ins.LogIns, "keep_token", True),
    "before-the-log-out": (client.IikoClient, "log_out", False),
    "after-the-log-out": (client.IikoClient, "log_out", True),
    "before-the-comparison": (work.SyncWork, "keep", True),
    "while-comparing": (planning, "_store", True),
    "while-a-kind-is-written": (writing.KindWriter, "write", True),
    "before-a-kind-is-committed": (runner, "apply_next", True),
    "after-the-first-kind": (runner.SyncRunner, "_write_kind", True),
    "after-the-first-day": (runner.SyncRunner, "_go_on_writing", False),
}


def start(app: Flask, point: str, run_id: str, account_id: str) -> int:
    """A process that works at a run."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        if point in POINTS:
            owner, name, after = POINTS[point]
            setattr(owner, name, dying(getattr(owner, name), after=after))
        with app.test_request_context():
            run_sync.function(run_id=run_id, account_id=account_id)
            db.session.commit()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def main() -> None:
    """Obey until the input ends."""
    app = create_app()
    with app.app_context():
        db.engine.dispose()
    for line in sys.stdin:
        command, *told = line.split()
        answer = start(app, *told) if command == "start" else os.waitstatus_to_exitcode(os.waitpid(int(told[0]), 0)[1])
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
