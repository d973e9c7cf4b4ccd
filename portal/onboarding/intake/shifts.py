"""First shifts as people answer them: mostly a day without its year."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from portal.web.times import as_utc, zone

# Whoever begins later than that, or long ago, has most likely mistyped.
MAX_DAYS = 60
# Further off it is no first shift at all.
MAX_DISTANCE = timedelta(days=366)
_TIME = r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?![0-9])"
_WITHOUT_YEAR = re.compile(rf"\s*(?P<day>[0-9]{{1,2}})\.(?P<month>[0-9]{{1,2}})\.?\s+{_TIME}")
_WITH_YEAR = re.compile(
    r"\s*(?:(?P<day>[0-9]{1,2})\.(?P<month>[0-9]{1,2})\.(?P<year>[0-9]{4})"
    r"|(?P<iso_year>[0-9]{4})-(?P<iso_month>[0-9]{2})-(?P<iso_day>[0-9]{2}))"
    rf"(?![0-9])(?:[T\s]\s*{_TIME})?"
)


class DateDoubt(StrEnum):
    """Why somebody has to say when the first shift is."""

    MISSING = "missing"
    UNREADABLE = "unreadable"
    IMPOSSIBLE = "impossible"
    PAST = "past"
    FAR = "far"


@dataclass(frozen=True, slots=True)
class Shift:
    """A first shift as it was read, and what is doubtful about it; ``at`` is ``None`` where it could not be."""

    at: datetime | None
    doubt: DateDoubt | None = None


def read_shift(text: str, written: datetime, zone_name: str | None) -> Shift:
    """The first shift that somebody answered at a moment, on the clocks of a zone.

    Only what leads counts: ``10.08 10:00 or later``. A day without a year is of last, this or next year, whichever
    brings it nearest to the day of the answer; the tie goes to the future.
    """
    clocks = zone(zone_name)
    today = as_utc(written).astimezone(clocks).date()
    told = _WITH_YEAR.match(text)
    if told is None and (told := _WITHOUT_YEAR.match(text)) is None:
        return Shift(None, DateDoubt.UNREADABLE)
    day, at = _day(told.groupdict(), today), _time(told.groupdict())
    if day is None or at is None or abs(day - today) > MAX_DISTANCE:
        return Shift(None, DateDoubt.IMPOSSIBLE)
    return Shift(_moment(day, at, clocks), _doubt(day, today))


def doubt_of(shift: datetime, now: datetime, zone_name: str | None) -> DateDoubt | None:
    """What is doubtful about a first shift, as of now."""
    clocks = zone(zone_name)
    return _doubt(as_utc(shift).astimezone(clocks).date(), as_utc(now).astimezone(clocks).date())


def _doubt(day: date, today: date) -> DateDoubt | None:
    if day < today:
        return DateDoubt.PAST
    return DateDoubt.FAR if (day - today).days > MAX_DAYS else None


def _moment(day: date, at: time, clocks: tzinfo) -> datetime:
    return as_utc(datetime.combine(day, at, clocks))


def _day(told: dict[str, str | None], today: date) -> date | None:
    if told.get("iso_year"):
        return _date(told["iso_year"], told["iso_month"], told["iso_day"])
    if told.get("year"):
        return _date(told["year"], told["month"], told["day"])
    years = (today.year - 1, today.year, today.year + 1)
    days = [day for year in years if (day := _date(str(year), told["month"], told["day"]))]
    return min(days, key=lambda day: (abs(day - today), day < today), default=None)


def _date(year: str | None, month: str | None, day: str | None) -> date | None:
    try:
        return date(int(year or 0), int(month or 0), int(day or 0))
    except ValueError:
        return None


def _time(told: dict[str, str | None]) -> time | None:
    try:
        return time(int(told["hour"] or 0), int(told["minute"] or 0))
    except ValueError:
        return None
