"""The rows of a table as texts by field: what is said once of a paper is carried down to its lines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.importing.headings import numbers_columns
from portal.importing.references import undefused
from portal.invoices.files.fields import Field
from portal.invoices.files.lines import is_sum

# With another one of these another paper begins, and what was said of the last one is said no more.
ENDS = {
    Field.NUMBER: (Field.DUE, Field.STATED),
    Field.SUPPLIER: (Field.TAX_ID, Field.REGISTRATION, Field.NUMBER, Field.DUE, Field.STATED),
    Field.TAX_ID: (Field.SUPPLIER, Field.REGISTRATION, Field.NUMBER, Field.DUE, Field.STATED),
}


@dataclass(frozen=True, slots=True)
class RowTexts:
    """One row below the headings. ``is_line`` is false for sums, and for the numbers that printed forms give columns.

    ``told`` says to people which row is meant: the number of its paper and what it brings.
    """

    number: int
    texts: Mapping[str, str]
    told: str
    is_line: bool


def rows_of(rows: Sequence[tuple[int, list[str]]], places: Mapping[str, int]) -> list[RowTexts]:
    """The rows with their texts by field; ``places`` says in which column each field stands."""
    found: list[RowTexts] = []
    above: dict[str, str] = {}
    for number, cells in rows:
        own = {field: _cell(cells, place) for field, place in places.items()}
        is_line = not (is_sum(own) or numbers_columns(cells)) and any(own.values())
        texts = dict(own)
        if is_line:
            above = _carried(above, own)
            texts |= above
        found.append(RowTexts(number, texts, _told(texts, cells), is_line))
    return found


def _carried(above: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """What is said of the paper from this row on."""
    carried = dict(above)
    for field, ended in ENDS.items():
        if own.get(field) and own[field] != above.get(field):
            for each in ended:
                carried.pop(each, None)
    for name, text in own.items():
        if text and Field(name).is_of_paper:
            carried[name] = text
    return carried


def _cell(cells: Sequence[str], place: int) -> str:
    return undefused(cells[place].strip()) if place < len(cells) else ""


def _told(texts: Mapping[str, str], cells: Sequence[str]) -> str:
    named = [texts[field] for field in (Field.NUMBER, Field.DESCRIPTION) if texts.get(field)]
    return " · ".join(named or [cell.strip() for cell in cells if cell.strip()][:2])
