"""What the database says of itself: asked over a line of its own, so that nobody's pages are waited for."""

import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotInTime
from dataclasses import dataclass

import psycopg
from flask import Flask, current_app
from psycopg.rows import class_row

from config import Config
from portal.db.connecting import BoundedConnection, connect, has_hung_up
from portal.db.revisions import Standing, standing
from portal.http.gate import govern

log = logging.getLogger(__name__)

# An answer is good for so long, and waited for so long: whoever asks about readiness hears within a second.
FRESH_SECONDS, WAIT_SECONDS = 1.0, 0.7


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """The row of the deployment, with what else readiness depends on."""

    revisions: list[str]
    is_unbound: bool
    is_standby: bool
    name: str | None
    least_revision: str | None
    is_resting: bool | None

    @property
    def standing(self) -> Standing:
        """Where its migrations stand to this version."""
        return standing(self.revisions, self.least_revision)

    def rests(self, identity: str) -> bool:
        """Whether nothing may leave: somebody said so, or the database is a copy of another deployment's."""
        return bool(self.is_resting) or self.name not in (None, identity)


NOT_MIGRATED = DatabaseState([], False, False, None, None, None)


class DeploymentState:
    """The state as one process knows it, at most a second old. Any number of threads may ask."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.is_governing = False
        self._lock = threading.Lock()
        self._line: BoundedConnection | None = None
        self._known: tuple[float, DatabaseState] | None = None
        self._asking: Future[DatabaseState] | None = None
        self._asker = ThreadPoolExecutor(1, thread_name_prefix="deployment")

    def read(self) -> DatabaseState:
        """The present state. Raises ``psycopg.Error`` where the database does not say it in time."""
        known = self._known
        if known is not None and time.monotonic() - known[0] < FRESH_SECONDS:
            return known[1]
        try:
            return self._ask_once().result(WAIT_SECONDS)
        except NotInTime:
            raise psycopg.OperationalError("the database does not answer in time") from None

    def rests(self) -> bool:
        """Whether nothing may leave. Raises ``psycopg.Error`` where that cannot be known."""
        return self.read().rests(self.config.identity)

    def govern(self) -> None:
        """Let this state close and open the gate of everything outgoing in this process."""
        self.is_governing = True
        govern(self.rests)

    def rested_lately(self) -> bool:
        """Whether nothing was to leave when last asked; for pages, which wait for no answer."""
        if not self.is_governing:
            return False
        known = self._known
        if known is None or time.monotonic() - known[0] >= FRESH_SECONDS:
            self._ask_once()
        return known is not None and known[1].rests(self.config.identity)

    def forget(self) -> None:
        """Ask anew the next time."""
        self._known = None

    def _ask_once(self) -> "Future[DatabaseState]":
        """One question at a time, however many wait for its answer."""
        with self._lock:
            if self._asking is None or self._asking.done():
                self._asking = self._asker.submit(self._ask)
            return self._asking

    def _ask(self) -> DatabaseState:
        try:
            if self._line is None or has_hung_up(self._line):
                self._line = connect(self.config, autocommit=True)
                self._line.answer_seconds = WAIT_SECONDS
            state = read_state(self._line, self.config.database_schema)
        except psycopg.Error:
            if self._line is not None:
                self._line.close()
            self._line = None
            raise
        self._known = (time.monotonic(), state)
        return state


def read_state(connection: psycopg.Connection[object], schema: str) -> DatabaseState:
    """The state, over any connection that is not within a transaction; a database without tables has the least."""
    question = f"""
        SELECT ARRAY(SELECT version_num::text FROM "{schema}".alembic_version) AS revisions,
            r.rolsuper OR r.rolbypassrls AS is_unbound, pg_is_in_recovery() AS is_standby,
            d.name, d.least_revision, d.is_resting
        FROM pg_roles r LEFT JOIN "{schema}".deployment d ON true WHERE r.rolname = current_user
    """.encode()  # noqa: S608 (a checked name)
    try:
        found = connection.cursor(row_factory=class_row(DatabaseState)).execute(question).fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return NOT_MIGRATED
    return found or NOT_MIGRATED


def deployment_state() -> DeploymentState:
    """That of the present app."""
    found: DeploymentState = current_app.extensions["deployment_state"]
    return found


def install(app: Flask) -> None:
    """Give the app its state; nothing is asked before somebody wants to know."""
    app.extensions["deployment_state"] = DeploymentState(app.config["PORTAL"])
