"""How much of one bot is taken in: beyond it whoever delivers is asked to come again, and new people wait a little.

Nothing is lost by either. A platform delivers again what was not acknowledged; who is new and has to wait stays in the
inbox. What counts is each process's own: ceilings keep a flood from everybody else, they share nothing out.
"""

import threading
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from portal.channels.open_channel import OpenChannel
from portal.db.base import SCHEMA

MAX_PENDING = 20_000
# So often what waits is counted: after so many updates, and where fewer come after a while.
COUNTED_EVERY = 500
COUNTED_EVERY_SECONDS = 10.0
REFUSED_SECONDS = 5.0
# New conversations of one bot: so many at once, so many a second from then on; whoever is beyond waits about so long.
NEWCOMERS_AT_ONCE = 600.0
NEWCOMERS_A_SECOND = 10.0
NEWCOMER_WAITS_SECONDS = 20.0

_ENTER = b"SELECT set_config('getinn.account_id', %(account)s, true)"
_PENDING = f"""
    SELECT count(*) AS pending FROM (
        SELECT FROM {SCHEMA}.bot_inbound_update
        WHERE account_id = %(account)s AND credential_id = %(credential)s AND state = 'pending' LIMIT %(most)s
    ) AS waiting
""".encode()  # noqa: S608


@dataclass(slots=True)
class _Taken:
    """What was taken in of one bot since it was counted; until ``refused_until`` nothing more is."""

    count: int = 0
    counted_at: float = 0.0
    refused_until: float = 0.0
    is_told: bool = True


_taken: dict[UUID, _Taken] = {}


def is_full(channel: OpenChannel, updates: int, line: psycopg.Cursor[Any]) -> bool:
    """Whether so much of a bot waits that these updates are not taken in; asked before they are stored."""
    taken, now = _taken.setdefault(channel.credential_id, _Taken(counted_at=time.monotonic())), time.monotonic()
    if now < taken.refused_until:
        return True
    taken.count += updates
    if taken.count < COUNTED_EVERY and now - taken.counted_at < COUNTED_EVERY_SECONDS:
        return False
    taken.count, taken.counted_at = 0, now
    if _pending(channel, line) < MAX_PENDING:
        return False
    taken.refused_until, taken.is_told = now + REFUSED_SECONDS, False
    return True


def is_news(channel: OpenChannel) -> bool:
    """Whether nobody was told of this refusal yet; from then on somebody was."""
    taken = _taken[channel.credential_id]
    is_new, taken.is_told = not taken.is_told, True
    return is_new


def _pending(channel: OpenChannel, line: psycopg.Cursor[Any]) -> int:
    asked = {"account": str(channel.account_id), "credential": channel.credential_id, "most": MAX_PENDING}
    with line.connection.transaction():
        line.execute(_ENTER, asked)
        return int(line.execute(_PENDING, asked).fetchall()[0][0])


class Newcomers:
    """Lets new conversations begin, bot by bot, as fast as the ceiling allows; used by all processors of a worker."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._levels: dict[UUID, tuple[float, float]] = {}

    def admit(self, credential_id: UUID) -> bool:
        """Whether one more may begin now."""
        now = time.monotonic()
        with self._lock:
            level, at = self._levels.get(credential_id, (NEWCOMERS_AT_ONCE, now))
            level = min(level + NEWCOMERS_A_SECOND * (now - at), NEWCOMERS_AT_ONCE)
            is_admitted = level >= 1
            self._levels[credential_id] = (level - 1 if is_admitted else level, now)
        return is_admitted
