"""Writing and reading the counts of attacks. They are no account's rows, so no account is entered for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select

from portal.attacks.models import AttackCount
from portal.db.base import SCHEMA, db
from portal.db.cursor import cursor
from portal.db.types import utc_now

SHOWN = timedelta(hours=24)
KEPT = timedelta(days=30)
MAX_SHOWN = 20

# In one order, so that two processes never wait for each other.
_ADD = f"""
    INSERT INTO {SCHEMA}.attack_count AS a (hour, kind, chain_id, address, count) VALUES (%s, %s, %s, %s, %s)
    ON CONFLICT (hour, kind, chain_id, address) DO UPDATE SET count = a.count + excluded.count
""".encode()  # noqa: S608


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
    rows = [(*counted.values, count) for counted, count in counts.items()]
    cursor().executemany(_ADD, sorted(rows, key=str))


def counts_by(column: str) -> Sequence[tuple[object, int]]:
    """The last day's counts by ``kind``, ``chain_id`` or ``address``, the most first; rows that have none left out."""
    by, total = getattr(AttackCount, column), func.sum(AttackCount.count)
    query = (
        select(by, total)
        .where(AttackCount.hour > utc_now() - SHOWN, by.is_not(None))
        .group_by(by)
        .order_by(total.desc(), by)
        .limit(MAX_SHOWN)
    )
    return [(key, int(count)) for key, count in db.session.execute(query)]


def forget_old_counts() -> None:
    """Remove what nobody looks at any more."""
    db.session.execute(delete(AttackCount).where(AttackCount.hour < utc_now() - KEPT))
