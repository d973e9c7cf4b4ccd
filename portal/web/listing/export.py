"""A list as a file: all that the filters show, as CSV or as a workbook, from its first row on.

A short list is read whole before it is answered. Of a long one the rows go out as the server's cursor gives them, in a
transaction of their own that ends with the download, however that ends: nothing is kept of it on the way.
"""

import csv
import io
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any
from uuid import UUID

from flask import Response, stream_with_context

from portal.db.base import db
from portal.tenancy.scope import resume_scope
from portal.web.costly import wait_for_place
from portal.web.error_pages import give_up
from portal.web.listing.cells import cell
from portal.web.listing.declaration import COUNT_CAP, Listing, capped_count
from portal.web.listing.reading import read_all
from portal.web.listing.workbook import workbook_pieces

WORKBOOK = "xlsx"
WORKBOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a long list is sent in; the first pieces are small, so that it begins at once.
ROWS_AT_ONCE = 500
# Whoever takes longer to download holds one of the chain's places too long.
MAX_SECONDS = 1800

Within = Callable[[], AbstractContextManager[Any]]
# Told how many rows go out, or that they are more than were counted.
Noted = Callable[[int | str], object]


class ListExport:
    """One list, as one person asked for it; ``within`` is entered again where its rows are read later."""

    def __init__(
        self, listing: Listing, args: Mapping[str, str], parent_id: UUID | None = None, within: Within = nullcontext
    ) -> None:
        self.listing, self.args, self.parent_id, self.within = listing, args, parent_id, within
        self.is_workbook = args.get("format") == WORKBOOK

    def answer(self, note: Noted) -> Response:
        """The download; of a long list ``note`` is told once more at its end, in a transaction of its own."""
        with closing(self._rows()) as rows:
            first = list(islice(rows, COUNT_CAP + 1))
        is_whole = len(first) <= COUNT_CAP
        note(len(first) if is_whole else capped_count(COUNT_CAP))
        pieces = b"".join(self._pieces(first)) if is_whole else stream_with_context(self._later(note))
        response = Response(pieces, mimetype=WORKBOOK_TYPE if self.is_workbook else "text/csv")
        name = f"{self.listing.name}-{datetime.now(UTC):%Y-%m-%d}.{WORKBOOK if self.is_workbook else 'csv'}"
        response.headers.set("Content-Disposition", "attachment", filename=name)
        return response

    def _headings(self) -> list[str]:
        return [str(column.heading) for column in self.listing.exports]

    def _rows(self) -> Generator[Sequence[Any], None, None]:
        """The cells of each row, read as they are asked for."""
        columns = [column.value for column in self.listing.exports]
        with read_all(self.listing, self.args, self.parent_id) as rows:
            for row in rows:
                yield [value(row) for value in columns]

    def _pieces(self, rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
        """The file, as its rows come."""
        return workbook_pieces(self._headings(), rows) if self.is_workbook else self._lines(rows)

    def _lines(self, rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
        """The CSV in pieces."""
        waiting = chain([self._headings()], rows)
        size = 1
        start = "\ufeff"
        while piece := list(islice(waiting, size)):
            text = io.StringIO(start, newline="")
            text.seek(0, io.SEEK_END)
            csv.writer(text).writerows([[cell(value) for value in row] for row in piece])
            yield text.getvalue().encode()
            size, start = min(size * 4, ROWS_AT_ONCE), ""

    def _later(self, note: Noted) -> Iterator[bytes]:
        """The pieces, when the request's own transaction has ended."""
        sent = Tally()
        try:
            resume_scope()
            wait_for_place()
            with self.within(), closing(self._rows()) as rows:
                yield from self._pieces(sent.count(rows))
        finally:
            give_up()
            resume_scope()
            note(sent.rows)
            db.session.commit()


class Tally:
    """Counts what passes, and ends what takes too long. Raises ``TimeoutError``."""

    def __init__(self) -> None:
        self.rows = 0
        self._end_at = time.monotonic() + MAX_SECONDS

    def count(self, rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        """The rows themselves."""
        for row in rows:
            if time.monotonic() > self._end_at:
                raise TimeoutError("an export took too long to download")
            self.rows += 1
            yield row
