"""A worker's presence: its number, locked for as long as it lives, and its ear for what the database tells.

Both are of one connection: whoever is cut off is neither there nor listening, and comes back with both.
"""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from config import Config
from portal.db.advisory_locks import WORKER_PRESENCE
from portal.db.base import SCHEMA
from portal.db.connecting import connect
from portal.messaging.shares import Share
from portal.messaging.transactions import run_forever

log = logging.getLogger(__name__)

CHANNEL = "getinn_bots"
LOCK_CLASS = WORKER_PRESENCE
LISTEN_SECONDS = 1.0
_NUMBERS = """
    SELECT objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND classid = %s AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1
"""


class Presence:
    """``wakeups`` ring when rows were written to the table that they are named after."""

    def __init__(self, config: Config, wakeups: Mapping[str, Sequence[threading.Event]]) -> None:
        self.config, self.wakeups = config, wakeups
        self._number: int | None = None
        self._is_held = threading.Event()
        self._share = Share()

    @property
    def number(self) -> int | None:
        """The worker's number, while the database knows that it is there."""
        return self._number if self._is_held.is_set() else None

    @property
    def share(self) -> Share:
        """The worker's place among those that were there a moment ago."""
        return self._share

    def run(self, stop: threading.Event) -> None:
        """Be there, and listen, until ``stop``; after a break come back under the same number."""
        run_forever("presence", stop, lambda: self._stay(stop))

    def _stay(self, stop: threading.Event) -> None:
        try:
            with connect(self.config, "worker", autocommit=True) as connection:
                self._appear(connection)
                while not stop.is_set():
                    # Also a round trip now and then: a line that is cut without a word would stay silent for ever.
                    self._look_for_others(connection)
                    self._listen(connection)
        finally:
            self._is_held.clear()
            self._share = Share()

    def _listen(self, connection: psycopg.Connection[Any]) -> None:
        """Pass on what the database tells, for a while."""
        until = time.monotonic() + LISTEN_SECONDS
        while (left := until - time.monotonic()) > 0:
            for notification in connection.notifies(timeout=left, stop_after=100):
                self._wake_all(notification.payload)

    def _look_for_others(self, connection: psycopg.Connection[Any]) -> None:
        numbers = [row[0] for row in connection.execute(_NUMBERS, (LOCK_CLASS,))]
        if self._number in numbers:
            self._share = Share(numbers.index(self._number), len(numbers))

    def _appear(self, connection: psycopg.Connection[Any]) -> None:
        if self._number is None:
            row = connection.execute(f"SELECT nextval('{SCHEMA}.bot_worker_number')").fetchone()
            # The lock's key has 31 bits; so many workers ago nobody is alive.
            self._number = int(row[0]) % 2**31 if row else None
        # Not waited for without end: whoever was cut off may still hold it at the server for a moment.
        connection.execute("SET lock_timeout = '5s'")
        connection.execute("SELECT pg_advisory_lock(%s, %s)", (LOCK_CLASS, self._number))
        connection.execute(f"LISTEN {CHANNEL}")
        self._is_held.set()
        self._wake_all()
        log.info("worker %s is there", self._number)

    def _wake_all(self, table: str | None = None) -> None:
        for name, wakeups in self.wakeups.items():
            if table is None or table == name:
                for wakeup in wakeups:
                    wakeup.set()
