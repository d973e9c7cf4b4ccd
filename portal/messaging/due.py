"""What is due, looked for over all accounts in the worker's system scope; nobody's queue makes a look long.

Each look steps through an index from one account, bot or chat to the next, and takes a bounded number of each.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import TypeVar
from uuid import UUID

from psycopg.rows import args_row

from portal.db.base import SCHEMA
from portal.db.cursor import connection, rows, select
from portal.db.moments import STATEMENT_NOW as NOW
from portal.messaging.queries import IS_LIVE, OWNERS, Chat
from portal.messaging.shares import FOREIGN_SECONDS, LEFT_SECONDS, Share

# So many chats of a bot are looked at in one go; the next look goes on from there.
CHATS_A_BOT = 256
MAX_TIMERS = 256
MAX_RECEIPTS = 100
MAX_PRESSES = 20
# A press waits so long for its step, whose words go along; messengers themselves wait for about a minute.
PATIENCE = "interval '0.4 seconds'"
TOO_LATE = "interval '50 seconds'"

# From one chat to the next, however much waits in each; the chat that the last look ended with is seen once more.
_HEAD = f"""
    SELECT u.chat_id, u.due_at <= {NOW} AS is_due, extract(epoch FROM u.due_at)::float8 AS since,
        extract(epoch FROM {NOW} - u.due_at)::float8 AS waited, {{place}} AS place
    FROM {SCHEMA}.bot_inbound_update u
    WHERE u.state = 'pending' AND u.kind <> 'receipt' AND u.credential_id = bots.credential_id AND u.chat_id {{after}}
    ORDER BY u.chat_id, u.position, u.seq LIMIT 1
"""  # noqa: S608
_DUE_CHATS = f"""
    WITH RECURSIVE bots AS (
        (SELECT account_id, credential_id FROM {SCHEMA}.bot_inbound_update
            WHERE state = 'pending' AND kind <> 'receipt' ORDER BY credential_id LIMIT 1)
        UNION ALL
        SELECT n.account_id, n.credential_id FROM bots CROSS JOIN LATERAL (
            SELECT u.account_id, u.credential_id FROM {SCHEMA}.bot_inbound_update u
            WHERE u.state = 'pending' AND u.kind <> 'receipt' AND u.credential_id > bots.credential_id
            ORDER BY u.credential_id LIMIT 1
        ) n
    )
    SELECT bots.account_id, bots.credential_id, chats.chat_id, chats.is_due, chats.since, chats.waited FROM bots
    LEFT JOIN unnest(%(bots)s::uuid[], %(places)s::text[]) AS former (credential_id, chat_id)
        ON former.credential_id = bots.credential_id
    CROSS JOIN LATERAL (SELECT coalesce(former.chat_id, '') AS chat_id OFFSET 0) begin
    CROSS JOIN LATERAL (
        WITH RECURSIVE heads AS (
            ({_HEAD.format(place="1", after=">= begin.chat_id")})
            UNION ALL
            SELECT n.* FROM heads h CROSS JOIN LATERAL ({_HEAD.format(place="h.place + 1", after="> h.chat_id")}) n
            WHERE h.place < {CHATS_A_BOT}
        )
        SELECT * FROM heads UNION ALL ({_HEAD.format(place="0", after="IS NULL")})
    ) chats
    WHERE bots.account_id <> ALL(%(crowded)s)
""".encode()  # noqa: S608

_ACCOUNTS = f"""
    WITH RECURSIVE accounts AS (
        (SELECT account_id FROM {SCHEMA}.bot_inbound_update WHERE {{which}} ORDER BY account_id LIMIT 1)
        UNION ALL
        SELECT n.account_id FROM accounts a CROSS JOIN LATERAL (
            SELECT u.account_id FROM {SCHEMA}.bot_inbound_update u
            WHERE {{which}} AND u.account_id > a.account_id ORDER BY u.account_id LIMIT 1
        ) n
    )
