"""What lists of rows with a switch ``is_active`` share: the filter by it, and its column in the CSV."""

from datetime import datetime, timedelta
from operator import ge, lt
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement

from portal.db.types import LabelledEnum
from portal.web.language import choose_zone
from portal.web.listing.declaration import Export, Filter, Label, ValueFilter
from portal.web.times import parse_day, start_of_day


def archival_filter(is_active: ColumnElement[bool]) -> Filter:
    """The active rows unless asked otherwise, the archived ones, or both."""
    return Filter(
        "state",
        _l("State"),
        choices=[("", _l("Active")), ("archived", _l("Archived")), ("all", _l("Active and archived"))],
        conditions={"": is_active.is_(True), "archived": is_active.is_(False), "all": None},
    )


def enum_filter(key: str, label: Label, column: ColumnElement[Any], enum: type[LabelledEnum]) -> Filter:
    """One of the words of an enum, or any."""
    conditions = {word: column == word for word in enum.words()}
    return Filter(key, label, choices=[("", _l("Any")), *enum.choices()], conditions={"": None, **conditions})


def yes_or_no(value: Any) -> Any:
    """A switch in one cell of the CSV."""
    return _l("yes") if value else _l("no")


def active_export() -> Export:
    """Whether a row is active, as a column of the CSV."""
    return Export(_l("Active"), lambda row: yes_or_no(row.is_active))


def since(key: str, label: Label, column: ColumnElement[Any]) -> ValueFilter:
    """From a day on."""
    return ValueFilter(key, label, column=column, parse=first_moment, operator=ge, kind="date")


def until(key: str, label: Label, column: ColumnElement[Any]) -> ValueFilter:
    """Up to the end of a day."""
    return ValueFilter(key, label, column=column, parse=moment_after, operator=lt, kind="date")


def first_moment(text: str) -> datetime:
    """The start of a day (``2026-11-03``, ``3.11.2026``) in the reader's zone, naive UTC; else ``ValueError``."""
    return start_of_day(parse_day(text), choose_zone()).replace(tzinfo=None)


def moment_after(text: str) -> datetime:
    """The start of the day after, naive UTC."""
    return start_of_day(parse_day(text) + timedelta(days=1), choose_zone()).replace(tzinfo=None)
