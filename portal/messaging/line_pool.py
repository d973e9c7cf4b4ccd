"""Connections past the session: each statement is a transaction of its own, unless one is begun by hand.

A delivery, and a step of a conversation, are a few statements; SQLAlchemy's session and pool, with a transaction begun
and committed around them, cost more than all of these. There are as many lines as were ever worked on at once.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
from flask import Flask, current_app
from psycopg.pq import TransactionStatus
from psycopg.rows import namedtuple_row

from config import Config
from portal.db.connecting import connect, has_hung_up, session_settings, tell_settings


class LinePool:
    """The idle lines of one process. Taking and giving back are single operations of a deque, so threads may do so."""

    def __init__(self, config: Config) -> None:
        self._config = config
        # Behind a pooler by transaction a delivery is one transaction, which begins by telling the settings.
        self._settings = session_settings(config, config.process) if config.pooler == "transaction" else {}
        self._idle: deque[psycopg.Connection[Any]] = deque()

    @contextmanager
    def line(self) -> Iterator[psycopg.Cursor[Any]]:
        """A cursor; whatever goes wrong on it, nobody else gets its connection. Raises ``psycopg.Error``."""
        connection = self._take() or connect(self._config, autocommit=True, row_factory=namedtuple_row)
        try:
            if self._settings:
                with connection.transaction():
                    tell_settings(connection, self._settings, for_now=True)
                    yield connection.cursor()
            else:
                yield connection.cursor()
        except BaseException:
            _let_go(connection)
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
            if not has_hung_up(connection):
                return connection
            connection.close()
        return None


def _let_go(connection: psycopg.Connection[Any]) -> None:
    """Close it, its transaction undone before: the server hears of a closed connection when it comes to it.

    Until then rows and chats would be held, and whoever tries the same again at once would pass them over.
    """
    if connection.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
        with suppress(psycopg.Error):
            connection.rollback()
    connection.close()


def lines_of(app: Flask) -> LinePool:
    """The lines of an app, opened as they are needed."""
    lines: LinePool = app.extensions["lines"]
    return lines


def current_lines() -> LinePool:
    """Those of the present app."""
    return lines_of(current_app)


def install(app: Flask) -> None:
    """Give the app its lines; none is opened before it is needed."""
    app.extensions["lines"] = LinePool(app.config["PORTAL"])
