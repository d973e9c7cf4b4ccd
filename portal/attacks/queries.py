"""Writing and reading the counts of attacks. They are no account's rows, so no account is entered for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete

from portal.attacks.models import AttackCount
from portal.db.base import SCHEMA, db
from portal.db.cursor import cursor, rows
from portal.db.moments import TRANSACTION_NOW
from portal.db.types import utc_now

SHOWN = timedelta(hours=24)
KEPT = timedelta(days=30)
MAX_SHOWN = 20

# In one order, so that two processes never wait for each other.
_ADD = f"""
    INSERT INTO {SCHEMA}.attack_count AS a (hour, kind, chain_id, address, count) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (hour, kind, chain_id, address) DO UPDATE SET count = a.count + excluded.count
""".encode()  # noqa: S608


# All three groupings of the page in one statement; of each no more than a person looks through.
_READ = f"""
    SELECT CASE part WHEN 3 THEN 'kind' WHEN 5 THEN 'chain' ELSE 'address' END AS grouping,
        coalesce(kind, chain_id::text, address) AS key, total
    FROM (
        SELECT grouping(kind, chain_id, address) AS part, kind, chain_id, address, sum(count)::bigint AS total,
            row_number() OVER (PARTITION BY grouping(kind, chain_id, address) ORDER BY sum(count) DESC) AS place
        FROM {SCHEMA}.attack_count WHERE hour > {TRANSACTION_NOW} - %(hours)s
        GROUP BY GROUPING SETS ((kind), (chain_id), (address))
    ) grouped WHERE place <= {MAX_SHOWN} ORDER BY total DESC, key
""".encode()  # noqa: S608


@dataclass(frozen=True, slots=True)
class GroupedCount:
    """How often, of one kind, chain or address; ``grouping`` says which of these ``key`` is."""

    grouping: str
    key: str | None
    total: int


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted together. ``hour`` is aware."""

    hour: datetime
    kind: str
    chain_id: UUID | None
    address: str | None

    @property
    def values(self) -> tuple[datetime, str, UUID | None, str | None]:
        """As the columns hold it."""
        return self.hour.replace(tzinfo=None), self.kind, self.chain_id, self.address


def add_counts(counts: Mapping[Counted, int]) -> None:
    """Add to the rows of the hour, in one round trip."""
    added = [(*counted.values, count) for counted, count in counts.items()]
    cursor().executemany(_ADD, sorted(added, key=str))


def read_counts() -> Sequence[GroupedCount]:
    """The last day's counts by kind, by chain and by address, the most first of each; strangers are no chain."""
    return [row for row in rows(GroupedCount, _READ, hours=SHOWN) if row.key is not None]


def forget_old_counts() -> None:
    """Remove what nobody looks at any more."""
    db.session.execute(delete(AttackCount).where(AttackCount.hour < utc_now() - KEPT))
