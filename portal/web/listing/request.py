"""What a person asks of a list: search, filters, order and place, read from the query string."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from portal.web.listing.declaration import Listing, Sort
from portal.web.searching import MAX_SEARCH, patterns_of
from portal.web.values import storable

MAX_CURSOR = 2000
# Of an amount: no column holds as many, and far more would not even be a number to the database.
MAX_DIGITS = 40


@dataclass(frozen=True)
class Cursor:
    """A place in an order: the sort value and id of a row, and whether what comes before it is wanted."""

    value: Any
    id: UUID
    backward: bool = False


@dataclass(frozen=True)
class ListRequest:
    """A checked request; whatever is malformed has become its default."""

    search: str
    filters: dict[str, str]
    sort: Sort
    descending: bool
    cursor: Cursor | None
    from_end: bool

    @cached_property
    def patterns(self) -> list[str]:
        """A LIKE pattern for each word that is looked for."""
        return patterns_of(self.search)


def read_request(listing: Listing, args: Mapping[str, str]) -> ListRequest:
    """The request that a query string makes of a list; never fails."""
    order = args.get("sort", "")
    sort = listing.sort(order.removeprefix("-")) or listing.sorts[0]
    descending = order.startswith("-") if sort.key == order.removeprefix("-") else sort.descending
    return ListRequest(
        search=storable(args.get("q", ""))[:MAX_SEARCH].strip(),
        filters={each.key: each.accept(args.get(each.key, "")) for each in listing.filters},
        sort=sort,
        descending=descending,
        cursor=read_cursor(sort, args),
        from_end=args.get("page") == "last",
    )


def read_cursor(sort: Sort, args: Mapping[str, str]) -> Cursor | None:
    """The place named by ``after`` or ``before``, if it is one of this order."""
    for name in ("after", "before"):
        if text := args.get(name, ""):
            try:
                key, value, row_id = _decode(text)
                if key == sort.key:
                    return Cursor(_compared(sort.parse(storable(value))), UUID(row_id), name == "before")
            except (ValueError, TypeError, RecursionError, ArithmeticError):
                return None
    return None


def _compared(value: Any) -> Any:
    """A value that the database can compare a column with; ``ValueError`` for a number that it cannot hold."""
    if isinstance(value, Decimal) and (not value.is_finite() or abs(value.adjusted()) > MAX_DIGITS):
        raise ValueError("no amount")
    return value


def write_cursor(sort: Sort, value: Any, row_id: UUID) -> str:
    """A place as it stands in links."""
    told = value.isoformat() if hasattr(value, "isoformat") else str(value)
    packed = json.dumps([sort.key, told, row_id.hex], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode("utf-8", "surrogatepass")).rstrip(b"=").decode()


def _decode(text: str) -> tuple[str, str, str]:
    if len(text) > MAX_CURSOR:
        raise ValueError("too long")
    try:
        packed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("not base64") from error
    key, value, row_id = json.loads(packed)
    if not all(isinstance(part, str) for part in (key, value, row_id)):
        raise ValueError("not a place")
    return key, value, row_id
