"""What platforms delivered, put into the inbox: each update once, however often it is delivered."""

import hashlib
import json
import math
import re
import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import psycopg

from portal.channels.open_channel import OpenChannel, open_others
from portal.db.base import SCHEMA
from portal.db.cursor import execute
from portal.db.moments import NOW
from portal.messaging.chat_aliases import CHAT_OF, NOTE_ALIASES, aliases_in
from portal.messaging.events import Update, UpdateKind
from portal.web.values import is_storable

# Both stand in indexes, whose entries are small; no platform's own are anywhere near.
MAX_KEY = 200
_BIGINT = 2**63

_COLUMNS = "account_id, bot_id, credential_id, dedupe_key, kind, chat_id, position, payload, state, processed_at"
_ONCE = "ON CONFLICT (account_id, credential_id, dedupe_key) DO NOTHING"
_PROCESSED = f"CASE WHEN {{}} = 'ignored' THEN {NOW} END"
_RECEIVE = f"""
    INSERT INTO {SCHEMA}.bot_inbound_update ({_COLUMNS})
    SELECT %(account)s::uuid, %(bot)s::uuid, %(credential)s, key, kind, {{chat}}, position, payload, state,
        {_PROCESSED.format("state")}
    FROM unnest(%(key)s::text[], %(kind)s::text[], %(chat)s::text[], %(position)s::bigint[], %(payload)s::text[],
        %(state)s::text[], %(alias)s::text[]) WITH ORDINALITY
        AS told (key, kind, chat, position, payload, state, alias, place)
    ORDER BY place {_ONCE}
"""  # noqa: S608
_RECEIVE_PLAIN = _RECEIVE.format(chat="chat").encode()
# Of people who have more than one id the conversation is looked for by the one that stays.
_RECEIVE_NAMED = _RECEIVE.format(chat=CHAT_OF.format(alias="told.alias", chat="told.chat")).encode()
_ENTER = b"SELECT set_config('getinn.account_id', %(account)s, true)"
# Enters the account by itself: the row's own account is what the setting answers, so it is set before it is asked for.
_RECEIVE_ALONE = f"""
    INSERT INTO {SCHEMA}.bot_inbound_update ({_COLUMNS})
    SELECT set_config('getinn.account_id', %(account)s, true)::uuid, %(bot)s, %(credential)s, %(key)s, %(kind)s,
        %(chat)s, %(position)s, %(payload)s, state, {_PROCESSED.format("state")}
    FROM (SELECT %(state)s::text AS state) AS told {_ONCE}
""".encode()  # noqa: S608
# Nobody waits for somebody else who is changing the connection.
_NOTE_TIME = f"""
    UPDATE {SCHEMA}.bot_connection SET last_update_at = {NOW}
    WHERE id = (
        SELECT id FROM {SCHEMA}.bot_connection WHERE credential_id = %(credential)s AND account_id = %(account)s
        AND (last_update_at IS NULL OR last_update_at < {NOW} - interval '1 minute')
        FOR NO KEY UPDATE SKIP LOCKED
    )
""".encode()  # noqa: S608
# Enters the account by itself: what is told of the bot is asked for row by row, after that.
_IS_SPEAKING = f"""
    WITH entered AS MATERIALIZED (SELECT set_config('getinn.account_id', %(account)s, true)::uuid AS account)
    SELECT live.found FROM entered CROSS JOIN LATERAL (
        SELECT EXISTS (
            SELECT FROM {SCHEMA}.bot_scenario s
            WHERE s.account_id = entered.account AND s.bot_id = %(bot)s AND s.is_live
        ) AS found OFFSET 0
    ) live
""".encode()  # noqa: S608
NOTED_EVERY_SECONDS = 60.0
_noted: dict[UUID, float] = {}


def receive(platform: OpenChannel, updates: Sequence[Update]) -> int:
    """Store what was not stored before, in its order; how many that were. The account is entered; the caller commits.

    What comes for a platform that is off, and what is about nothing that a conversation could use, is kept as
    ``ignored``: it is known when it is delivered again, and nobody works on it.
    """
    if not updates:
        return 0
    if _is_to_be_noted(platform):
        _noted[platform.credential_id] = time.monotonic()
        execute(_NOTE_TIME, account=platform.account_id, credential=platform.credential_id)
    told, aliases = _columns(platform, updates), aliases_in(updates)
    if not aliases["aliases"]:
        return execute(_RECEIVE_PLAIN, **told)
    execute(NOTE_ALIASES, **told, **aliases)
    return execute(_RECEIVE_NAMED, **told)


def _receive_named(platform: OpenChannel, update: Update, line: psycopg.Cursor[Any]) -> int:
    """A single update of somebody who has more than one id: in one round trip, a transaction of its own."""
    told = _columns(platform, [update])
    with line.connection.pipeline(), line.connection.transaction():
        line.execute(_ENTER, {"account": str(platform.account_id)})
        line.execute(NOTE_ALIASES, told | aliases_in([update]))
        line.execute(_RECEIVE_NAMED, told)
    return line.rowcount