"""  # noqa: S608
_RECEIPTS = "state = 'pending' AND kind = 'receipt'"
_DUE_RECEIPTS = f"""
    {_ACCOUNTS.format(which=_RECEIPTS)}
    SELECT a.account_id, due.ids FROM accounts a CROSS JOIN LATERAL (
        SELECT array_agg(id ORDER BY seq) AS ids FROM (
            SELECT id, seq FROM {SCHEMA}.bot_inbound_update
            WHERE account_id = a.account_id AND {_RECEIPTS} AND due_at <= {NOW} ORDER BY due_at LIMIT {MAX_RECEIPTS}
        ) first
    ) due WHERE due.ids IS NOT NULL
""".encode()  # noqa: S608

# Noted before it is done: once, whatever comes of it. A press that is being worked on is left to its step.
_PRESSES = "state = 'pending' AND kind = 'press' AND acknowledged_at IS NULL"
_TAKE_PRESSES = f"""
    {_ACCOUNTS.format(which=_PRESSES)}, due AS MATERIALIZED (
        SELECT a.account_id, press.id FROM accounts a CROSS JOIN LATERAL (
            SELECT id FROM {SCHEMA}.bot_inbound_update
            WHERE account_id = a.account_id AND {_PRESSES}
                AND created_at BETWEEN {NOW} - {TOO_LATE} AND {NOW} - {PATIENCE}
            ORDER BY created_at LIMIT {MAX_PRESSES} FOR UPDATE SKIP LOCKED
        ) press
    )
    UPDATE {SCHEMA}.bot_inbound_update u SET acknowledged_at = {NOW} FROM due, {SCHEMA}.bot_platform_credential c
    WHERE u.account_id = due.account_id AND u.id = due.id AND c.account_id = u.account_id AND c.id = u.credential_id
    RETURNING u.account_id, u.credential_id, c.platform, u.payload
""".encode()  # noqa: S608

# Timers wait while a bot is off, and go on afterwards.
_DUE_TIMERS = f"""
    SELECT d.account_id, c.id AS credential_id, d.platform_chat_id AS chat_id, d.id AS dialog_id,
        extract(epoch FROM {NOW} - d.wake_at)::float8 AS waited
    FROM {SCHEMA}.bot_dialog_state d
    JOIN {SCHEMA}.bot_platform_credential c
        ON c.bot_id = d.bot_id AND c.platform = d.platform AND c.superseded_at IS NULL
    {OWNERS}
    WHERE d.wake_at <= {NOW} AND d.state = 'running' AND d.superseded_at IS NULL AND {IS_LIVE}
    AND d.id <> ALL(%(in_hand)s) AND d.account_id <> ALL(%(crowded)s)
    ORDER BY d.wake_at LIMIT {MAX_TIMERS}
""".encode()  # noqa: S608

_NEXT_TIMER = f"""
    SELECT extract(epoch FROM min(wake_at) - {NOW})::float8 AS seconds FROM {SCHEMA}.bot_dialog_state
    WHERE wake_at > {NOW} AND wake_at < {NOW} + interval '2 seconds'
""".encode()  # noqa: S608

_DUE_HAND_BACKS = f"""
    SELECT account_id, id AS dialog_id FROM {SCHEMA}.bot_dialog_state
    WHERE hand_back_at <= {NOW} AND state = 'taken_over' AND superseded_at IS NULL ORDER BY hand_back_at LIMIT 100
