"""XML by events: one row is kept at a time, and none is given out before the whole was seen to be sound."""

from collections.abc import Iterator

from portal.iiko.client.answer import Answer
from portal.iiko.client.reading import Reading
from portal.iiko.client.rows import RowError
from portal.iiko.client.uniqueness import unique_rows
from portal.iiko.client.xml_parsing import XmlParser
from portal.iiko.client.xml_row import XmlRow

__all__ = ["XmlRow", "rows", "whole"]


def rows(
    answer: Answer, envelopes: tuple[str, ...], element: str, reading: Reading | None = None, *, key: str | None = "id"
) -> Iterator[XmlRow | RowError]:
    """The rows of one of the expected envelopes; each id once. Raises IikoFailure before the first of them."""
    return unique_rows(
        lambda notes: XmlParser(envelopes, element, notes).rows(answer), key, Reading() if reading is None else reading
    )


def whole(answer: Answer, envelopes: tuple[str, ...]) -> XmlRow:
    """A small answer as one row. Raises IikoFailure."""
    (row,) = XmlParser(envelopes, None, Reading()).rows(answer)
    return row
