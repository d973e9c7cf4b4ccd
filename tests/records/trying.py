"""Runs tests in a changed copy of the tree, several times in a row: what all runs import is imported once.

``python trying.py FOLDER`` reads one JSON list of pytest's arguments a line and answers each with one line, the
result and what was said. It knows nothing of the portal: each run reads the copy as it stands.
"""

import contextlib
import importlib
import io
import json
import os
import sys

SHARED = [
    "alembic",
    "babel",
    "cryptography",
    "flask",
    "flask_babel",
    "flask_migrate",
    "flask_sqlalchemy",
    "flask_wtf",
    "httpx",
    "procrastinate",
]


def main(folder: str) -> None:
    """Answer until the input ends."""
    for name in (*SHARED, "psycopg", "pytest", "sqlalchemy.dialects.postgresql", "sqlalchemy.ext.asyncio"):
        importlib.import_module(name)
    os.chdir(folder)
    sys.path[0] = folder
    for line in sys.stdin:
        sys.stdout.write(json.dumps(in_a_process(json.loads(line))) + "\n")
        sys.stdout.flush()


def in_a_process(arguments: list[str]) -> tuple[int, str]:
    """The result of a run in a process of its own, and its output."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            result = importlib.import_module("pytest").main(arguments)
        with os.fdopen(writing, "w") as answer:
            answer.write(json.dumps((int(result), said.getvalue())))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as answer:
        told = answer.read()
    os.waitpid(process, 0)
    result, said_there = json.loads(told)
    return result, said_there


if __name__ == "__main__":
    main(sys.argv[1])
