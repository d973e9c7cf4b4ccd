"""The rows of a sheet of XLSX, XLS and ODS: values alone, never formulas, macros or links."""

import io
from collections.abc import Iterator
from typing import Any

from portal.importing.reader.archives import kind_of_archive
from portal.importing.reader.limits import MAX_COLUMNS, Row, UnreadableError
from portal.importing.reader.values import as_text

ARCHIVE = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
# The container of programs before 2007: Excel's tables, and much else.
COMPOUND = b"\xd0\xcf\x11\xe0"
MAX_TOLD_SHEETS = 50
MAX_SHEET_NAME = 100


def workbook(data: bytes, sheet: str | None) -> tuple[dict[str, Any], Iterator[Row]]:
    """The sheet of that name, else the first visible one; ``sheets`` are all that may be chosen."""
    kind = kind_of_archive(data) if data.startswith(ARCHIVE) else kind_of_compound(data)
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        shown = [
            each.name
            for each in book.sheets_metadata
            if each.visible == calamine.SheetVisibleEnum.Visible and each.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        if not shown or (sheet is not None and sheet not in shown):
            raise UnreadableError("no_sheet" if shown else "sheet")
        name = shown[0] if sheet is None else sheet
        told = [each for each in shown[:MAX_TOLD_SHEETS] if len(each) <= MAX_SHEET_NAME]
        read_as = {"kind": kind, "sheet": name[:MAX_SHEET_NAME], "others": len(shown) - 1, "sheets": told}
        return read_as, cells_of(book.get_sheet_by_name(name))
    except calamine.PasswordError as error:
        raise UnreadableError("password") from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise UnreadableError("damaged") from error


def kind_of_compound(data: bytes) -> str:
    """``xls``, by the names of the streams in the container; they stand in it as UTF-16."""
    if _names(data, "EncryptedPackage"):
        raise UnreadableError("password")
    if _names(data, "_VBA_PROJECT_CUR"):
        raise UnreadableError("macros")
    if not (_names(data, "Workbook") or _names(data, "Book")):
        raise UnreadableError("kind")
    return "xls"


def _names(data: bytes, stream: str) -> bool:
    return stream.encode("utf-16-le") in data


def cells_of(sheet: Any) -> Iterator[Row]:
    """A sheet's rows by their numbers in the spreadsheet. How large it is, is asked before the rows are taken."""
    if sheet.total_width > MAX_COLUMNS * 20:
        raise UnreadableError("wide")
    left = [""] * (sheet.start[1] if sheet.start else 0)
    for place, cells in enumerate(sheet.iter_rows(), 1):
        yield place, left + [as_text(value) for value in cells]
