"""The rows of a CSV or XLSX file, as texts. Run as a program of its own: bytes in, JSON out.

What strangers send is read here and nowhere else, in a process that has little memory, little time, no
environment and no right to write. It imports nothing of the portal, so that it starts at once.
"""

import csv
import io
import json
import math
import resource
import sys
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

MAX_BYTES = 10 * 1024 * 1024
# Beside the rows themselves there may be names of columns, and a few lines above them.
MAX_ROWS = 5000
MAX_ROWS_ABOVE = 30
MAX_COLUMNS = 60
MAX_CELL_LENGTH = 5000
MAX_CHARACTERS = 8 * 1024 * 1024
MAX_MEMBERS = 1000
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 20

SEPARATORS = (";", ",", "\t")
SAMPLE = 200_000
# Neither a table nor text: pictures, PDF, archives, the old Excel's container, pages of the web.
OTHER_KINDS = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"\xd0\xcf\x11\xe0")
MARKUP = ("<!doctype", "<html", "<table", "<?xml", "{\\rtf")
PROTECTED = "EncryptedPackage".encode("utf-16-le")

Row = tuple[int, list[str]]


class UnreadableError(Exception):
    """Why a file is not read: one of the codes that ``reading`` has a sentence for."""

    def __init__(self, code: str, row: int | None = None) -> None:
        super().__init__(code)
        self.code, self.row = code, row


def read(data: bytes) -> dict[str, Any]:
    """``rows`` as (number in the file, cells), blank rows left out; ``read_as`` tells how they were found."""
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableError("empty")
    if len(data) > MAX_BYTES:
        raise UnreadableError("large")
    if data.startswith(b"PK"):
        read_as, rows = workbook(data)
    else:
        read_as, rows = text_table(data)
    kept = list(bounded(rows))
    if not kept:
        raise UnreadableError("empty")
    return {"read_as": read_as, "rows": kept}