def _columns(platform: OpenChannel, updates: Sequence[Update]) -> dict[str, Any]:
    owner = {"account": platform.account_id, "bot": platform.bot_id, "credential": platform.credential_id}
    delivered = [_values(platform, update) | {"alias": update.person_id} for update in updates]
    columns = {name: [each[name] for each in delivered] for name in delivered[0]}
    return owner | {"platform": platform.adapter.key} | columns


def receive_alone(platform: OpenChannel, update: Update, line: psycopg.Cursor[Any]) -> int:
    """The same for a single update, in one statement that is a transaction of its own: when it returns, all is kept."""
    if update.person_id is not None:
        return _receive_named(platform, update, line)
    owner = {"account": str(platform.account_id), "bot": platform.bot_id, "credential": platform.credential_id}
    return line.execute(_RECEIVE_ALONE, owner | _values(platform, update)).rowcount


def is_speaking(platform: OpenChannel, line: psycopg.Cursor[Any]) -> bool:
    """Whether the bot is at work and has a live scenario; one statement that is a transaction of its own."""
    if not platform.is_live:
        return False
    told = line.execute(_IS_SPEAKING, {"account": str(platform.account_id), "bot": platform.bot_id}).fetchone()
    return bool(told and told[0])


def is_simple(platform: OpenChannel, updates: Sequence[Update]) -> bool:
    """Whether :func:`receive_alone` does: a single update for the very platform, whose time was noted already."""
    return len(updates) == 1 and updates[0].route is None and not _is_to_be_noted(platform)


def _is_to_be_noted(platform: OpenChannel) -> bool:
    return time.monotonic() - _noted.get(platform.credential_id, -NOTED_EVERY_SECONDS) >= NOTED_EVERY_SECONDS


def _values(platform: OpenChannel, update: Update) -> dict[str, Any]:
    return {
        "key": indexable(update.dedupe_key),
        "kind": update.kind.value,
        "chat": None if update.chat_id is None else indexable(update.chat_id),
        "position": update.position if -_BIGINT <= update.position < _BIGINT else 0,
        "payload": write_json(update.payload),
        "state": "pending" if platform.is_live and update.kind is not UpdateKind.UNKNOWN else "ignored",
    }


def indexable(key: str) -> str:
    """The key itself, or its hash where PostgreSQL could not hold or index it."""
    if len(key) <= MAX_KEY and is_storable(key):
        return key
    return "sha256:" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


# RFC 8259, 9: an implementation may limit the depth. No platform comes near this.
DEEPEST = 100
# A text is passed over whole, a torn one to the end; possessive, so that nothing is read twice.
_BRACKET = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|([\[{])|[\]}]', re.DOTALL)


class NotJson(ValueError):
    """The body is no JSON, or none that can be read safely."""


def read_json(body: bytes) -> Any:
    """The value of a JSON text in UTF-8; of twice the same key the last one counts.

    A number that neither a bigint nor a float holds stays a text, so that nothing which reads it later can
    overflow. Raises ``NotJson``.
    """
    if body.count(b"[") + body.count(b"{") > DEEPEST and _depth(body) > DEEPEST:
        raise NotJson("too deep")
    try:
        text = body.decode()
        return json.loads(text, parse_int=_whole, parse_float=_fraction, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise NotJson("not JSON") from None


def write_json(value: Any) -> str:
    """The value in ASCII: NUL and lone surrogates are escaped, which no text column would hold as they are."""
    return json.dumps(value, separators=(",", ":"))


def _whole(digits: str) -> int | str:
    if len(digits) > 20:
        return digits
    number = int(digits)
    return number if -_BIGINT <= number < _BIGINT else digits


def _fraction(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


def _refuse(constant: str) -> None:
    raise NotJson(f"{constant} is no JSON")


def _depth(body: bytes) -> int:
    deepest = depth = 0
    for found in _BRACKET.finditer(body):
        if found[1]:
            depth += 1
            deepest = max(deepest, depth)
        elif found[0][:1] != b'"':
            depth -= 1
    return deepest


def sort_by_recipient(
    platform: OpenChannel, updates: Sequence[Update], headers: Mapping[str, str], body: bytes
) -> list[tuple[OpenChannel, list[Update]]]:
    """The updates by the platform that they are for.

    Another than the addressed one gets its part only where it is of the same account and the delivery proves
    itself by that one's own secret too; what is for nobody is dropped.
    """
    own_id = platform.external_id
    own: list[Update] = []
    by_route: dict[str, list[Update]] = {}
    for update in updates:
        if update.route is None or update.route == own_id:
            own.append(update)
        else:
            by_route.setdefault(update.route, []).append(update)
    return [(platform, own), *_to_others(platform, by_route, headers, body)]


def _to_others(
    platform: OpenChannel, by_route: dict[str, list[Update]], headers: Mapping[str, str], body: bytes
) -> list[tuple[OpenChannel, list[Update]]]:
    found = []
    for external_id, other in open_others(platform) if by_route else ():
        if external_id in by_route and any(other.verifies(headers, body)):
            found.append((other, by_route.pop(external_id)))
    return found
