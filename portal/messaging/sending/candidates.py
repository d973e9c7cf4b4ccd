"""What could be sent next: looked for over all accounts, in the worker's system scope, a bounded number of each bot."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.db.base import SCHEMA
from portal.db.cursor import rows
from portal.db.moments import NOW
from portal.messaging.queries import IS_LIVE, OWNERS
from portal.messaging.sending.room import Heads, Room
from portal.messaging.shares import FOREIGN_SECONDS, LEFT_SECONDS

UNSENT_STATES = "('queued', 'sending', 'uncertain')"
# So many chats of a bot are looked at in one go.
CHATS_A_BOT = 128
# No id comes before it.
FIRST = UUID(int=0)

# Heads of chats alone: nothing earlier of the conversation is on its way. One step through the index for each bot, and
# one for each of its chats, however much waits in it; the next look goes on where this one has ended.
_HEAD = f"""
    SELECT m.id, m.dialog_id, m.seq, m.due_at, m.state = 'queued' AND m.due_at <= {NOW} AS is_due, {{step}} AS step
    FROM {SCHEMA}.bot_message m
    WHERE m.credential_id = c.id AND m.state IN {UNSENT_STATES} AND m.dialog_id {{after}}
    ORDER BY m.dialog_id, m.seq LIMIT 1
"""  # noqa: S608
# Other workers look after other chats: those come first that are this one's own.
_IS_OWN = "abs(hashtext(h.dialog_id::text)::bigint) %% %(of)s = %(place)s"
_LATER = f"interval '{FOREIGN_SECONDS} seconds'"
_HEADS = f"""
    WITH RECURSIVE waiting AS (
        (SELECT credential_id FROM {SCHEMA}.bot_message WHERE state = 'queued' ORDER BY credential_id LIMIT 1)
        UNION ALL
        SELECT n.credential_id FROM waiting w CROSS JOIN LATERAL (
            SELECT m.credential_id FROM {SCHEMA}.bot_message m
            WHERE m.state = 'queued' AND m.credential_id > w.credential_id ORDER BY m.credential_id LIMIT 1
        ) n
    )
    SELECT c.account_id, c.id AS credential_id, c.platform, seen.steps, seen.last, seen.ids, seen.since
    FROM waiting w
    JOIN {SCHEMA}.bot_platform_credential c ON c.id = w.credential_id
    {OWNERS}
    LEFT JOIN {SCHEMA}.bot_connection x ON x.credential_id = c.id
    LEFT JOIN unnest(%(bots)s::uuid[], %(places)s::uuid[]) AS former (credential_id, dialog_id)
        ON former.credential_id = c.id
    CROSS JOIN LATERAL (SELECT coalesce(former.dialog_id, '{FIRST}') AS dialog_id OFFSET 0) begin
    CROSS JOIN LATERAL (
        WITH RECURSIVE heads AS (
            ({_HEAD.format(step="1", after=">= begin.dialog_id")})
            UNION ALL
            SELECT n.* FROM heads h CROSS JOIN LATERAL ({_HEAD.format(step="h.step + 1", after="> h.dialog_id")}) n
            WHERE h.step < {CHATS_A_BOT}
        ), free AS (
            SELECT h.id, h.seq, h.due_at, h.due_at + CASE WHEN {_IS_OWN} THEN interval '0' ELSE {_LATER} END AS turn
            FROM heads h WHERE h.is_due AND NOT EXISTS (
                SELECT FROM {SCHEMA}.bot_message e
                WHERE e.dialog_id = h.dialog_id AND e.seq < h.seq AND e.state IN {UNSENT_STATES}
            ) AND ({_IS_OWN} OR h.due_at <= {NOW} - interval '{LEFT_SECONDS} seconds')
            ORDER BY turn, h.seq LIMIT %(cap)s
        )
        SELECT (SELECT count(*) FROM heads) AS steps,
            (SELECT dialog_id FROM heads ORDER BY step DESC LIMIT 1) AS last,
            (SELECT array_agg(id ORDER BY turn, seq) FROM free) AS ids,
            (SELECT array_agg(extract(epoch FROM turn)::float8 ORDER BY turn, seq) FROM free) AS since
    ) seen
    WHERE c.platform <> ALL(%(full)s) AND c.id <> ALL(%(busy)s)
        AND (NOT {IS_LIVE} OR x.paused_until IS NULL OR x.paused_until <= {NOW})
""".encode()  # noqa: S608

_CANDIDATES = f"""
    SELECT m.id, m.account_id, m.bot_id, m.credential_id, m.dialog_id, m.author, m.content, m.step_id, m.turn,
        m.attempts, extract(epoch FROM {NOW} - m.created_at)::float8 AS waited, m.maybe_twice,
        d.platform_chat_id AS chat_id, d.state AS dialog_state,
        d.allowance AS chat_allowance, d.allowance_at AS chat_allowance_at, c.platform, c.credentials,
        {IS_LIVE} AS is_live, x.id AS connection_id, x.external_id, x.problem, x.generation
    FROM unnest(%(ids)s::uuid[]) WITH ORDINALITY AS chosen (id, place)
    CROSS JOIN LATERAL (SELECT * FROM {SCHEMA}.bot_message WHERE id = chosen.id OFFSET 0) m
    JOIN {SCHEMA}.bot_dialog_state d ON d.account_id = m.account_id AND d.id = m.dialog_id
    JOIN {SCHEMA}.bot_platform_credential c ON c.account_id = m.account_id AND c.id = m.credential_id
    {OWNERS}
    LEFT JOIN {SCHEMA}.bot_connection x ON x.credential_id = c.id
    WHERE m.state = 'queued'
    ORDER BY chosen.place
""".encode()  # noqa: S608


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """One message with all that is needed to send it.

    ``waited`` is its age in seconds, ``chat_allowance_at`` the database's naive UTC.
    """

    id: UUID
    account_id: UUID
    bot_id: UUID
    credential_id: UUID
    dialog_id: UUID
    author: str
    content: dict[str, Any]
    step_id: str | None
    turn: int | None
    attempts: int
    waited: float
    maybe_twice: bool
    chat_id: str
    dialog_state: str
    chat_allowance: float | None
    chat_allowance_at: datetime | None
    platform: str
    credentials: dict[str, Any]
    is_live: bool
    connection_id: UUID | None
    external_id: str | None
    problem: str | None
    generation: int | None

    @property
    def is_unwanted(self) -> bool:
        """Whether the bot may not speak in this conversation any more; people of the chain may."""
        return self.author == "bot" and self.dialog_state in ("taken_over", "blocked")


def find_candidates(room: Room, places: dict[UUID, UUID]) -> Sequence[QueuedMessage]:
    """The messages whose turn it is; ``places``, where looks go on, is brought up to date."""
    if room.senders <= 0:
        return []
    heads = rows(
        Heads,
        _HEADS,
        bots=list(places),
        places=list(places.values()),
        cap=room.a_bot,
        of=room.share.of,
        place=room.share.place,
        busy=[bot for bot, count in room.busy_bots.items() if count >= room.a_bot],
        full=[key for key, left in room.platform_room.items() if left <= 0],
    )
    for each in heads:
        places.pop(each.credential_id, None)
        if each.steps >= CHATS_A_BOT and each.last is not None:
            places[each.credential_id] = each.last
    chosen = room.choose(heads)
    return rows(QueuedMessage, _CANDIDATES, ids=chosen) if chosen else []
