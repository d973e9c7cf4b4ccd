"""JSON piece by piece: one row is kept at a time, and none is given out before the whole answer was seen to be sound."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from portal.iiko.client.client import Answer
from portal.iiko.client.reading import Reading
from portal.iiko.client.rows import Row, RowError

# Rows that no object surrounds.
BARE = ""


class JsonRow(Row):
    """An object."""

    def text(self, name: str) -> str | None:
        raise NotImplementedError

    def flag(self, name: str) -> bool | None:
        raise NotImplementedError

    def number(self, name: str) -> Decimal | None:
        raise NotImplementedError

    def child(self, name: str) -> "JsonRow | None":
        raise NotImplementedError

    def children(self, name: str, element: str = "") -> "Sequence[JsonRow]":
        raise NotImplementedError


def rows(
    answer: Answer, envelopes: tuple[str, ...] = (BARE,), reading: Reading | None = None, *, key: str | None = "id"
) -> Iterator[JsonRow | RowError]:
    """The objects of a list, bare or the member of that name; each id once. Raises IikoFailure before the first."""
    raise NotImplementedError
