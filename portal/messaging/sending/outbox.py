"""The outbox: queued rows of the history, claimed fairly, and what became of each noted on its row.

Claiming looks over all accounts, in the worker's system scope; notes are made within the message's account.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from portal.db.base import SCHEMA
from portal.db.cursor import execute, rows, scalars
from portal.db.moments import NOW
from portal.db.types import utc_now
from portal.messaging.sending.candidates import QueuedMessage, find_candidates
from portal.messaging.sending.room import Room
from portal.messengers.registry import PLATFORMS

# A state of rows that are found by id: written so that nobody looks for them in the index of all that is queued.
BY_ID = "coalesce(state, '')"
# What is silenced at once when a bot is off; the rest follows with the next look.
MAX_CANCELLED = 1000
# When a bot's bucket, or a queue that is being silenced, is looked at again.
SOON_SECONDS = 0.05

_MAKE_CONNECTIONS = f"""
    INSERT INTO {SCHEMA}.bot_connection (account_id, bot_id, credential_id)
    SELECT c.account_id, c.bot_id, c.id FROM {SCHEMA}.bot_platform_credential c WHERE c.id = ANY(%(credentials)s)
    ON CONFLICT (credential_id) DO NOTHING
""".encode()  # noqa: S608

# The bucket of each bot: what has flowed in since it was last asked, up to the burst; then what is taken.
_TAKE_ALLOWANCE = f"""
    WITH levels AS (
        SELECT x.id, w.count, least(w.burst, coalesce(x.allowance, w.burst)
            + w.rate * greatest(0, extract(epoch FROM {NOW} - coalesce(x.allowance_at, {NOW})))) AS level
        FROM {SCHEMA}.bot_connection x
        JOIN unnest(%(ids)s::uuid[], %(counts)s::int[], %(rates)s::float8[], %(bursts)s::float8[])
            AS w (credential_id, count, rate, burst) ON w.credential_id = x.credential_id
        WHERE x.credential_id = ANY(%(ids)s) AND (x.paused_until IS NULL OR x.paused_until <= {NOW})
        ORDER BY x.id FOR UPDATE OF x
    )
    UPDATE {SCHEMA}.bot_connection x
    SET allowance = l.level - least(l.count, floor(l.level)), allowance_at = {NOW}
    FROM levels l WHERE l.id = x.id
    RETURNING x.credential_id, least(l.count, floor(l.level))::int AS granted
""".encode()  # noqa: S608

_NOTE_CHAT_ALLOWANCE = f"""
    UPDATE {SCHEMA}.bot_dialog_state d SET allowance = t.level, allowance_at = {NOW}
    FROM unnest(%(dialogs)s::uuid[], %(levels)s::float8[]) AS t (id, level)
    WHERE d.id = ANY(%(dialogs)s) AND d.id = t.id
""".encode()  # noqa: S608

_PUT_OFF = f"""
    UPDATE {SCHEMA}.bot_message m SET due_at = {NOW} + t.wait
    FROM unnest(%(ids)s::uuid[], %(waits)s::interval[]) AS t (id, wait)
    WHERE m.id = ANY(%(ids)s) AND m.id = t.id AND coalesce(m.state, '') = 'queued'
""".encode()  # noqa: S608

_CLAIM = f"""
    WITH free AS (
        SELECT id FROM {SCHEMA}.bot_message WHERE id = ANY(%(ids)s) AND {BY_ID} = 'queued' AND due_at <= {NOW}
        ORDER BY id FOR UPDATE SKIP LOCKED
    )
    UPDATE {SCHEMA}.bot_message m
    SET state = 'sending', worker = %(worker)s, claimed_at = {NOW}, attempts = m.attempts + 1
    FROM free WHERE m.id = ANY(%(ids)s) AND m.id = free.id RETURNING m.id
""".encode()  # noqa: S608

# Apart: as a condition it may be asked again for each row, and each time it takes other ones.
_CANCEL_OF_BOTS = f"""
    WITH claimed AS MATERIALIZED (
        SELECT id FROM {SCHEMA}.bot_message WHERE credential_id = ANY(%(credentials)s) AND state = 'queued'
        ORDER BY id LIMIT {MAX_CANCELLED} FOR UPDATE SKIP LOCKED
    )
    UPDATE {SCHEMA}.bot_message SET state = 'cancelled' WHERE id IN (SELECT id FROM claimed)
