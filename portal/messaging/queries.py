"""What the processors and the recovery ask of the database.

``look_around`` and ``due_*`` look over all accounts, in the worker's system scope; everything else is told its account.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from portal.db.base import SCHEMA
from portal.db.cursor import connection, execute, row, rows, scalar, scalars, select
from portal.messaging.backoff import MAX_TRIES

NOW = "timezone('utc', clock_timestamp())"
# Of one bot so many chats are looked at in one go, so that a flooded bot leaves room for the others.
CHATS_A_BOT = 32
MAX_CHATS = 256
MAX_RECEIPTS = 100

IS_LIVE = "(c.is_active AND b.is_active AND a.is_active AND c.superseded_at IS NULL)"
OWNERS = f"""
    JOIN {SCHEMA}.bot_instance b ON b.account_id = c.account_id AND b.id = c.bot_id
    JOIN {SCHEMA}.account a ON a.id = c.account_id
"""

# One step through the index for each bot that has something waiting, however much that is.
_DUE_CHATS = f"""
    WITH RECURSIVE bots AS (
        (SELECT account_id, credential_id FROM {SCHEMA}.bot_inbound_update WHERE state = 'pending'
            ORDER BY credential_id LIMIT 1)
        UNION ALL
        SELECT n.account_id, n.credential_id FROM bots CROSS JOIN LATERAL (
            SELECT u.account_id, u.credential_id FROM {SCHEMA}.bot_inbound_update u
            WHERE u.state = 'pending' AND u.credential_id > bots.credential_id ORDER BY u.credential_id LIMIT 1
        ) n
    )
    SELECT bots.account_id, bots.credential_id, chats.chat_id FROM bots CROSS JOIN LATERAL (
        SELECT heads.chat_id, row_number() OVER () AS place FROM (
            SELECT DISTINCT ON (u.chat_id) u.chat_id, u.due_at FROM {SCHEMA}.bot_inbound_update u
            WHERE u.state = 'pending' AND u.credential_id = bots.credential_id AND u.kind <> 'receipt'
            ORDER BY u.chat_id, u.position, u.seq
        ) heads WHERE heads.due_at <= {NOW} LIMIT {CHATS_A_BOT}
    ) chats ORDER BY chats.place LIMIT {MAX_CHATS}
""".encode()  # noqa: S608

_DUE_RECEIPTS = f"""
    SELECT account_id, array_agg(id ORDER BY seq) AS ids FROM (
        SELECT account_id, id, seq FROM {SCHEMA}.bot_inbound_update
        WHERE state = 'pending' AND kind = 'receipt' AND due_at <= {NOW} ORDER BY seq LIMIT {MAX_RECEIPTS}
    ) due GROUP BY account_id
""".encode()  # noqa: S608

# Timers wait while a bot is off, and go on afterwards.
_DUE_TIMERS = f"""
    SELECT d.account_id, c.id AS credential_id, d.platform_chat_id AS chat_id, d.id AS dialog_id
    FROM {SCHEMA}.bot_dialog_state d
    JOIN {SCHEMA}.bot_platform_credential c
        ON c.bot_id = d.bot_id AND c.platform = d.platform AND c.superseded_at IS NULL
    {OWNERS}
    WHERE d.wake_at <= {NOW} AND d.state = 'running' AND d.superseded_at IS NULL AND {IS_LIVE}
    AND d.id <> ALL(%(in_hand)s)
    ORDER BY d.wake_at LIMIT {MAX_CHATS}
""".encode()  # noqa: S608

_NEXT_TIMER = f"""
    SELECT extract(epoch FROM min(wake_at) - {NOW})::float8 AS seconds FROM {SCHEMA}.bot_dialog_state
    WHERE wake_at > {NOW} AND wake_at < {NOW} + interval '2 seconds'
""".encode()  # noqa: S608

_DUE_HAND_BACKS = f"""
    SELECT account_id, id AS dialog_id FROM {SCHEMA}.bot_dialog_state
    WHERE hand_back_at <= {NOW} AND state = 'taken_over' AND superseded_at IS NULL ORDER BY hand_back_at LIMIT 100
""".encode()  # noqa: S608

_LOCK_CHAT = b"SELECT pg_try_advisory_xact_lock(hashtextextended(%(credential)s || ' ' || %(chat)s, 0))"

_HEAD = """
    SELECT u.id, u.kind, u.payload, u.attempts, u.bot_id, u.due_at <= {now} AS is_due, c.platform,
        {live} AS is_live, s.id AS live_id
    FROM {schema}.bot_inbound_update u
    JOIN {schema}.bot_platform_credential c ON c.account_id = u.account_id AND c.id = u.credential_id
    {owners}
    LEFT JOIN {schema}.bot_scenario s ON s.account_id = u.account_id AND s.bot_id = u.bot_id AND s.is_live
    WHERE u.account_id = %(account)s AND u.credential_id = %(credential)s AND u.state = 'pending'
    AND u.kind <> 'receipt' AND u.chat_id {chat}
    ORDER BY u.position, u.seq LIMIT 1 FOR UPDATE OF u
