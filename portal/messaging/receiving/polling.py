"""Fetching updates from platforms that hand them out on request, where no public address can be delivered to.

One poller for a bot among all worker processes: whoever holds the bot's session lock. Updates and the place to go
on from are stored in one transaction, before the platform is told by the next request that it may forget them.
"""

import hashlib
import logging
import threading
from collections.abc import Sequence
from uuid import UUID

import psycopg
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from portal.accounts.models import Account
from portal.bots.models import BotInstance
from portal.channels.models import BotConnection, BotPlatformCredential
from portal.channels.open_channel import ChannelNotFound, OpenChannel, open_channel
from portal.db.base import db
from portal.db.connecting import connect
from portal.db.secrets import SecretUnreadable
from portal.http.gate import rests
from portal.messaging.backoff import wait_after
from portal.messaging.events import Update
from portal.messaging.failures import Failure
from portal.messaging.line_pool import current_lines
from portal.messaging.receiving import ceilings, inbox
from portal.messengers.calls import Calls
from portal.messengers.errors import SendFailed, Throttled
from portal.messengers.registry import PLATFORMS
from portal.tenancy.scope import system_scope

log = logging.getLogger(__name__)

# Platforms allow 50. A poller that is told to end waits for the answer that it asked for last: cut off, the platform
# would hold the line open and refuse the next poller for as long.
LONG_POLL_SECONDS = 3


def bots_to_poll() -> set[UUID]:
    """Every platform that is switched on and hands out its updates on request, to it and no other connection."""
    told = func.coalesce(BotConnection.problem, "")
    with system_scope("worker"):
        return set(
            db.session.scalars(
                select(BotPlatformCredential.id)
                .join(BotInstance, BotInstance.id == BotPlatformCredential.bot_id)
                .join(Account, Account.id == BotPlatformCredential.account_id)
                .outerjoin(BotPlatformCredential.connection)
                .where(
                    told.not_in((Failure.IN_USE_ELSEWHERE.value, Failure.IN_USE_BY_ANOTHER_BOT.value)),
                    func.coalesce(BotConnection.state, "") != "connecting",
                    BotPlatformCredential.platform.in_([key for key, each in PLATFORMS.items() if each.polls]),
                    BotPlatformCredential.superseded_at.is_(None),
                    BotPlatformCredential.is_active,
                    BotInstance.is_active,
                    Account.is_active,
                )
            )
        )


class Poller(threading.Thread):
    """Polls one bot until it is told to end or the bot is switched off."""

    def __init__(self, app: Flask, credential_id: UUID, calls: Calls) -> None:
        super().__init__(name=f"poller {credential_id}", daemon=True)
        self.app, self.credential_id, self.calls = app, credential_id, calls
        self._ended = threading.Event()
        self._failures = 0
        # What the log was told last of this bot's polling.
        self._told = ""

    def end(self) -> None:
        """Ask it to end; it does within the time of one request."""
        self._ended.set()

    def run(self) -> None:
        """Poll, and after a failure wait, longer each time."""
        while not self._ended.is_set():
            try:
                if not self._poll():
                    return
                self._failures = 0
                self._tell("")
            except Exception as error:
                self._failures += 1
                # The words of an error may quote what people wrote.
                told = error.code if isinstance(error, SendFailed) else type(error).__name__
                self._tell(told)
                self._ended.wait(self._pause(error))

    def _tell(self, failure: str) -> None:
        """One line when it fails, one when it works again, and none as long as nothing changes."""
        if failure and failure != self._told:
            log.warning("polling %s fails: %s", self.credential_id, failure)
        elif self._told and not failure:
            log.info("polling %s works again", self.credential_id)
        self._told = failure

    def _poll(self) -> bool:
        """One request and what it brought; false where there is nothing to poll any more."""
        with self.app.app_context():
            opened, offset = self._place()
            if opened is not None and opened.is_live and self._is_full(opened):
                self._ended.wait(LONG_POLL_SECONDS)
                return True
        if opened is None or not opened.is_live:
            return False
        assert opened.adapter.poll is not None, "only those are asked that can be polled"
        call = self.calls.of(opened.adapter, opened.values)
        updates, next_offset = opened.adapter.poll(call, offset, LONG_POLL_SECONDS)
        if next_offset != offset:
            with self.app.app_context():
                self._store(updates, next_offset)
        return True

    def _is_full(self, opened: OpenChannel) -> bool:
        with current_lines().line() as line:
            return ceilings.is_full(opened, 1, line)

    def _place(self) -> tuple[OpenChannel | None, int | None]:
        try:
            opened = open_channel(self.credential_id)
        except (ChannelNotFound, SecretUnreadable):
            return None, None
        place = select(BotConnection.poll_offset).where(BotConnection.credential_id == self.credential_id)
        return opened, db.session.scalar(place)

    def _store(self, updates: Sequence[Update], next_offset: int | None) -> None:
        """Updates and place together; opened anew, for it may have been switched off meanwhile."""
        opened = open_channel(self.credential_id)
        row = {"account_id": opened.account_id, "bot_id": opened.bot_id, "credential_id": opened.credential_id}
        db.session.execute(
            insert(BotConnection)
            .values(**row, poll_offset=next_offset)
            .on_conflict_do_update(index_elements=["credential_id"], set_={"poll_offset": next_offset})
        )
        inbox.receive(opened, updates)
        db.session.commit()

    def _pause(self, error: Exception) -> float:
        if isinstance(error, Throttled) and error.retry_after:
            return float(error.retry_after)
        return wait_after(self._failures)


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
        if rests():
            return set()
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
            self._locks = connect(self.app.config["PORTAL"], "worker", autocommit=True)
        return self._locks

    def _lock(self, credential_id: UUID) -> bool:
        row = self._connection().execute("SELECT pg_try_advisory_lock(%s)", [lock_number(credential_id)]).fetchone()
        return bool(row and row[0])

    def _unlock(self, credential_id: UUID) -> None:
        self._connection().execute("SELECT pg_advisory_unlock(%s)", [lock_number(credential_id)])


def lock_number(credential_id: UUID) -> int:
    """The key of the advisory lock that a bot's poller holds."""
    return int.from_bytes(hashlib.blake2b(b"poll" + credential_id.bytes, digest_size=8).digest(), "big", signed=True)
