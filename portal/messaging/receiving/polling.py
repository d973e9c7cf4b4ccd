"""Fetching updates from platforms that hand them out on request, where no public address can be delivered to.

One poller for a bot among all worker processes: whoever holds the bot's session lock. Updates and the place to go
on from are stored in one transaction, before the platform is told by the next request that it may forget them.
"""

import hashlib
import logging
import threading
from uuid import UUID

import psycopg
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from portal.messaging.receiving.poller import Poller, bots_to_poll
from portal.messengers.calls import Calls

log = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 1.0


class Pollers(threading.Thread):
    """Keeps a poller running for each bot that is switched on, until ``stop`` is set.

    With a public address it ends at once: there the platforms deliver.
    """

    def __init__(self, app: Flask, stop: threading.Event) -> None:
        super().__init__(name="pollers", daemon=True)
        self.app, self.stop = app, stop
        self._calls = Calls.configured(app.config["PORTAL"])
        self._running: dict[UUID, Poller] = {}
        self._locks: psycopg.Connection | None = None

    @property
    def polled(self) -> frozenset[UUID]:
        """The platforms that are polled from here."""
        return frozenset(self._running)

    def run(self) -> None:
        """Start and end pollers as owners switch, and as the database comes and goes."""
        if self.app.config["PUBLIC_URL"]:
            return
        while not self.stop.is_set():
            try:
                self._follow(self._wanted())
            except (psycopg.Error, SQLAlchemyError) as error:
                log.warning("polling waits for the database: %s", type(error).__name__)
                self._let_go()
            self.stop.wait(LOOK_AGAIN_SECONDS)
        self._let_go()
        self._calls.close()

    def _wanted(self) -> set[UUID]:
        with self.app.app_context():
            return bots_to_poll()

    def _follow(self, wanted: set[UUID]) -> None:
        """End what is not wanted or has ended, start what is wanted and whose lock can be had."""
        self._connection().execute("SELECT 1")
        for credential_id in [each for each, poller in self._running.items() if not poller.is_alive()]:
            del self._running[credential_id]
            self._unlock(credential_id)
        for credential_id in self._running.keys() - wanted:
            self._running[credential_id].end()
        for credential_id in wanted - self._running.keys():
            if self._lock(credential_id):
                self._running[credential_id] = poller = Poller(self.app, credential_id, self._calls)
                poller.start()

    def _let_go(self) -> None:
        """End all pollers and wait for them; the locks go with their connection."""
        for poller in self._running.values():
            poller.end()
        for poller in self._running.values():
            poller.join()
        self._running.clear()
        if self._locks is not None:
            self._locks.close()
            self._locks = None

    def _connection(self) -> psycopg.Connection:
        if self._locks is None:
            self._locks = psycopg.connect(self.app.config["PORTAL"].libpq_url, autocommit=True)
        return self._locks

    def _lock(self, credential_id: UUID) -> bool:
        row = self._connection().execute("SELECT pg_try_advisory_lock(%s)", [lock_number(credential_id)]).fetchone()
        return bool(row and row[0])

    def _unlock(self, credential_id: UUID) -> None:
        self._connection().execute("SELECT pg_advisory_unlock(%s)", [lock_number(credential_id)])


def lock_number(credential_id: UUID) -> int:
    """The key of the advisory lock that a bot's poller holds."""
    return int.from_bytes(hashlib.blake2b(b"poll" + credential_id.bytes, digest_size=8).digest(), "big", signed=True)
