"""A list as a workbook (.xlsx): numbers are numbers, and no text is taken for a number, a date or a formula.

It goes out while it is written: a workbook is a ZIP file, whose parts are compressed one after the other. What is in
memory does not grow with the list. What one sheet cannot hold goes on on the next.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from itertools import chain, count, islice
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

from flask_babel import gettext as _

from portal.web.listing.cells import number_of, told_plainly
from portal.web.listing.workbook_parts import FIRST_PARTS, HEADING_STYLE, SHEET_END, last_parts, sheet_part, sheet_start

# The format's own limits: rows of a sheet with its heading, and characters of a cell.
MAX_ROWS = 1_048_576
MAX_CHARACTERS = 32_767
# A part whose size is not known before it is written stays below 2 GiB, so that every reader of ZIP files takes it.
MAX_SHEET_BYTES = 1 << 30
# What XML cannot hold or does not keep, and what would be read as the way in which that is written.
_WRITTEN_AS_CODE = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


class Sink:
    """Takes what a ZIP file is written to, until it is handed on."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Keep a piece."""
        self.pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is held open."""

    def take(self) -> Iterator[bytes]:
        """What was written since the last time, if anything was."""
        if self.pieces:
            yield b"".join(self.pieces)
            self.pieces.clear()


def workbook_pieces(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The file as it comes to be; the first piece is there before a row is asked for."""
    sink, waiting, first = Sink(), iter(rows), list[Sequence[Any]]()
    with ZipFile(sink, "w", ZIP_DEFLATED) as archive:
        for name, text in FIRST_PARTS.items():
            # Readable from outside: what kind of file it is is told by its beginning.
            archive.writestr(name, text, ZIP_STORED)
        for number in count(1):
            yield from _sheet(archive, sink, number, headings, chain(first, waiting))
            if not (first := list(islice(waiting, 1))):
                break
        for name, text in last_parts(number).items():
            archive.writestr(name, text)
    yield from sink.take()


def _sheet(
    archive: ZipFile, sink: Sink, number: int, headings: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Iterator[bytes]:
    """As many of the rows as one sheet holds, beneath the headings."""
    with archive.open(sheet_part(number), "w") as part:
        size = part.write((sheet_start(number, len(headings)) + _row(1, headings, HEADING_STYLE)).encode())
        yield from sink.take()
        for place, row in enumerate(rows, 2):
            size += part.write(_row(place, row).encode())
            yield from sink.take()
            if place == MAX_ROWS or size > MAX_SHEET_BYTES:
                break
        part.write(SHEET_END.encode())


def _row(place: int, row: Sequence[Any], style: str = "") -> str:
    cells = (_cell(f"{column_name(column)}{place}", value, style) for column, value in enumerate(row))
    return f'<row r="{place}">{"".join(cells)}</row>'


def _cell(where: str, value: Any, style: str) -> str:
    """An empty one is left out."""
    if (number := number_of(value)) is not None:
        return f'<c r="{where}"{style}><v>{number!r}</v></c>'
    if told := told_plainly(value):
        written = escape(_WRITTEN_AS_CODE.sub(_code, _fitting(told)), quote=False)
        return f'<c r="{where}"{style} t="inlineStr"><is><t xml:space="preserve">{written}</t></is></c>'
    return ""


def _code(found: re.Match[str]) -> str:
    return f"_x{ord(found[0]):04X}_"


def column_name(column: int) -> str:
    """``A`` for the first (0), ``Z``, ``AA``."""
    before, letter = divmod(column, 26)
    return (column_name(before - 1) if before else "") + chr(ord("A") + letter)


def _fitting(told: str) -> str:
    """What a cell can hold; what is left out is said to be."""
    if len(told) <= MAX_CHARACTERS // 2 or units(told) <= MAX_CHARACTERS:
        return told
    mark = _(" … (cut: a cell of a workbook holds no more; the CSV has all of it)")
    kept = told.encode("utf-16-le", "surrogatepass")[: 2 * (MAX_CHARACTERS - len(mark))]
    # Half a sign at the end is none.
    return kept.decode("utf-16-le", "ignore") + mark


def units(told: str) -> int:
    """The length as workbooks count it: a sign beyond the first 65 536 is two."""
    return len(told.encode("utf-16-le", "surrogatepass")) // 2
