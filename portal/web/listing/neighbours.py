"""The rows beside a row, in the order of a list and as its filters show it: for the page of one row."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from portal.web.listing.declaration import Listing
from portal.web.listing.reading import execute, search_ids, search_patterns
from portal.web.listing.request import ListRequest, read_request, write_cursor
from portal.web.listing.statement import ListStatement


def read_neighbours(listing: Listing, args: Mapping[str, str], value: Any, row_id: UUID) -> tuple[Any, Any]:
    """The row before and the one after, ``None`` at an end; ``value`` is what the row is sorted by."""
    asked = read_request(listing, args)
    patterns = search_patterns(listing, asked)
    ids = None if patterns is None else search_ids(listing, asked, patterns, by_title=False)
    here = write_cursor(asked.sort, value, row_id)
    before, after = (
        _beside(listing, read_request(listing, {**args, "before": "", "after": "", side: here}), ids)
        for side in ("before", "after")
    )
    return before, after


def _beside(listing: Listing, wanted: ListRequest, ids: list[UUID] | None) -> Any:
    statement = ListStatement(listing, wanted, ids, limit=0)
    # Nobody counts here: one row is read, and the count is a constant.
    statement.is_common = True
    return execute(statement).fetchone()
