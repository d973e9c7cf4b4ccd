"""What the processors ask of the database, account by account; ``due.py`` looks over all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import args_row

from portal.db.base import SCHEMA
from portal.db.cursor import connection, execute, rows, scalar, scalars
from portal.db.moments import NOW
from portal.messaging.backoff import MAX_TRIES

IS_LIVE = "(c.is_active AND b.is_active AND a.is_active AND c.superseded_at IS NULL)"
OWNERS = f"""
    JOIN {SCHEMA}.bot_instance b ON b.account_id = c.account_id AND b.id = c.bot_id
    JOIN {SCHEMA}.account a ON a.id = c.account_id
"""

# Said in a setting of the transaction, so that what is asked in the same round trip knows of it.
_LOCK_CHAT = b"""
    SELECT set_config('getinn.chat_is_locked',
        pg_try_advisory_xact_lock(hashtextextended(%(credential)s || ' ' || %(chat)s, 0))::text, true)
"""

_HEAD = """
    SELECT u.id, u.kind, u.payload, u.attempts, u.bot_id, u.due_at <= {now} AS is_due, c.platform,
        {live} AS is_live, s.id AS live_id, r.trigger AS intake_trigger,
        coalesce(r.answers_status, false) AS answers_status, e.staff_member_id AS employee_id, e.waits_to_hear,
        u.acknowledged_at IS NOT NULL AS is_acknowledged,
        NOT EXISTS (SELECT FROM {schema}.bot_inbound_update n WHERE n.credential_id = u.credential_id
            AND n.chat_id = u.chat_id AND n.state = 'pending' AND n.kind <> 'receipt' AND n.id <> u.id) AS is_last
    FROM {schema}.bot_inbound_update u
    JOIN {schema}.bot_platform_credential c ON c.account_id = u.account_id AND c.id = u.credential_id
    {owners}
    LEFT JOIN {schema}.bot_scenario s ON s.account_id = u.account_id AND s.bot_id = u.bot_id AND s.is_live
    LEFT JOIN {schema}.bot_intake_rule r ON r.account_id = u.account_id AND r.bot_id = u.bot_id AND r.is_on
    LEFT JOIN LATERAL (
        SELECT k.staff_member_id, EXISTS (SELECT FROM {schema}.staff_message t WHERE t.account_id = k.account_id
            AND t.staff_member_id = k.staff_member_id AND t.state = 'held') AS waits_to_hear
        FROM {schema}.bot_dialog_state d
        JOIN {schema}.staff_chat k ON k.account_id = d.account_id AND k.dialog_id = d.id
        WHERE d.account_id = u.account_id AND d.bot_id = u.bot_id AND d.platform = c.platform
        AND d.platform_chat_id = u.chat_id AND d.superseded_at IS NULL LIMIT 1
    ) e ON true
    WHERE u.account_id = %(account)s AND u.credential_id = %(credential)s AND u.state = 'pending'
    AND u.kind <> 'receipt' AND u.chat_id {chat} AND current_setting('getinn.chat_is_locked') = 'true'
    ORDER BY u.position, u.seq LIMIT 1 FOR UPDATE OF u
"""
_WORDS = {"now": NOW, "live": IS_LIVE, "schema": SCHEMA, "owners": OWNERS}
_HEAD_OF_CHAT = _HEAD.format(chat="= %(chat)s", **_WORDS).encode()
_HEAD_OF_NO_CHAT = _HEAD.format(chat="IS NULL", **_WORDS).encode()

# Where rows are found by id their state is written so that nobody looks for them in the index of all that waits.
_FINISH = f"""
    UPDATE {SCHEMA}.bot_inbound_update SET state = %(state)s, processed_at = {NOW}, error = NULL
    WHERE account_id = %(account)s AND id = ANY(%(ids)s)
""".encode()  # noqa: S608

_POSTPONE = f"""
    UPDATE {SCHEMA}.bot_inbound_update SET attempts = attempts + 1, error = %(error)s,
        state = CASE WHEN attempts + 1 >= {MAX_TRIES} THEN %(at_last)s ELSE 'pending' END,
        processed_at = CASE WHEN attempts + 1 >= {MAX_TRIES} THEN {NOW} END,
        due_at = {NOW} + %(delay)s
    WHERE account_id = %(account)s AND id = ANY(%(ids)s) AND coalesce(state, '') = 'pending'
    RETURNING state