""".encode()  # noqa: S608


@dataclass(frozen=True, slots=True)
class Timer:
    """A conversation that is to go on by itself, ``waited`` seconds ago."""

    account_id: UUID
    credential_id: UUID
    chat_id: str
    dialog_id: UUID
    waited: float = 0.0

    @property
    def key(self) -> str:
        """What shares go by."""
        return str(self.dialog_id)


@dataclass(frozen=True, slots=True)
class DueReceipts:
    """Receipts of one account, in the order in which they came."""

    account_id: UUID
    ids: list[UUID]


@dataclass(frozen=True, slots=True)
class TakenPress:
    """A press that is acknowledged without waiting for its step."""

    account_id: UUID
    credential_id: UUID
    platform: str
    payload: str


@dataclass(frozen=True, slots=True)
class HandBack:
    """A conversation that nobody has any right to hold any more."""

    account_id: UUID
    dialog_id: UUID


@dataclass(frozen=True, slots=True)
class DueChat:
    """A chat whose oldest update is due; ``since`` when that was, in seconds since 1970."""

    chat: Chat
    since: float


@dataclass(frozen=True, slots=True)
class Due:
    """Chats whose oldest update is due, the accounts in turn, in each the oldest first; conversations to go on.

    ``next_timer`` is in how many seconds another conversation goes on by itself, where that is soon. ``places`` is
    where the next look goes on in bots that have more chats than one look sees.
    """

    chats: Sequence[DueChat]
    timers: Sequence[Timer]
    next_timer: float | None
    places: Mapping[UUID, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Seen:
    account_id: UUID
    credential_id: UUID
    chat_id: str | None
    is_due: bool
    since: float
    waited: float

    @property
    def key(self) -> str:
        """What shares go by."""
        return f"{self.credential_id} {self.chat_id}"


Work = TypeVar("Work", _Seen, Timer)


@dataclass(frozen=True, slots=True)
class _NextTimer:
    seconds: float | None


def look_around(
    timers_in_hand: Collection[UUID], crowded: Sequence[UUID], places: Mapping[UUID, str], share: Share
) -> Due:
    """What conversations have to do, in one round trip; not that of accounts of which enough is known.

    What is in another worker's ``share`` is left to it for a while.
    """
    asking = connection().cursor(row_factory=args_row(_Seen))
    former = {"bots": list(places), "places": list(places.values())}
    chats = asking.execute(_DUE_CHATS, former | {"crowded": list(crowded)})
    timers = select(Timer, _DUE_TIMERS, in_hand=list(timers_in_hand), crowded=list(crowded))
    next_timer = select(_NextTimer, _NEXT_TIMER)
    seen = chats.fetchall()
    ours = _to_look_after([each for each in seen if each.is_due], share)
    own_timers = _to_look_after(timers.fetchall(), share)
    return Due(_in_turns(ours, share), own_timers, next_timer.fetchall()[0].seconds, _next_places(seen))


def _to_look_after(due: Sequence[Work], share: Share) -> list[Work]:
    """What is in our share; of the rest what was left lying, and hardly any of that while we have work of our own."""
    own = [each for each in due if share.owns(each.key)]
    patience = FOREIGN_SECONDS if own else LEFT_SECONDS
    return own + [each for each in due if each.waited >= patience and not share.owns(each.key)]


def _in_turns(due: Iterable[_Seen], share: Share) -> list[DueChat]:
    by_account: dict[UUID, list[DueChat]] = {}
    for each in due:
        since = each.since if share.owns(each.key) else each.since + FOREIGN_SECONDS
        found = DueChat(Chat(each.account_id, each.credential_id, each.chat_id), since)
        by_account.setdefault(each.account_id, []).append(found)
    queues = [sorted(chats, key=lambda found: found.since) for chats in by_account.values()]
    return [found for found in chain.from_iterable(zip_longest(*queues)) if found is not None]


def _next_places(seen: Iterable[_Seen]) -> dict[UUID, str]:
    """A bot of which one look did not see all goes on after the last chat; any other begins anew."""
    chats: dict[UUID, list[str]] = {}
    for each in seen:
        if each.chat_id is not None:
            chats.setdefault(each.credential_id, []).append(each.chat_id)
    return {bot: ids[-1] for bot, ids in chats.items() if len(ids) >= CHATS_A_BOT}


def due_receipts() -> Sequence[DueReceipts]:
    """The next ones of each account."""
    return rows(DueReceipts, _DUE_RECEIPTS)


def take_presses() -> Sequence[TakenPress]:
    """Those that have waited for their step long enough, the oldest of each account; they are ours to acknowledge."""
    return rows(TakenPress, _TAKE_PRESSES)


def due_hand_backs() -> Sequence[HandBack]:
    """Those whose holder's time is up."""
    return rows(HandBack, _DUE_HAND_BACKS)
