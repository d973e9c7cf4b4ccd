"""Files as people's spreadsheets write them."""

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import openpyxl

HEADINGS = ("Name", "Address", "Phone", "E-mail", "Time zone")


def restaurants(count: int, *, first: int = 1) -> list[tuple[str, ...]]:
    """Rows of restaurants that nobody has yet."""
    return [
        (f"Blini {n}", f"Tverskaya, {n}", f"+7 495 123-45-{n:02}", f"blini{n}@example.com", "Europe/Moscow")
        for n in range(first, first + count)
    ]


def csv_file(rows: Iterable[Sequence[str]], separator: str = ",", encoding: str = "utf-8") -> bytes:
    """A CSV as other programs write it: quoted where it must be."""
    lines = [separator.join(_quoted(cell, separator) for cell in row) for row in rows]
    return "\r\n".join(lines).encode(encoding)


def _quoted(cell: str, separator: str) -> str:
    doubled = cell.replace('"', '""')
    return f'"{doubled}"' if {separator, '"', "\n"} & set(cell) else cell


def xlsx_file(rows: Iterable[Sequence[Any]], change: Callable[[Any, Any], None] | None = None) -> bytes:
    """An XLSX; ``change(book, sheet)`` may add to it."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    if change is not None:
        change(book, sheet)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def uploaded(data: bytes, name: str = "restaurants.csv") -> dict[str, Any]:
    """The form's fields for a file."""
    return {"file": (io.BytesIO(data), name)}
