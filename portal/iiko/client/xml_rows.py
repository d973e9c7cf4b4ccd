"""XML by events: one row is kept at a time, and none is given out before the whole answer was seen to be sound."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from portal.iiko.client.client import Answer
from portal.iiko.client.reading import Reading
from portal.iiko.client.rows import Row, RowError


class XmlRow(Row):
    """An element with its parts, by local names."""

    def text(self, name: str) -> str | None:
        raise NotImplementedError

    def flag(self, name: str) -> bool | None:
        raise NotImplementedError

    def number(self, name: str) -> Decimal | None:
        raise NotImplementedError

    def child(self, name: str) -> "XmlRow | None":
        raise NotImplementedError

    def children(self, name: str, element: str = "") -> "Sequence[XmlRow]":
        raise NotImplementedError


def rows(
    answer: Answer, envelopes: tuple[str, ...], element: str, reading: Reading | None = None, *, key: str = "id"
) -> Iterator[XmlRow | RowError]:
    """The rows of one of the expected envelopes; each id once. Raises IikoFailure before the first of them."""
    raise NotImplementedError
