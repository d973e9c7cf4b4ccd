"""What lists of rows with a switch ``is_active`` share: the filter by it, and its column in the CSV."""

from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement

from portal.web.listing.declaration import Export, Filter


def archival_filter(is_active: ColumnElement[bool]) -> Filter:
    """The active rows unless asked otherwise, the archived ones, or both."""
    return Filter(
        "state",
        _l("State"),
        choices=[("", _l("Active")), ("archived", _l("Archived")), ("all", _l("Active and archived"))],
        conditions={"": is_active.is_(True), "archived": is_active.is_(False), "all": None},
    )


def yes_or_no(value: Any) -> Any:
    """A switch in one cell of the CSV."""
    return _l("yes") if value else _l("no")


def active_export() -> Export:
    """Whether a row is active, as a column of the CSV."""
    return Export(_l("Active"), lambda row: yes_or_no(row.is_active))