""".encode()  # noqa: S608

_CANCEL = f"""
    UPDATE {SCHEMA}.bot_message SET state = 'cancelled' WHERE id IN (
        SELECT id FROM {SCHEMA}.bot_message WHERE id = ANY(%(ids)s) AND {BY_ID} = 'queued'
        ORDER BY id FOR UPDATE SKIP LOCKED
    )
""".encode()  # noqa: S608


@dataclass(frozen=True, slots=True)
class _Granted:
    credential_id: UUID
    granted: int


@dataclass(frozen=True, slots=True)
class Claims:
    """What was claimed, and in how many seconds more may be had, where that is known."""

    messages: Sequence[QueuedMessage]
    again_after: float | None = None


def claim(worker: int, room: Room, places: dict[UUID, UUID]) -> Claims:
    """Mark messages as being sent by this worker; what must not be sent any more is cancelled.

    ``places`` is where looks go on in bots with more chats than one look sees; it is kept from claim to claim.
    """
    found = find_candidates(room, places)
    silenced = sorted({row.credential_id for row in found if not row.is_live})
    if silenced:
        execute(_CANCEL_OF_BOTS, credentials=silenced)
    unwanted = [row.id for row in found if row.is_live and row.is_unwanted]
    if unwanted:
        execute(_CANCEL, ids=unwanted)
    ready = [row for row in found if row.is_live and not row.is_unwanted]
    held_up = [(row, wait) for row in ready if (wait := _wait_of_chat(row)) > 0]
    if held_up:
        waits = [timedelta(seconds=wait) for _, wait in held_up]
        execute(_PUT_OFF, ids=[row.id for row, _ in held_up], waits=waits)
    waiting = {row.id for row, _ in held_up}
    ready = [row for row in ready if row.id not in waiting]
    granted = _take_allowance(ready)
    claimed = _mark(worker, granted)
    again = [wait for _, wait in held_up]
    if len(granted) < len(ready) or silenced or unwanted or places:
        again.append(SOON_SECONDS)
    return Claims(claimed, min(again, default=None))


def _take_allowance(ready: Sequence[QueuedMessage]) -> list[QueuedMessage]:
    """The messages that the buckets of their bots have room for."""
    if not ready:
        return []
    missing = sorted({row.credential_id for row in ready if row.connection_id is None})
    if missing:
        execute(_MAKE_CONNECTIONS, credentials=missing)
    counts = Counter(row.credential_id for row in ready)
    adapters = {row.credential_id: PLATFORMS.get(row.platform) for row in ready}
    ids = sorted(counts)
    taken = rows(
        _Granted,
        _TAKE_ALLOWANCE,
        ids=ids,
        counts=[counts[each] for each in ids],
        rates=[adapter.limits.rate if (adapter := adapters[each]) else 1.0 for each in ids],
        bursts=[max(adapter.limits.burst, 1.0) if (adapter := adapters[each]) else 1.0 for each in ids],
    )
    left = Counter({each.credential_id: each.granted for each in taken})
    granted = []
    for row in ready:
        left[row.credential_id] -= 1
        if left[row.credential_id] >= 0:
            granted.append(row)
    return granted


def _mark(worker: int, granted: Sequence[QueuedMessage]) -> list[QueuedMessage]:
    if not granted:
        return []
    levels = {row.dialog_id: level for row in granted if (level := _chat_level(row)) is not None}
    if levels:
        ids = sorted(levels)
        execute(_NOTE_CHAT_ALLOWANCE, dialogs=ids, levels=[levels[each] - 1 for each in ids])
    marked = set(scalars(_CLAIM, worker=worker, ids=[row.id for row in granted]))
    return [row for row in granted if row.id in marked]


def _chat_level(row: QueuedMessage) -> float | None:
    """The chat's bucket now; only one message of a chat is ever on its way, so nobody else empties it meanwhile."""
    adapter = PLATFORMS.get(row.platform)
    if adapter is None or not adapter.limits.chat_rate:
        return None
    burst = max(adapter.limits.chat_burst, 1.0)
    if row.chat_allowance is None or row.chat_allowance_at is None:
        return burst
    passed = max((_naive_now() - row.chat_allowance_at).total_seconds(), 0.0)
    return min(burst, float(row.chat_allowance) + float(adapter.limits.chat_rate) * passed)


def _wait_of_chat(row: QueuedMessage) -> float:
    """Seconds until the chat may have its next message."""
    adapter, level = PLATFORMS.get(row.platform), _chat_level(row)
    return 0.0 if adapter is None or level is None or level >= 1 else (1 - level) / adapter.limits.chat_rate


def _naive_now() -> datetime:
    # Rows read by hand have the database's naive UTC.
    return utc_now().replace(tzinfo=None)
