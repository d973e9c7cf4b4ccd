"""SQL by hand: on the session's own connection, within its transaction; on a line of its own where one was taken.

Parameters have names. A row is a dataclass whose fields are the statement's columns, a single column is its value.
Moments come as the columns hold them: naive, in UTC.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from flask import g
from psycopg.rows import class_row, namedtuple_row, scalar_row

from portal.db.base import db

Row = TypeVar("Row")


@contextmanager
def working_on(line: psycopg.Connection[Any]) -> Iterator[None]:
    """All that is written by hand inside the block goes over this connection, past the session."""
    g.line = line
    try:
        yield
    finally:
        del g.line


def connection() -> psycopg.Connection[Any]:
    """The driver's connection that is worked on: the line that was taken, else the session's."""
    line: psycopg.Connection[Any] | None = g.get("line")
    if line is not None:
        return line
    driver = db.session.connection().connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


def cursor() -> psycopg.Cursor[Any]:
    """For statements whose columns are known at run time alone; its rows are named tuples."""
    return connection().cursor(row_factory=namedtuple_row)


def select(cls: type[Row], sql: bytes, /, **named: Any) -> psycopg.Cursor[Row]:
    """A cursor over the rows; in a pipeline they are fetched after its end."""
    return connection().cursor(row_factory=class_row(cls)).execute(sql, named)


def rows(cls: type[Row], sql: bytes, /, **named: Any) -> list[Row]:
    """Every row."""
    return select(cls, sql, **named).fetchall()


def row(cls: type[Row], sql: bytes, /, **named: Any) -> Row | None:
    """The first row."""
    return select(cls, sql, **named).fetchone()


def scalars(sql: bytes, /, **named: Any) -> list[Any]:
    """The first column of every row."""
    return connection().cursor(row_factory=scalar_row).execute(sql, named).fetchall()


def scalar(sql: bytes, /, **named: Any) -> Any:
    """The first column of the first row, ``None`` where there is no row."""
    return connection().cursor(row_factory=scalar_row).execute(sql, named).fetchone()


def execute(sql: bytes, /, **named: Any) -> int:
    """How many rows it changed."""
    return connection().cursor().execute(sql, named).rowcount
