"""Connections past the session: each statement is a transaction of its own, unless one is begun by hand.

A delivery, and a step of a conversation, are a few statements; SQLAlchemy's session and pool, with a transaction begun
and committed around them, cost more than all of these. There are as many lines as were ever worked on at once.
"""

import select
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from flask import Flask, current_app
from psycopg.rows import namedtuple_row

from portal.db.base import JOBS_SCHEMA

CONNECT_SECONDS = 5


class LinePool:
    """The idle lines of one process. Taking and giving back are single operations of a deque, so threads may do so."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._idle: deque[psycopg.Connection[Any]] = deque()

    @contextmanager
    def line(self) -> Iterator[psycopg.Cursor[Any]]:
        """A cursor; whatever goes wrong on it, nobody else gets its connection. Raises ``psycopg.Error``."""
        connection = self._take() or self._connect()
        try:
            yield connection.cursor()
        except BaseException:
            connection.close()
            raise
        self._idle.append(connection)

    def drop(self) -> None:
        """Close what is idle: where one connection was lost the others were lost with it."""
        while self._idle:
            try:
                self._idle.pop().close()
            except IndexError:
                return

    def _take(self) -> psycopg.Connection[Any] | None:
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:
                break
            if not _has_hung_up(connection):
                return connection
            connection.close()
        return None

    def _connect(self) -> psycopg.Connection[Any]:
        return psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=CONNECT_SECONDS,
            row_factory=namedtuple_row,
            options=f"-c timezone=UTC -c search_path={JOBS_SCHEMA},public",
            application_name="getinn-portal",
        )


def _has_hung_up(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server said something unasked: on an idle line that is its farewell."""
    asking = select.poll()
    asking.register(connection.fileno(), select.POLLIN)
    return bool(asking.poll(0))


def lines_of(app: Flask) -> LinePool:
    """The lines of an app, opened as they are needed."""
    lines: LinePool = app.extensions["lines"]
    return lines


def current_lines() -> LinePool:
    """Those of the present app."""
    return lines_of(current_app)


def install(app: Flask) -> None:
    """Give the app its lines; none is opened before it is needed."""
    app.extensions["lines"] = LinePool(app.config["PORTAL"].libpq_url)