""".encode()  # noqa: S608

_DELAY = f"""
    UPDATE {SCHEMA}.bot_inbound_update SET due_at = {NOW} + %(delay)s WHERE account_id = %(account)s AND id = %(id)s
""".encode()  # noqa: S608

_BOT_OF_UPDATE = f"""
    SELECT bot_id FROM {SCHEMA}.bot_inbound_update WHERE account_id = %(account)s AND id = %(id)s
""".encode()  # noqa: S608

_RECEIPTS = f"""
    SELECT u.id, u.credential_id, u.payload, c.platform FROM {SCHEMA}.bot_inbound_update u
    JOIN {SCHEMA}.bot_platform_credential c ON c.account_id = u.account_id AND c.id = u.credential_id
    WHERE u.account_id = %(account)s AND u.id = ANY(%(ids)s) AND coalesce(u.state, '') = 'pending'
    ORDER BY u.seq FOR UPDATE OF u SKIP LOCKED
""".encode()  # noqa: S608


@dataclass(frozen=True, slots=True)
class Chat:
    """One chat of one bot; without an id it is what a platform delivers about no chat."""

    account_id: UUID
    credential_id: UUID
    chat_id: str | None


@dataclass(frozen=True, slots=True)
class Head:
    """The oldest update of a chat; ``is_live`` says whether its bot is at work, ``live_id`` on which version.

    ``intake_trigger`` is what has the answers of such chats taken into the staff record, where anything does, and
    ``answers_status`` whether such people are told what is left to do. ``employee_id`` is who writes, where the record
    knows the chat, and ``waits_to_hear`` whether there is something that they could not be told.
    ``is_acknowledged`` is of a press: it was not waited for. ``is_last`` says that no other update of the chat waits.
    """

    id: UUID
    kind: str
    payload: str
    attempts: int
    bot_id: UUID
    is_due: bool
    platform: str
    is_live: bool
    live_id: UUID | None
    intake_trigger: dict[str, Any] | None
    answers_status: bool
    employee_id: UUID | None
    waits_to_hear: bool | None
    is_acknowledged: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class HeldReceipt:
    """A receipt as the platform delivered it."""

    id: UUID
    credential_id: UUID
    payload: str
    platform: str


def lock_chat(credential_id: UUID, chat_id: str | None) -> psycopg.Cursor[Any]:
    """Ask for the chat until the transaction ends; :func:`is_locked` says whether it was to be had."""
    return connection().cursor().execute(_LOCK_CHAT, {"credential": str(credential_id), "chat": chat_id or ""})


def is_locked(asked: psycopg.Cursor[Any]) -> bool:
    """False where another worker has the chat."""
    return bool(asked.fetchall()[0][0] == "true")


def head_of_chat(account_id: UUID, credential_id: UUID, chat_id: str | None) -> psycopg.Cursor[Head]:
    """The oldest update of a chat, held, with what is needed to apply it; asked for after the chat was locked."""
    sql = _HEAD_OF_NO_CHAT if chat_id is None else _HEAD_OF_CHAT
    asking = connection().cursor(row_factory=args_row(Head))
    return asking.execute(sql, {"account": account_id, "credential": credential_id, "chat": chat_id})


def finish_updates(account_id: UUID, ids: Sequence[UUID], state: str = "done") -> None:
    """The updates have been applied, or are not to be."""
    if ids:
        execute(_FINISH, state=state, account=account_id, ids=list(ids))


def postpone_updates(
    account_id: UUID, ids: Sequence[UUID], delay: timedelta, *, error: str | None, at_last: str
) -> str:
    """Try again later; after the last try the state is ``at_last``. Gives the state of the last one."""
    states = scalars(_POSTPONE, account=account_id, ids=list(ids), delay=delay, error=error, at_last=at_last)
    return str(states[-1]) if states else ""


def delay_update(account_id: UUID, update_id: UUID, delay: timedelta) -> None:
    """Not now, and through no fault of its own."""
    execute(_DELAY, account=account_id, id=update_id, delay=delay)


def bot_of_update(account_id: UUID, update_id: UUID) -> UUID:
    """The bot that an update was delivered to."""
    bot_id: UUID = scalar(_BOT_OF_UPDATE, account=account_id, id=update_id)
    return bot_id


def lock_receipts(account_id: UUID, ids: Sequence[UUID]) -> Sequence[HeldReceipt]:
    """Those of the receipts that nobody else holds, held."""
    return rows(HeldReceipt, _RECEIPTS, account=account_id, ids=list(ids))
