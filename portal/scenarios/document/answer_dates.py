"""Dates in the form that a scenario asks for.

``strptime`` reads names of months and days in the language of the process; nothing sets one, so they are
English ("C"). A form that is no form, or a date that is none, reads as no date.
"""

import re
from datetime import date, datetime

DEFAULT_DATE_FORMAT = "%Y-%m-%d"
MAX_DATE = 100
_TIME_OF_DAY = re.compile(r"%-?[HIMScTRX]")


def holds_a_date(template: str) -> bool:
    """Whether a form of ``strptime`` holds day, month and year."""
    example = datetime(2011, 11, 30)  # noqa: DTZ001
    try:
        read = _read(example.strftime(template), template)
    except ValueError:
        return False
    return read is not None and read.date() == example.date()


def read_moment(text: str, template: str) -> datetime | None:
    """A typed date, with the time of day where the form has one; None for what is none."""
    return _read(text, template)


def read_limit(text: str, template: str) -> date | None:
    """``min_date`` or ``max_date``: in the usual form, or in the step's own."""
    found = _read(text, DEFAULT_DATE_FORMAT) or _read(text, template)
    return found.date() if found else None


def iso(moment: datetime, template: str) -> str:
    """How it is stored: the day, with the time where the form asks for one."""
    return moment.isoformat(timespec="minutes") if _TIME_OF_DAY.search(template) else moment.date().isoformat()


def _read(text: str, template: str) -> datetime | None:
    if len(text) > MAX_DATE or len(template) > MAX_DATE:
        return None
    try:
        # The place of the restaurant is not known here: a date without a zone is what people mean.
        return datetime.strptime(text, template).replace(tzinfo=None)  # noqa: DTZ007
    except (ValueError, OverflowError, re.error, IndexError, KeyError, TypeError):
        return None
