"""One bot's updates, fetched in turn: ask, store, go on from there."""

import logging
import threading
from collections.abc import Sequence
from uuid import UUID

from flask import Flask
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from portal.accounts.models import Account
from portal.bots.models import BotInstance, BotPlatformCredential
from portal.channels.connection import BotConnection
from portal.channels.open_channel import NoSuchPlatform, OpenedPlatform, open_platform
from portal.db.base import db
from portal.db.secrets import SecretUnreadable
from portal.messaging.backoff import wait_after
from portal.messaging.events import Update
from portal.messaging.receiving import inbox
from portal.messengers.calls import Calls
from portal.messengers.errors import SendFailed, Throttled
from portal.messengers.registry import PLATFORMS
from portal.tenancy.scope import unscoped

log = logging.getLogger(__name__)

# Platforms allow 50. A poller that is told to end waits for the answer that it asked for last: cut off, the platform
# would hold the line open and refuse the next poller for as long.
LONG_POLL_SECONDS = 3


def bots_to_poll() -> set[UUID]:
    """Every platform that is switched on and hands out its updates on request."""
    with unscoped("worker"):
        return set(
            db.session.scalars(
                select(BotPlatformCredential.id)
                .join(BotInstance, BotInstance.id == BotPlatformCredential.bot_id)
                .join(Account, Account.id == BotPlatformCredential.account_id)
                .where(
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
            except Exception as error:
                self._failures += 1
                # The words of an error may quote what people wrote.
                told = error.code if isinstance(error, SendFailed) else type(error).__name__
                log.warning("polling %s failed %s times: %s", self.credential_id, self._failures, told)
                self._ended.wait(self._pause(error))

    def _poll(self) -> bool:
        """One request and what it brought; false where there is nothing to poll any more."""
        with self.app.app_context():
            opened, offset = self._place()
        if opened is None or not opened.is_live:
            return False
        call = self.calls.of(opened.adapter, opened.values)
        updates, next_offset = opened.adapter.poll(call, offset, LONG_POLL_SECONDS)
        if next_offset != offset:
            with self.app.app_context():
                self._store(updates, next_offset)
        return True

    def _place(self) -> tuple[OpenedPlatform | None, int | None]:
        try:
            opened = open_platform(self.credential_id)
        except (NoSuchPlatform, SecretUnreadable):
            return None, None
        place = select(BotConnection.poll_offset).where(BotConnection.credential_id == self.credential_id)
        return opened, db.session.scalar(place)

    def _store(self, updates: Sequence[Update], next_offset: int | None) -> None:
        """Updates and place together; opened anew, for it may have been switched off meanwhile."""
        opened = open_platform(self.credential_id)
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
