"""Every declared list, wherever it stands."""

import importlib
import pkgutil
from collections.abc import Iterator
from uuid import UUID

import portal
from portal.web.listing import Listing
from portal.web.listing.request import write_cursor


def listings() -> Iterator[Listing]:
    """All lists that some module of the portal declares."""
    seen: set[int] = set()
    for module in pkgutil.walk_packages(portal.__path__, "portal."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, Listing) and id(value) not in seen:
                seen.add(id(value))
                yield value


def filter_keys() -> set[str]:
    """The query keys of all filters."""
    return {each.key for listing in listings() for each in listing.filters}


def cursors(row_id: UUID) -> Iterator[str]:
    """A place after some row, in each order of each list."""
    seen = set()
    for listing in listings():
        for sort in listing.sorts:
            if sort.key not in seen:
                seen.add(sort.key)
                # A moment's spelling is a text, too: it serves every kind of order.
                yield write_cursor(sort, "2026-01-31T12:00:00", row_id)
