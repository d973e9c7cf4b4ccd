"""Receipts: how far sent messages have come, as platforms tell it. In any order, many at once, never backwards.

They have a thread of their own, and people come first: while somebody's words wait, receipts take their time.
"""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import psycopg
from flask import Flask

from portal.conversations.models import UNSENT
from portal.db.base import SCHEMA
from portal.db.cursor import select
from portal.db.moments import NOW
from portal.messaging import queries
from portal.messaging.backoff import delay_after
from portal.messaging.due import due_receipts
from portal.messaging.events import MessageState, Receipt, UpdateKind
from portal.messaging.notices import MESSAGES_UNDELIVERED, UPDATES_UNPROCESSED, raise_for_bot
from portal.messaging.queries import HeldReceipt
from portal.messaging.transactions import is_database_away, line_transaction, run_forever, transaction
from portal.messengers.registry import PLATFORMS
from portal.telemetry.failures import failure_location

MAX_IDLE_SECONDS = 1.0
GATHER_SECONDS = 0.05
# While people wait the thread rests so many times as long as it worked.
REST = 4.0

# How far a message has come; a receipt of less than what is known changes nothing.
_RANKS = {MessageState.SENT: 1, MessageState.FAILED: 2, MessageState.DELIVERED: 3, MessageState.READ: 4}

# What waits to be sent again has not failed: the next try will tell.
_APPLY = f"""
    WITH told AS (
        SELECT m.id, m.dialog_id, m.author, CASE m.state WHEN 'sent' THEN 1 WHEN 'failed' THEN 2
            WHEN 'delivered' THEN 3 WHEN 'read' THEN 4 ELSE 0 END AS known
        FROM {SCHEMA}.bot_message m
        WHERE m.account_id = %(account)s AND m.credential_id = %(credential)s AND m.direction = 'out'
        AND (m.id = %(row)s OR m.platform_message_id = %(ref)s)
        ORDER BY m.id = %(row)s DESC NULLS LAST LIMIT 1 FOR UPDATE
    ), failed AS (
        UPDATE {SCHEMA}.bot_dialog_state d SET state = 'failed', failure = '{UNSENT}' FROM told
        WHERE d.account_id = %(account)s AND d.id = told.dialog_id AND d.state = 'running' AND told.author = 'bot'
        AND %(rank)s = 2 AND told.known < 2
    )
    UPDATE {SCHEMA}.bot_message m SET
        state = CASE WHEN %(rank)s > told.known AND NOT (%(rank)s = 2 AND m.state = 'queued')
            THEN %(state)s ELSE m.state END,
        error = CASE WHEN %(rank)s = 2 AND told.known < 2 THEN %(error)s
            WHEN %(rank)s > 2 THEN NULL ELSE m.error END,
        platform_message_id = coalesce(m.platform_message_id, %(ref)s),
        sent_at = coalesce(m.sent_at, CASE WHEN %(rank)s <> 2 THEN {NOW} END),
        delivered_at = coalesce(m.delivered_at, CASE WHEN %(rank)s >= 3 THEN {NOW} END),
        read_at = coalesce(m.read_at, CASE WHEN %(rank)s = 4 THEN {NOW} END)
    FROM told WHERE m.account_id = %(account)s AND m.id = told.id
    RETURNING m.id, m.bot_id, m.state = 'failed' AND %(rank)s = 2 AS is_news_of_failure, m.error
""".encode()  # noqa: S608


@dataclass(frozen=True, slots=True)
class Receipted:
    """The message that a receipt is about, as it stands with it."""

    id: UUID
    bot_id: UUID
    is_news_of_failure: bool
    error: str | None