"""
_WORDS = {"now": NOW, "live": IS_LIVE, "schema": SCHEMA, "owners": OWNERS}
_HEAD_OF_CHAT = _HEAD.format(chat="= %(chat)s", **_WORDS).encode()
_HEAD_OF_NO_CHAT = _HEAD.format(chat="IS NULL", **_WORDS).encode()

_FINISH = f"""
    UPDATE {SCHEMA}.bot_inbound_update SET state = %(state)s, processed_at = {NOW}, error = NULL
    WHERE account_id = %(account)s AND id = ANY(%(ids)s)
""".encode()  # noqa: S608

_POSTPONE = f"""
    UPDATE {SCHEMA}.bot_inbound_update SET attempts = attempts + 1, error = %(error)s,
        state = CASE WHEN attempts + 1 >= {MAX_TRIES} THEN %(at_last)s ELSE 'pending' END,
        processed_at = CASE WHEN attempts + 1 >= {MAX_TRIES} THEN {NOW} END,
        due_at = {NOW} + %(delay)s
    WHERE account_id = %(account)s AND id = ANY(%(ids)s) AND state = 'pending'
    RETURNING state
""".encode()  # noqa: S608

_BOT_OF_UPDATE = f"""
    SELECT bot_id FROM {SCHEMA}.bot_inbound_update WHERE account_id = %(account)s AND id = %(id)s
""".encode()  # noqa: S608

_RECEIPTS = f"""
    SELECT u.id, u.credential_id, u.payload, c.platform FROM {SCHEMA}.bot_inbound_update u
    JOIN {SCHEMA}.bot_platform_credential c ON c.account_id = u.account_id AND c.id = u.credential_id
    WHERE u.account_id = %(account)s AND u.id = ANY(%(ids)s) AND u.state = 'pending'
    ORDER BY u.seq FOR UPDATE OF u SKIP LOCKED
""".encode()  # noqa: S608


@dataclass(frozen=True, slots=True)
class Chat:
    """One chat of one bot; without an id it is what a platform delivers about no chat."""

    account_id: UUID
    credential_id: UUID
    chat_id: str | None


@dataclass(frozen=True, slots=True)
class Timer:
    """A conversation that is to go on by itself."""

    account_id: UUID
    credential_id: UUID
    chat_id: str
    dialog_id: UUID


@dataclass(frozen=True, slots=True)
class DueReceipts:
    """Receipts of one account, in the order in which they came."""

    account_id: UUID
    ids: list[UUID]


@dataclass(frozen=True, slots=True)
class HandBack:
    """A conversation that nobody has any right to hold any more."""

    account_id: UUID
    dialog_id: UUID


@dataclass(frozen=True, slots=True)
class Head:
    """The oldest update of a chat; ``is_live`` says whether its bot is at work, ``live_id`` on which version."""

    id: UUID
    kind: str
    payload: str
    attempts: int
    bot_id: UUID
    is_due: bool
    platform: str
    is_live: bool
    live_id: UUID | None


@dataclass(frozen=True, slots=True)
class HeldReceipt:
    """A receipt as the platform delivered it."""

    id: UUID
    credential_id: UUID
    payload: str
    platform: str


@dataclass(frozen=True, slots=True)
class Due:
    """Chats whose oldest update is due, the bots in turn; receipts by account; conversations whose time has come.

    ``next_timer`` is in how many seconds another conversation goes on by itself, where that is soon.
    """

    chats: Sequence[Chat]
    receipts: Sequence[DueReceipts]
    timers: Sequence[Timer]
    next_timer: float | None


@dataclass(frozen=True, slots=True)
class _NextTimer:
    seconds: float | None


def look_around(timers_in_hand: Collection[UUID]) -> Due:
    """Everything that is due, in one round trip."""
    with connection().pipeline():
        chats = select(Chat, _DUE_CHATS)
        receipts = select(DueReceipts, _DUE_RECEIPTS)
        timers = select(Timer, _DUE_TIMERS, in_hand=list(timers_in_hand))
        next_timer = select(_NextTimer, _NEXT_TIMER)
    [next_timer_row] = next_timer.fetchall()
    return Due(chats.fetchall(), receipts.fetchall(), timers.fetchall(), next_timer_row.seconds)


def due_hand_backs() -> Sequence[HandBack]:
    """Those whose holder's time is up."""
    return rows(HandBack, _DUE_HAND_BACKS)


def lock_chat(credential_id: UUID, chat_id: str | None) -> bool:
    """Take the chat for the rest of the transaction; false where another worker has it."""
    return bool(scalar(_LOCK_CHAT, credential=str(credential_id), chat=chat_id or ""))


def head_of_chat(account_id: UUID, credential_id: UUID, chat_id: str | None) -> Head | None:
    """The oldest update of a chat, held, with what is needed to apply it; read after the chat was locked."""
    sql = _HEAD_OF_NO_CHAT if chat_id is None else _HEAD_OF_CHAT
    return row(Head, sql, account=account_id, credential=credential_id, chat=chat_id)


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


def bot_of_update(account_id: UUID, update_id: UUID) -> UUID:
    """The bot that an update was delivered to."""
    bot_id: UUID = scalar(_BOT_OF_UPDATE, account=account_id, id=update_id)
    return bot_id


def lock_receipts(account_id: UUID, ids: Sequence[UUID]) -> Sequence[HeldReceipt]:
    """Those of the receipts that nobody else holds, held."""
    return rows(HeldReceipt, _RECEIPTS, account=account_id, ids=list(ids))