def bounded(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows that hold anything, trimmed; refused beyond any of the limits."""
    count = characters = 0
    for number, cells in rows:
        while cells and not cells[-1].strip():
            cells.pop()
        if not cells:
            continue
        count += 1
        characters += sum(map(len, cells))
        refuse_beyond_limits(number, cells, count, characters)
        yield number, cells


def refuse_beyond_limits(number: int, cells: list[str], count: int, characters: int) -> None:
    """Raise for the first limit that a row breaks."""
    if count > MAX_ROWS + MAX_ROWS_ABOVE:
        raise UnreadableError("rows")
    if len(cells) > MAX_COLUMNS:
        raise UnreadableError("columns", number)
    if any(len(cell) > MAX_CELL_LENGTH for cell in cells):
        raise UnreadableError("cell", number)
    if characters > MAX_CHARACTERS:
        raise UnreadableError("text")
    if any("\0" in cell or any("\ud800" <= sign <= "\udfff" for sign in cell) for cell in cells):
        raise UnreadableError("unstorable", number)


def text_table(data: bytes) -> tuple[dict[str, str], Iterator[Row]]:
    """The rows of a CSV file, or of what was copied out of a spreadsheet."""
    if data.startswith(OTHER_KINDS):
        raise UnreadableError("password" if PROTECTED in data else "kind")
    encoding, text = decoded(data)
    if text.lstrip().lower().startswith(MARKUP) or any(sign < " " and sign not in "\t\r\n\f" for sign in text):
        raise UnreadableError("kind")
    first, _, rest = text.partition("\n")
    # Excel's own word for the separator, in a line before the table.
    told = first.strip().removeprefix("sep=") if first.startswith("sep=") else ""
    separator = told if told in SEPARATORS else likely_separator(text)
    rows = split(rest if told else text, separator, 2 if told else 1)
    return {"kind": "csv", "encoding": encoding, "separator": separator}, rows


def decoded(data: bytes) -> tuple[str, str]:
    """Encoding and text: by its mark, else UTF-8 where that fits, else windows-1251."""
    marked = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    wanted = [name for mark, name in marked.items() if data.startswith(mark)] or ["utf-8", "windows-1251"]
    for encoding in wanted:
        try:
            return encoding.removesuffix("-sig"), data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableError("kind")


def likely_separator(text: str) -> str:
    """The separator that gives most rows the same number of cells, and of equals the one that gives more."""
    sample = text[:SAMPLE]

    def fitness(separator: str) -> tuple[float, int]:
        try:
            widths = Counter(len(cells) for _, cells in split(sample, separator) if cells)
        except UnreadableError:
            return 0.0, 0
        width, times = widths.most_common(1)[0]
        return (times / widths.total() if width > 1 else 0.0), width

    return max(SEPARATORS, key=fitness)


def split(text: str, separator: str, first: int = 1) -> Iterator[Row]:
    """Rows with the number of the line that each begins on; quoted cells may hold line breaks."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    number = first
    try:
        for cells in reader:
            yield number, cells
            number = first + reader.line_num
    except csv.Error as error:
        raise UnreadableError("cell", number) from error


def workbook(data: bytes) -> tuple[dict[str, Any], Iterator[Row]]:
    """The first visible sheet of an XLSX file: values alone, never formulas, macros or links."""
    refuse_bombs(data)
    import python_calamine as calamine

    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        shown = [
            sheet.name
            for sheet in book.sheets_metadata
            if sheet.visible == calamine.SheetVisibleEnum.Visible and sheet.typ == calamine.SheetTypeEnum.WorkSheet
        ]
        if not shown:
            raise UnreadableError("sheet")
        return {"kind": "xlsx", "sheet": shown[0], "others": len(shown) - 1}, cells_of(book.get_sheet_by_name(shown[0]))
    except calamine.PasswordError as error:
        raise UnreadableError("password") from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise UnreadableError("damaged") from error


def refuse_bombs(data: bytes) -> None:
    """Unpack every part and count: what the archive says of their sizes is not believed."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            if len(members) > MAX_MEMBERS:
                raise UnreadableError("unpacked")
            if any(member.flag_bits & 1 for member in members):
                raise UnreadableError("password")
            if "xl/workbook.xml" not in archive.namelist():
                raise UnreadableError("kind")
            left = MAX_UNPACKED_BYTES
            for member in members:
                left = unpack(archive, member, left)
    except UnreadableError:
        raise
    except Exception as error:  # zipfile raises whatever its codecs raise
        raise UnreadableError("damaged") from error


def unpack(archive: zipfile.ZipFile, member: zipfile.ZipInfo, left: int) -> int:
    """How many bytes are left to be unpacked after this part."""
    with archive.open(member) as part:
        while piece := part.read(1024 * 1024):
            left -= len(piece)
            if left < 0:
                raise UnreadableError("unpacked")
    return left


def cells_of(sheet: Any) -> Iterator[Row]:
    """A sheet's rows by their numbers in the spreadsheet."""
    if sheet.total_width > MAX_COLUMNS * 20:
        raise UnreadableError("wide")
    for place, cells in enumerate(sheet.to_python(skip_empty_area=False), 1):
        yield place, [as_text(value) for value in cells]


def as_text(value: Any) -> str:
    """What a cell shows, without its format: 7.0 is 7, a day is 2026-05-03."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        if not math.isfinite(value):
            return ""
        text = format(Decimal(repr(value)), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds") if value.time() != time(0) else value.date().isoformat()
    return str(value) if isinstance(value, str | date | time | timedelta) else ""


def limit_this_process() -> None:
    """From here on: little memory, little time, no files to write, no programs to start."""
    for name, limit in {
        resource.RLIMIT_AS: MEMORY_BYTES,
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }.items():
        resource.setrlimit(name, (limit, limit))


def main() -> None:
    """One file from standard input, one answer to standard output."""
    limit_this_process()
    csv.field_size_limit(MAX_CELL_LENGTH * 4)
    try:
        answer = read(sys.stdin.buffer.read())
    except UnreadableError as error:
        answer = {"error": error.code, "row": error.row}
    # Not as UTF-8: whatever a cell holds, JSON's own escapes hold it as well.
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
