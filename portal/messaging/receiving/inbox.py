"""What platforms delivered, put into the inbox: each update once, however often it is delivered."""

import hashlib
import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import psycopg

from portal.channels.open_channel import OpenedPlatform
from portal.db.base import SCHEMA
from portal.messaging.events import Update, UpdateKind
from portal.messaging.receiving.payloads import write_json
from portal.web.listing.reading import cursor
from portal.web.text import is_storable

# Both stand in indexes, whose entries are small; no platform's own are anywhere near.
LONGEST_KEY = 200
_BIGINT = 2**63

_COLUMNS = "account_id, bot_id, credential_id, dedupe_key, kind, chat_id, position, payload, state, processed_at"
_ONCE = "ON CONFLICT (account_id, credential_id, dedupe_key) DO NOTHING"
_PROCESSED = "CASE WHEN {} = 'ignored' THEN timezone('utc', clock_timestamp()) END"
_RECEIVE = f"""
    INSERT INTO {SCHEMA}.bot_inbound_update ({_COLUMNS})
    SELECT %s, %s, %s, key, kind, chat, position, payload, state, {_PROCESSED.format("state")}
    FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[])
        WITH ORDINALITY AS told (key, kind, chat, position, payload, state, place)
    ORDER BY place {_ONCE}
""".encode()  # noqa: S608
# Enters the account by itself: the row's own account is what the setting answers, so it is set before it is asked for.
_RECEIVE_ALONE = f"""
    INSERT INTO {SCHEMA}.bot_inbound_update ({_COLUMNS})
    SELECT set_config('getinn.account_id', %s, true)::uuid, %s, %s, %s, %s, %s, %s, %s, state,
        {_PROCESSED.format("state")}
    FROM (SELECT %s::text AS state) AS told {_ONCE}
""".encode()  # noqa: S608
# Nobody waits for somebody else who is changing the connection.
_NOTE_TIME = f"""
    UPDATE {SCHEMA}.bot_connection SET last_update_at = timezone('utc', clock_timestamp())
    WHERE id = (
        SELECT id FROM {SCHEMA}.bot_connection WHERE credential_id = %s AND account_id = %s
        AND (last_update_at IS NULL OR last_update_at < timezone('utc', clock_timestamp()) - interval '1 minute')
        FOR NO KEY UPDATE SKIP LOCKED
    )
""".encode()  # noqa: S608
NOTED_EVERY_SECONDS = 60.0
_noted: dict[UUID, float] = {}


def receive(platform: OpenedPlatform, updates: Sequence[Update]) -> int:
    """Store what was not stored before, in its order; how many that were. The account is entered; the caller commits.

    What comes for a platform that is off, and what is about nothing that a conversation could use, is kept as
    ``ignored``: it is known when it is delivered again, and nobody works on it.
    """
    if not updates:
        return 0
    if _is_to_be_noted(platform):
        _noted[platform.credential_id] = time.monotonic()
        cursor().execute(_NOTE_TIME, (platform.credential_id, platform.account_id))
    owner = (platform.account_id, platform.bot_id, platform.credential_id)
    columns = (list(column) for column in zip(*(_row(platform, update) for update in updates), strict=True))
    return cursor().execute(_RECEIVE, (*owner, *columns)).rowcount


def receive_alone(platform: OpenedPlatform, update: Update, line: psycopg.Cursor[Any]) -> int:
    """The same for a single update, in one statement that is a transaction of its own: when it returns, all is kept."""
    owner = (str(platform.account_id), platform.bot_id, platform.credential_id)
    return line.execute(_RECEIVE_ALONE, (*owner, *_row(platform, update))).rowcount


def is_simple(platform: OpenedPlatform, updates: Sequence[Update]) -> bool:
    """Whether :func:`receive_alone` does: a single update for the very platform, whose time was noted already."""
    return len(updates) == 1 and updates[0].route is None and not _is_to_be_noted(platform)


def _is_to_be_noted(platform: OpenedPlatform) -> bool:
    return time.monotonic() - _noted.get(platform.credential_id, -NOTED_EVERY_SECONDS) >= NOTED_EVERY_SECONDS


def _row(platform: OpenedPlatform, update: Update) -> tuple[str, str, str | None, int, str, str]:
    return (
        indexable(update.dedupe_key),
        update.kind.value,
        None if update.chat_id is None else indexable(update.chat_id),
        update.position if -_BIGINT <= update.position < _BIGINT else 0,
        write_json(update.payload),
        "pending" if platform.is_live and update.kind is not UpdateKind.UNKNOWN else "ignored",
    )


def indexable(key: str) -> str:
    """The key itself, or its hash where PostgreSQL could not hold or index it."""
    if len(key) <= LONGEST_KEY and is_storable(key):
        return key
    return "sha256:" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
