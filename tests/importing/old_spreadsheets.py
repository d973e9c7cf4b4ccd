"""XLS and ODS files, written by hand: the smallest that their readers take."""

import datetime
import io
import struct
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

FREE, END, FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
SECTOR, SMALLEST_STREAM = 512, 4096
PLAIN, DAY = 0, 1
FORMULA_OF_ONE = b"\x1e\x01\x00"


class Failed(str):
    """A cell whose calculation failed, by its fault."""


class Formula(float):
    """A cell with a formula and the number that it came to last."""


FAULTS = {"#DIV/0!": 0x07, "#REF!": 0x17, "#N/A": 0x2A}


def xls_file(rows: Iterable[Sequence[Any]], *, sheets: Sequence[tuple[str, bool]] = (("Sheet", True),)) -> bytes:
    """A workbook of Excel 97: the rows in each sheet; ``sheets`` are (name, whether it is visible)."""
    body = _sheet(rows)
    globals_ = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + _record(0x42, struct.pack("<H", 1200))
    for number_format in (0, 14):
        globals_ += _record(0xE0, struct.pack("<HH", 0, number_format) + bytes(16))
    bound = [_bound(name, shown) for name, shown in sheets]
    start = len(globals_) + sum(len(each) for each in bound) + len(_record(0x0A))
    for place, record in enumerate(bound):
        globals_ += record[:4] + struct.pack("<I", start + place * len(body)) + record[8:]
    return compound_file({"Workbook": globals_ + _record(0x0A) + body * len(sheets)})


def compound_file(streams: dict[str, bytes]) -> bytes:
    """The container of Office before 2007, with those streams."""
    padded = {name: data.ljust(SMALLEST_STREAM, b"\0") for name, data in streams.items()}
    directory, sectors, chain = _entry("Root Entry", 5, END, 0, child=1), b"", [FAT, END]
    for place, (name, data) in enumerate(padded.items(), 1):
        first, count = len(chain), -(-len(data) // SECTOR)
        chain += [*range(first + 1, first + count), END]
        sectors += data.ljust(count * SECTOR, b"\0")
        sibling = place + 1 if place < len(padded) else FREE
        directory += _entry(name, 2, first, len(data), sibling=sibling)
    assert len(chain) <= 128
    assert len(directory) <= SECTOR
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, SMALLEST_STREAM, END, 0, END, 0)
    head += struct.pack("<I", 0) + struct.pack("<I", FREE) * 108
    table = struct.pack("<128I", *chain, *[FREE] * (128 - len(chain)))
    return head + table + directory.ljust(SECTOR, b"\0") + sectors


def _entry(name: str, kind: int, start: int, size: int, *, child: int = FREE, sibling: int = FREE) -> bytes:
    text = name.encode("utf-16-le")
    head = text.ljust(64, b"\0") + struct.pack("<HBB", len(text) + 2, kind, 1)
    return head + struct.pack("<III", FREE, sibling, child) + bytes(36) + struct.pack("<IQ", start, size)


def _record(number: int, data: bytes = b"") -> bytes:
    return struct.pack("<HH", number, len(data)) + data


def _bound(name: str, is_shown: bool) -> bytes:
    text = name.encode("utf-16-le")
    return _record(0x85, struct.pack("<IBBBB", 0, 0 if is_shown else 1, 0, len(name), 1) + text)


def _sheet(rows: Iterable[Sequence[Any]]) -> bytes:
    made = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    for row, cells in enumerate(rows):
        for column, value in enumerate(cells):
            made += _cell(row, column, value)
    return made + _record(0x0A)


def _cell(row: int, column: int, value: Any) -> bytes:
    at = struct.pack("<HH", row, column)
    if isinstance(value, Failed):
        return _record(0x205, at + struct.pack("<HBB", PLAIN, FAULTS[value], 1))
    if isinstance(value, Formula):
        told = struct.pack("<HdHI", PLAIN, value, 0, 0) + struct.pack("<H", len(FORMULA_OF_ONE)) + FORMULA_OF_ONE
        return _record(0x06, at + told)
    if isinstance(value, str):
        return _record(0x204, at + struct.pack("<HHB", PLAIN, len(value), 1) + value.encode("utf-16-le"))
    if isinstance(value, datetime.date):
        return _record(0x203, at + struct.pack("<Hd", DAY, (value - datetime.date(1899, 12, 30)).days))
    return b"" if value is None else _record(0x203, at + struct.pack("<Hd", PLAIN, value))


SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text", "style")
)
ODS = "application/vnd.oasis.opendocument.spreadsheet"


def ods_file(
    rows: Iterable[Sequence[Any]],
    *,
    sheets: Sequence[tuple[str, bool]] = (("Sheet", True),),
    more: str = "",
    **parts: Any,
) -> bytes:
    """An OpenDocument spreadsheet: the rows and ``more`` (rows as XML) in each sheet; ``parts`` beside its own."""
    body = "".join(f"<table:table-row>{''.join(map(_ods_cell, cells))}</table:table-row>" for cells in rows) + more
    tables = "".join(
        f'<table:table table:name={quoteattr(name)} table:style-name="{"shown" if is_shown else "hidden"}">{body}'
        "</table:table>"
        for name, is_shown in sheets
    )
    styles = '<style:style style:name="hidden" style:family="table"><style:table-properties table:display="false"/>'
    content = (
        f'<?xml version="1.0"?><office:document-content {SPACES}><office:automatic-styles>{styles}</style:style>'
        f"</office:automatic-styles><office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{ODS}"/></manifest:manifest>'
    )
    own = {"mimetype": ODS, "META-INF/manifest.xml": manifest, "content.xml": content}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as made:
        for name, text in (own | parts).items():
            made.writestr(name, text)
    return written.getvalue()


def _ods_cell(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, Failed):
        return (
            '<table:table-cell table:formula="of:=1/0" office:value-type="string" office:string-value="">'
            f"<text:p>{value}</text:p></table:table-cell>"
        )
    if isinstance(value, str):
        return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'
    if isinstance(value, datetime.date):
        return f'<table:table-cell office:value-type="date" office:date-value="{value.isoformat()}"/>'
    return f'<table:table-cell office:value-type="float" office:value="{value!r}"/>'
