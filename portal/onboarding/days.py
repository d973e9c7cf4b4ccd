"""Which day it is in a restaurant, and on which day a step is due."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from sqlalchemy import select

from portal.db.base import db
from portal.db.types import utc_now
from portal.onboarding.days_off import DayOff
from portal.onboarding.kinds import Anchor, Days
from portal.users.chain import chain_zone
from portal.users.chain import zone_of as zone_of
from portal.web.times import in_zone

SATURDAY = 5


def local_day(moment: datetime, restaurant_timezone: str | None) -> date:
    """The day of a moment on the clocks of a restaurant; without a zone of its own, on those of the chain."""
    return in_zone(moment, restaurant_timezone or chain_zone()).date()


def local_today(restaurant_timezone: str | None) -> date:
    """The day that it is now in a restaurant."""
    return local_day(utc_now(), restaurant_timezone)


def days_off() -> frozenset[date]:
    """The chain's own days on which nobody works."""
    return frozenset(db.session.scalars(select(DayOff.day)))


def due_day(anchor: date, offset: int, counts: Days, off: Collection[date] = ()) -> date:
    """So many days after the anchor, or before it below zero; the first that is counted is the day beside it.

    Working days are Monday to Friday without those ``off``.
    """
    if counts != Days.WORKING:
        return anchor + timedelta(days=offset)
    day, one = anchor, timedelta(days=1 if offset > 0 else -1)
    for _counted in range(abs(offset)):
        day += one
        while day.weekday() >= SATURDAY or day in off:
            day += one
    return day


def is_overdue(due: date | None, today: date) -> bool:
    """Whether a due day is over: it is the last one that is on time."""
    return due is not None and today > due


@dataclass
class Calendar:
    """The due days of one engagement's steps, from the days that they are counted from; unknown ones are ``None``."""

    anchors: Mapping[Anchor, date | None]

    def due_day(self, step: Any) -> date | None:
        """The day on which a step of a checklist or of a template is due; ``None`` until its anchor is known."""
        anchor = self.anchors[step.anchor]
        if anchor is None:
            return None
        return due_day(anchor, step.offset_days, step.counts, self._off if step.counts == Days.WORKING else ())

    @cached_property
    def _off(self) -> frozenset[date]:
        return days_off()
