"""Which days a paper may have that somebody types or sends today."""

from datetime import date, timedelta

from flask_babel import gettext as _

# How far ahead a paper may be dated, and how old it may be.
AHEAD, MAX_YEARS = timedelta(days=31), 10


def fault_of_day(day: date, today: date) -> str | None:
    """What is wrong with the day of a paper, in words: mostly a year that was mistyped."""
    if day > today + AHEAD:
        return _("This is more than 31 days ahead. Check the year.")
    if day.year < today.year - MAX_YEARS:
        return _("This is more than %(number)s years ago. Check the year.", number=MAX_YEARS)
    return None
