"""The rows beside a row, in the order of a list and as its filters show it: for the page of one row."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from portal.db.cursor import cursor
from portal.web.listing.declaration import Listing
from portal.web.listing.reading import search_ids, search_patterns
from portal.web.listing.request import read_request, write_cursor
from portal.web.listing.statement import ListStatement


def read_neighbours(listing: Listing, args: Mapping[str, str], value: Any, row_id: UUID) -> tuple[Any, Any]:
    """The row before and the one after, ``None`` at an end; ``value`` is what the row is sorted by."""
    return _beside("before", listing, args, value, row_id), _beside("after", listing, args, value, row_id)


def _beside(side: str, listing: Listing, args: Mapping[str, str], value: Any, row_id: UUID) -> Any:
    sort = read_request(listing, args).sort
    wanted = read_request(listing, {**args, "before": "", "after": "", side: write_cursor(sort, value, row_id)})
    patterns = search_patterns(listing, wanted)
    ids = None if patterns is None else search_ids(listing, wanted, patterns, by_title=False)
    statement = ListStatement(listing, wanted, ids, limit=0)
    # Nobody counts here: one row is read, and the count is a constant.
    statement.is_common = True
    return cursor().execute(statement.text(), statement.parameters).fetchone()
