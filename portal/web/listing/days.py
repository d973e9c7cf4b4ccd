"""Filters by a day of the reader's calendar; both ends are included."""

from datetime import date, datetime, timedelta
from operator import ge, lt
from typing import Any

from sqlalchemy import ColumnElement

from portal.web.language import choose_zone
from portal.web.listing.declaration import Label, ValueFilter
from portal.web.times import start_of_day


def since(key: str, label: Label, column: ColumnElement[Any]) -> ValueFilter:
    """From a day on."""
    return ValueFilter(key, label, column=column, parse=first_moment, operator=ge, kind="date")


def until(key: str, label: Label, column: ColumnElement[Any]) -> ValueFilter:
    """Up to the end of a day."""
    return ValueFilter(key, label, column=column, parse=moment_after, operator=lt, kind="date")


def first_moment(text: str) -> datetime:
    """The start of a day (``2026-11-03``) in the reader's zone, naive UTC; ``ValueError`` for anything else."""
    return start_of_day(_day(text), choose_zone()).replace(tzinfo=None)


def moment_after(text: str) -> datetime:
    """The start of the day after, naive UTC."""
    return start_of_day(_day(text) + timedelta(days=1), choose_zone()).replace(tzinfo=None)


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError("expected a day as browsers send it")
    return day
