"""The functions that the database has: the current text of each, in a file of its name.

A function is changed in its file, and by a new migration that loads it and notes which text that was
(``FUNCTIONS = {name: digest}``); where its parameters change it drops the former one first. What migrations before
0008 say of functions is history: on a new database the files follow it.
"""

import hashlib
from pathlib import Path
from typing import Any

from portal.db.base import SCHEMA

HERE = Path(__file__).parent


def function_names() -> list[str]:
    """All that have a file. The searched text of a table is made with the table, where it has none."""
    return sorted(file.stem for file in HERE.glob("*.sql"))


def function_text(name: str) -> str:
    """The statement that makes the function, or puts this text in place of a former one."""
    return (HERE / f"{name}.sql").read_text("utf-8").replace("{schema}", SCHEMA)


def digest(name: str) -> str:
    """What a migration notes of a text: the first letters of its hash."""
    return hashlib.sha256((HERE / f"{name}.sql").read_bytes()).hexdigest()[:12]


def load_functions(op: Any, *names: str) -> None:
    """Make the database's functions say what the files say."""
    for name in names:
        op.execute(function_text(name))