class ReceiptTaker:
    """Takes the receipts of each account in turn, a batch at a time; ``is_busy`` says whether people are waiting."""

    def __init__(self, app: Flask, is_busy: Callable[[], bool], on_progress: Callable[[], None]) -> None:
        self.app, self.is_busy, self.on_progress = app, is_busy, on_progress
        self.wake = threading.Event()

    def run(self, stop: threading.Event) -> None:
        """Take what is due until ``stop``."""
        run_forever("receipts", stop, lambda: self._step(stop))

    def _step(self, stop: threading.Event) -> None:
        self.wake.wait(MAX_IDLE_SECONDS)
        self.wake.clear()
        with line_transaction(self.app):
            found = due_receipts()
        for batch in found:
            begun = time.monotonic()
            take_receipts(self.app, batch.account_id, batch.ids)
            # A receipt may have settled what a chat was waiting for.
            self.on_progress()
            if self.is_busy():
                stop.wait(REST * (time.monotonic() - begun))
        if found:
            self.wake.set()
        stop.wait(GATHER_SECONDS)


class _ToBeTold(Exception):
    """Messages have failed: people are told in the same transaction, which the session has to be in."""


def take_receipts(app: Flask, account_id: UUID, ids: Sequence[UUID]) -> None:
    """Apply receipts of one account in one transaction; where that fails, one by one."""
    try:
        try:
            with line_transaction(app, account_id):
                if _take(account_id, ids):
                    raise _ToBeTold
        except _ToBeTold:
            with transaction(app, account_id):
                _tell(_take(account_id, ids))
    except Exception as error:
        if is_database_away(error):
            raise
        if len(ids) == 1:
            _postpone(app, account_id, ids, failure_location(error))
            return
        for each in ids:
            take_receipts(app, account_id, [each])


def _tell(failed: Mapping[UUID, Mapping[str, str]]) -> None:
    """Last, and bot by bot in one order: a notice is taken after all messages, as everybody does."""
    for bot_id in sorted(failed):
        raise_for_bot(MESSAGES_UNDELIVERED, bot_id, **failed[bot_id])


def _take(account_id: UUID, ids: Sequence[UUID]) -> dict[UUID, dict[str, str]]:
    """Apply them; by bot what is to be told of messages that did not arrive."""
    told: list[tuple[HeldReceipt, psycopg.Cursor[Receipted]]] = []
    useless: list[UUID] = []
    for held in queries.lock_receipts(account_id, ids):
        receipt = _receipt_in(held)
        if receipt is None or receipt.state not in _RANKS:
            useless.append(held.id)
        else:
            told.append((held, _apply(account_id, held.credential_id, receipt)))
    applied: list[UUID] = []
    unknown: list[UUID] = []
    failed: dict[UUID, dict[str, str]] = {}
    for held, asked in told:
        message = asked.fetchone()
        (applied if message else unknown).append(held.id)
        if message and message.is_news_of_failure:
            failed[message.bot_id] = {"platform": held.platform, "error": message.error or ""}
    queries.finish_updates(account_id, applied)
    queries.finish_updates(account_id, useless, "ignored")
    if unknown:
        # It overtook our own note of the message, or it is about a message that somebody else sent.
        queries.postpone_updates(account_id, unknown, delay_after(1), error=None, at_last="ignored")
    return failed


def _receipt_in(row: HeldReceipt) -> Receipt | None:
    adapter = PLATFORMS.get(row.platform)
    inbound = adapter.inbound.read_event(json.loads(row.payload), UpdateKind.RECEIPT) if adapter else None
    return inbound.event if inbound is not None and isinstance(inbound.event, Receipt) else None


def _apply(account_id: UUID, credential_id: UUID, receipt: Receipt) -> psycopg.Cursor[Receipted]:
    """Asks for the message that the receipt is about, as it stands with it; nothing where there is none."""
    return select(
        Receipted,
        _APPLY,
        account=account_id,
        credential=credential_id,
        row=_uuid(receipt.row_id),
        ref=receipt.message_ref or None,
        state=receipt.state.value,
        rank=_RANKS[receipt.state],
        error=(receipt.error or "failed")[:200],
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _postpone(app: Flask, account_id: UUID, ids: Sequence[UUID], told: str) -> None:
    with transaction(app, account_id):
        state = queries.postpone_updates(account_id, ids, delay_after(1), error=told, at_last="dead")
        if state == "dead":
            raise_for_bot(UPDATES_UNPROCESSED, queries.bot_of_update(account_id, ids[0]))
