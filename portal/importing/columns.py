"""Which column of a file fills which field: recognised by headings, or told by the person."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from flask_babel import force_locale

from portal.importing.declaration import Importer, heading_key
from portal.web.language import LOCALES

# Above the headings a spreadsheet may have a title, a date, a logo's place.
MAX_ROWS_ABOVE = 30
SAMPLES = 3
MAX_SAMPLE_LENGTH = 60

Rows = Sequence[tuple[int, list[str]]]


@dataclasses.dataclass
class FileColumn:
    """A column of a file: its heading, its first cells, and the field that it fills (``""``: none)."""

    heading: str
    field: str = ""
    samples: list[str] = dataclasses.field(default_factory=list)

    def stored(self) -> dict[str, Any]:
        """As the batch keeps it."""
        return dataclasses.asdict(self)


def known_headings(importer: Importer) -> dict[str, str]:
    """The field behind each heading that is recognised, in every language of the portal."""
    found: dict[str, str] = {}
    for locale in LOCALES:
        with force_locale(locale):
            for name, label in importer.labels().items():
                found.setdefault(heading_key(label), name)
    for column in importer.columns:
        for alias in (column.field, *column.aliases):
            found.setdefault(heading_key(alias), column.field)
    return found


def find_headings(rows: Rows, known: dict[str, str]) -> int:
    """The number of the row that has most known headings among the first ones; 0 where none has any."""
    counts = {
        number: len({known[key] for key in map(heading_key, cells) if key in known})
        for number, cells in rows[:MAX_ROWS_ABOVE]
    }
    best = max(counts, key=lambda number: counts[number], default=0)
    return best if counts.get(best) else 0


def recognise(importer: Importer, rows: Rows) -> tuple[int, list[FileColumn]]:
    """The row of the headings and what each column is; where no heading is known, the first row until told otherwise.

    Two columns with headings of the same field fill nothing: the person says which one it is.
    """
    known = known_headings(importer)
    row = find_headings(rows, known) or rows[0][0]
    columns = describe(rows, row)
    fields = [known.get(heading_key(column.heading), "") for column in columns]
    for column, name in zip(columns, fields, strict=True):
        column.field = name if fields.count(name) == 1 else ""
    return row, columns


def describe(rows: Rows, heading_row: int) -> list[FileColumn]:
    """Every column with its heading in that row (0: the file has no headings) and its first cells below."""
    width = max(len(cells) for _, cells in rows)
    headings = next((cells for number, cells in rows if number == heading_row), [])
    below = [cells for number, cells in rows if number > heading_row]
    return [
        FileColumn(cell(headings, place), samples=samples(cell(cells, place) for cells in below))
        for place in range(width)
    ]


def samples(texts: Any) -> list[str]:
    """The first few cells that hold anything, cut to a glance."""
    found = []
    for text in texts:
        if text:
            found.append(text if len(text) <= MAX_SAMPLE_LENGTH else text[:MAX_SAMPLE_LENGTH] + "…")
        if len(found) == SAMPLES:
            break
    return found


def cell(cells: list[str], place: int) -> str:
    """A cell's text; rows may be shorter than the widest."""
    return cells[place].strip() if place < len(cells) else ""
