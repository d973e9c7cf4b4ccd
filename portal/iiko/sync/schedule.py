"""When a server is read by itself: at night all of it, by day what changes by day; on the clocks of the chain.

A due table (``iiko_connection.next_run_at``) instead of a timetable in UTC: what an outage missed is one run.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import islice
from uuid import UUID

from sqlalchemy import select

from portal.db.base import db
from portal.db.types import utc_now
from portal.iiko.models import IikoConnection, IikoRun, Purpose, RunState
from portal.iiko.sync.kinds import KINDS
from portal.users.chain import chain_zone
from portal.web.times import zone

# What changes by day is read every four hours between 8 and 22.
DAY_TIMES = tuple(time(hour) for hour in (8, 12, 16, 20))
# Servers are not all asked in the same minute: each has a minute of its own.
SPREAD_MINUTES = 30
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """A moment, in UTC, and whether all kinds are read then."""

    at: datetime
    is_night: bool


@dataclass(frozen=True, slots=True)
class Timetable:
    """When one server is read: ``zone`` and ``night_at`` are the chain's, ``offset`` is the server's own."""

    zone: tzinfo
    night_at: time
    offset: timedelta
    has_day_runs: bool

    @classmethod
    def of(cls, connection: IikoConnection) -> "Timetable":
        """That of a connection of the account in scope."""
        where = zone(connection.timezone or chain_zone())
        return cls(where, connection.night_at, offset_of(connection.id), bool(day_kinds()))

    def slots(self, after: datetime) -> Iterator[Slot]:
        """All moments after one, in order."""
        day = (after.astimezone(self.zone) - DAY).date()
        while True:
            yield from (slot for slot in sorted(self._of_day(day), key=_moment) if slot.at > after)
            day += DAY

    def next(self, after: datetime) -> Slot:
        """The first moment after one."""
        return next(self.slots(after))

    def reads_all(self, due: datetime, now: datetime) -> bool:
        """Whether a run that was due then reads all: a night lies between, or it was no moment of the day's."""
        passed = []
        for slot in self.slots(due - MINUTE):
            if slot.at > now:
                break
            passed.append(slot)
        return any(slot.is_night for slot in passed) or due not in [slot.at for slot in passed]

    def _of_day(self, day: date) -> Iterator[Slot]:
        yield Slot(self._moment_of(day, self.night_at), True)
        if self.has_day_runs:
            for at in DAY_TIMES:
                yield Slot(self._moment_of(day, at), False)

    def _moment_of(self, day: date, at: time) -> datetime:
        """Where clocks are put forward over it, the next minute that exists; where they show it twice, the first."""
        wall = datetime.combine(day, at) + self.offset
        while not _exists(wall, self.zone):
            wall += MINUTE
        return wall.replace(tzinfo=self.zone).astimezone(UTC)


def _moment(slot: Slot) -> datetime:
    return slot.at


def _exists(wall: datetime, where: tzinfo) -> bool:
    there_and_back = wall.replace(tzinfo=where).astimezone(UTC).astimezone(where)
    return there_and_back.replace(tzinfo=None) == wall


def offset_of(connection_id: UUID) -> timedelta:
    """A server's own minute, the same every night."""
    return timedelta(minutes=connection_id.int % SPREAD_MINUTES)


def day_kinds() -> list[str]:
    """The kinds that are read several times a day."""
    return [kind.key for kind in KINDS.values() if kind.is_frequent]


def next_runs(connection: IikoConnection, count: int = 3) -> list[Slot]:
    """The next moments at which the server is read by itself; none where it is not."""
    if not connection.is_scheduled or connection.waits_for is not None or not was_applied_once(connection):
        return []
    slots = list(islice(Timetable.of(connection).slots(utc_now()), count))
    due = connection.next_run_at
    if due is None or due >= slots[0].at:
        return slots
    # After a failure it is tried again before that.
    return [Slot(due, True), *slots][:count]


def plan_next(connection: IikoConnection, now: datetime) -> None:
    """Note when it is read next by itself."""
    is_due = connection.is_scheduled and connection.waits_for is None and was_applied_once(connection)
    connection.next_run_at = Timetable.of(connection).next(now).at if is_due else None


def was_applied_once(connection: IikoConnection) -> bool:
    """Whether a person has seen a preview and applied it: nothing is written by itself before that."""
    by_hand = IikoRun.purpose == Purpose.PREVIEW, IikoRun.state == RunState.DONE
    query = select(IikoRun.id).where(IikoRun.connection_id == connection.id, *by_hand)
    return db.session.scalar(query.limit(1)) is not None
