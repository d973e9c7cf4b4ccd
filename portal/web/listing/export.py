"""A list as a CSV file: all that the filters show, safe to open in a spreadsheet."""

import csv
import io
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO, Any, cast
from uuid import UUID

from flask import Response, send_file

from portal.db.amounts import plain
from portal.web.listing.declaration import Listing
from portal.web.listing.reading import read_all

# A spreadsheet takes a cell that starts so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
IN_MEMORY = 4 * 1024 * 1024


def export_csv(listing: Listing, args: Mapping[str, str], parent_id: UUID | None = None) -> tuple[Response, int]:
    """The CSV as a download, and how many rows it holds.

    It is written to the end before the first byte is sent, so a failure is an error page and no
    half file.
    """
    with ExitStack() as unless_whole:
        spool = unless_whole.enter_context(tempfile.SpooledTemporaryFile(max_size=IN_MEMORY, mode="w+b"))
        count = _write(listing, args, parent_id, cast(IO[bytes], spool))
        spool.seek(0)
        unless_whole.pop_all()
    name = f"{listing.name}-{datetime.now(UTC):%Y-%m-%d}.csv"
    return send_file(cast(IO[bytes], spool), "text/csv", as_attachment=True, download_name=name), count


def _write(listing: Listing, args: Mapping[str, str], parent_id: UUID | None, file: IO[bytes]) -> int:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([str(column.heading) for column in listing.exports])
    count = 0
    with read_all(listing, args, parent_id) as rows:
        for row in rows:
            writer.writerow([cell(column.value(row)) for column in listing.exports])
            count += 1
    text.detach()
    return count


def cell(value: Any) -> str:
    """A value as one cell: moments in ISO form, numbers as they are, formulas defused.

    A number is known by its type: a text that looks like one may go on as a formula.
    """
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, int | float):
        return str(value)
    told = str(value)
    return f"'{told}" if told.startswith(FORMULA_STARTS) else told
