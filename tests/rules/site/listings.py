"""Every declared list, wherever it stands."""

import sys
from collections.abc import Iterator
from functools import cache
from uuid import UUID

from portal.web.listing import Listing
from portal.web.listing.request import write_cursor


@cache
def listings() -> tuple[Listing, ...]:
    """All lists that the portal has loaded."""
    modules = [module for name, module in sys.modules.items() if name.startswith("portal.")]
    found = {id(value): value for module in modules for value in vars(module).values() if isinstance(value, Listing)}
    return tuple(found.values())


def listings_of(endpoint: str) -> list[Listing]:
    """The list behind an endpoint, which bears its blueprint's name; all of them where none does."""
    nouns = endpoint.split(".")
    return [each for each in listings() if each.name in nouns] or list(listings())


def filter_keys(endpoint: str) -> set[str]:
    """The query keys of the filters of an endpoint's list."""
    return {each.key for listing in listings_of(endpoint) for each in listing.filters}


def cursors(endpoint: str, row_id: UUID) -> Iterator[str]:
    """A place after some row, in each order of an endpoint's list."""
    orders = {sort.key: sort for listing in listings_of(endpoint) for sort in listing.sorts}
    for sort in orders.values():
        # A moment's spelling is a text, too: it serves every kind of order.
        yield write_cursor(sort, "2026-01-31T12:00:00", row_id)
