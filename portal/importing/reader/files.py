"""A file of any kind, told by its first bytes and never by its name."""

from typing import Any

from portal.importing.reader.limits import MAX_BYTES, UnreadableError, bounded
from portal.importing.reader.markup import markup
from portal.importing.reader.texts import text_table
from portal.importing.reader.workbooks import ARCHIVE, COMPOUND, workbook

# What people take for a table: pictures of one, printed ones, 1C's own, other archives.
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"BM", b"II*\0", b"MM\0*", b"RIFF")
OWN_TABLE = b"MOXCEL"
OTHER_KINDS = (b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")
MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def read(
    data: bytes,
    sheet: str | None = None,
    encoding: str | None = None,
    separator: str | None = None,
    takes_markup: bool = False,
) -> dict[str, Any]:
    """``rows`` as (number in the file, cells), blank rows left out; ``read_as`` tells how they were found.

    Where it is asked for, an XML document comes as ``root`` instead.
    """
    if not data.strip(b"\0 \t\r\n"):
        raise UnreadableError("empty")
    if len(data) > MAX_BYTES:
        raise UnreadableError("large")
    if takes_markup and is_markup(data):
        return {"read_as": {"kind": "xml"}, "rows": [], "root": markup(data)}
    if data.startswith((*ARCHIVE, COMPOUND)):
        read_as, rows = workbook(data, sheet)
    else:
        refuse_other_kinds(data)
        read_as, rows = text_table(data, encoding, separator)
    kept = list(bounded(rows))
    if not kept:
        raise UnreadableError("empty")
    return {"read_as": read_as, "rows": kept}


def is_markup(data: bytes) -> bool:
    """Whether a file begins as XML does, in whatever encoding."""
    begin = data[:200]
    for mark in MARKS:
        begin = begin.removeprefix(mark)
    begin = begin.replace(b"\0", b"").lstrip()
    is_page = begin[:200].lower().startswith((b"<!doctype html", b"<html", b"<table", b"<head", b"<meta"))
    return begin.startswith(b"<") and not is_page


def refuse_other_kinds(data: bytes) -> None:
    """Raise for what is neither a spreadsheet nor text."""
    if data.startswith(OWN_TABLE):
        raise UnreadableError("own_table")
    if data.startswith(PICTURES) and (not data.startswith((b"BM", b"RIFF")) or b"\0" in data[:64]):
        raise UnreadableError("picture")
    if data.startswith(OTHER_KINDS):
        raise UnreadableError("kind")
