"""The recovery: what workers left behind that died at work, and conversations whose holder's time is up."""

import logging
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask import Flask

from portal.conversations.conversation import Conversation
from portal.conversations.locking import lock_conversation
from portal.conversations.models import UNSENT
from portal.db.base import SCHEMA
from portal.db.cursor import execute, rows, scalars
from portal.db.moments import NOW
from portal.db.types import utc_now
from portal.messaging.backoff import MAX_TRIES
from portal.messaging.due import due_hand_backs
from portal.messaging.events import MessageState
from portal.messaging.notices import MESSAGES_UNDELIVERED, raise_for_bot
from portal.messaging.presence import LOCK_CLASS
from portal.messaging.sending.retry_policy import RECEIPT_SECONDS
from portal.messaging.transactions import is_database_away, run_forever, transaction
from portal.messengers.registry import PLATFORMS
from portal.scenarios.engine.state import ConversationStatus
from portal.telemetry.failures import failure_location
from portal.tenancy.scope import account_scope

log = logging.getLogger(__name__)

EVERY_SECONDS = 1.0
# Longer than a worker needs to come back after the database was away: its lock is gone, and it is alive.
GONE_SECONDS = 2.5
# No call takes as long; whoever had it in hand could not note what came of it.
MAX_SENDING = timedelta(minutes=5)

_GONE = f"""
    SELECT DISTINCT m.worker FROM {SCHEMA}.bot_message m
    WHERE m.state = 'sending' AND m.worker IS NOT NULL AND NOT EXISTS (
        SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
        AND l.classid::bigint = {LOCK_CLASS} AND l.objid::bigint = m.worker
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
""".encode()  # noqa: S608

# Nobody knows whether it was accepted. Where a receipt will tell, it is waited for.
_UNCERTAIN = f"""
    UPDATE {SCHEMA}.bot_message m SET state = 'uncertain',
        due_at = {NOW} + CASE WHEN c.platform = ANY(%(resolving)s) THEN %(receipt)s ELSE interval '0' END
    FROM {SCHEMA}.bot_platform_credential c
    WHERE c.account_id = m.account_id AND c.id = m.credential_id AND m.state = 'sending'
        AND (m.worker = ANY(%(gone)s) OR m.claimed_at < {NOW} - %(longest)s)
""".encode()  # noqa: S608

_AGAIN = f"""
    WITH again AS (
        UPDATE {SCHEMA}.bot_message SET maybe_twice = true, due_at = {NOW},
            state = CASE WHEN attempts < {MAX_TRIES} THEN 'queued' ELSE 'failed' END,
            error = CASE WHEN attempts < {MAX_TRIES} THEN NULL ELSE coalesce(error, 'unclear') END
        WHERE state = 'uncertain' AND due_at <= {NOW}
        RETURNING id, dialog_id, state, author, account_id, bot_id, credential_id, error
    ), halted AS (
        UPDATE {SCHEMA}.bot_dialog_state d SET state = 'failed', failure = '{UNSENT}' FROM again
        WHERE d.id = again.dialog_id AND again.state = 'failed' AND again.author = 'bot' AND d.state = 'running'
    )
    SELECT again.state, again.account_id, again.bot_id, again.error, c.platform FROM again
    JOIN {SCHEMA}.bot_platform_credential c ON c.account_id = again.account_id AND c.id = again.credential_id
""".encode()  # noqa: S608


@dataclass(frozen=True, slots=True)
class Retried:
    """A message of unknown fate: queued once more, or given up."""

    state: str
    account_id: UUID
    bot_id: UUID
    error: str | None
    platform: str


class Recovery:
    """Looks around every second; a worker counts as dead when it is found gone for a while, look after look."""

    def __init__(self, app: Flask, queued: threading.Event) -> None:
        self.app, self.queued = app, queued
        self._gone_since: dict[int, float] = {}

    def run(self, stop: threading.Event) -> None:
        """Sweep until ``stop``."""

        def work() -> None:
            self.sweep()
            stop.wait(EVERY_SECONDS)

        run_forever("recovery", stop, work)

    def sweep(self) -> None:
        """One look around."""
        try:
            with transaction(self.app):
                dead = self._dead(scalars(_GONE))
                released = self.release(dead)
                due = due_hand_backs()
        except Exception:
            # What was seen before the database went away says nothing about who is there now.
            self._gone_since.clear()
            raise
        if released:
            self.queued.set()
        for row in due:
            self._hand_back(row.account_id, row.dialog_id)

    def release(self, dead: Sequence[int]) -> int:
        """Take back what dead workers had in hand; how many messages are to be sent once more."""
        resolving = [key for key, adapter in PLATFORMS.items() if adapter.resolves_uncertain]
        receipt = timedelta(seconds=RECEIPT_SECONDS)
        found = execute(_UNCERTAIN, resolving=resolving, receipt=receipt, longest=MAX_SENDING, gone=list(dead))
        if found:
            log.warning("%s messages of workers that are gone", found)
        again = rows(Retried, _AGAIN)
        failed = {(each.account_id, each.bot_id): each for each in again if each.state == MessageState.FAILED}
        for account_id, bot_id in sorted(failed):
            lost = failed[account_id, bot_id]
            with account_scope(account_id):
                raise_for_bot(MESSAGES_UNDELIVERED, bot_id, platform=lost.platform, error=lost.error)
        return len(again)

    def _dead(self, gone: Iterable[int]) -> list[int]:
        now = time.monotonic()
        self._gone_since = {worker: self._gone_since.get(worker, now) for worker in gone}
        return [worker for worker, since in self._gone_since.items() if now - since >= GONE_SECONDS]

    def _hand_back(self, account_id: UUID, dialog_id: UUID) -> None:
        try:
            with transaction(self.app, account_id):
                conversation = lock_conversation(dialog_id)
                is_due = (
                    conversation is not None
                    and conversation.hand_back_at is not None
                    and conversation.hand_back_at <= utc_now()
                )
                if conversation is not None and is_due and conversation.state == ConversationStatus.TAKEN_OVER:
                    Conversation(conversation).hand_back()
        except Exception as error:
            if is_database_away(error):
                raise
            log.warning("handing back conversation %s: %s", dialog_id, failure_location(error))
