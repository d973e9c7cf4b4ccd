"""A list as a workbook (.xlsx): numbers are numbers, and no text is taken for a number, a date or a formula.

It is written row by row: what is in memory does not grow with the list. A workbook can be sent only when it is whole.
"""

from collections.abc import Iterable, Sequence
from tempfile import NamedTemporaryFile
from typing import IO, Any

from flask_babel import gettext as _
from werkzeug.exceptions import UnprocessableEntity
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from portal.web.listing.cells import number_of, told_plainly

# The format's own limits: rows with the heading, and characters of a cell.
MAX_ROWS = 1_048_575
MAX_CHARACTERS = 32_767
COLUMN_WIDTH = 24
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


class TooManyRows(UnprocessableEntity):
    """The list has more rows than a workbook can hold."""


def write_workbook(headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> tuple[IO[bytes], int]:
    """The file, at its start, and how many rows it holds. Raises ``TooManyRows``."""
    file = NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115 (the response closes it)
    book = Workbook(file.name, OPTIONS)
    book.use_zip64()
    sheet = book.add_worksheet()
    sheet.set_column(0, len(headings) - 1, COLUMN_WIDTH)
    sheet.freeze_panes(1, 0)
    _write_row(sheet, 0, headings, book.add_format({"bold": True}))
    try:
        try:
            count = _write_rows(sheet, rows)
        finally:
            # Also where it will not be whole, and before the file goes: the library writes it by its name.
            book.close()
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file, count


def _write_rows(sheet: Worksheet, rows: Iterable[Sequence[Any]]) -> int:
    count = 0
    for count, row in enumerate(rows, 1):
        if count > MAX_ROWS:
            raise TooManyRows
        _write_row(sheet, count, row)
    return count


def _write_row(sheet: Worksheet, place: int, row: Sequence[Any], form: Format | None = None) -> None:
    for column, value in enumerate(row):
        if (number := number_of(value)) is not None:
            sheet.write_number(place, column, number, form)
        elif told := told_plainly(value):
            sheet.write_string(place, column, _fitting(told), form)


def _fitting(told: str) -> str:
    """What a cell can hold; what is left out is said to be."""
    if len(told) <= MAX_CHARACTERS:
        return told
    mark = _(" … (cut: a cell of a workbook holds no more; the CSV has all of it)")
    return told[: MAX_CHARACTERS - len(mark)] + mark
