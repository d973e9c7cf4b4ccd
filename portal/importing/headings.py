"""Where a table begins: the row of its headings among titles, stamps and empty rows, and what each column is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.importing.columns import MAX_ROWS_ABOVE
from portal.importing.declaration import heading_key

# A shorter name must be the whole heading: "Ед" begins many words.
MIN_BEGINNING = 4

Rows = Sequence[tuple[int, list[str]]]


@dataclass(frozen=True, slots=True)
class Header:
    """The row that names the columns, by its number in the file, and the place of each field."""

    row_number: int
    columns: dict[str, int]


def find_header(rows: Rows, known: Mapping[str, tuple[str, ...]]) -> Header | None:
    """The row with most known names among the first thirty, the upper one of equals; ``None`` where none has any.

    ``known`` are the names of each field. A heading is the field that it names wholly, else the one whose longest
    name it begins with. Of several such columns a field has the one named wholly, else the one furthest left.
    """
    names = {named(name): field for field, several in known.items() for name in several}
    best: Header | None = None
    for number, cells in rows[:MAX_ROWS_ABOVE]:
        columns = columns_of(cells, names)
        if columns and (best is None or len(columns) > len(best.columns)):
            best = Header(number, columns)
    return best


def columns_of(cells: Sequence[str], names: Mapping[str, str]) -> dict[str, int]:
    """The place of each field that the cells of a row name."""
    whole: dict[str, int] = {}
    begun: dict[str, int] = {}
    for place, cell in enumerate(cells):
        key = named(cell)
        if key in names:
            whole.setdefault(names[key], place)
        elif beginning := max((name for name in names if _begins(key, name)), key=len, default=""):
            begun.setdefault(names[beginning], place)
    return {field: place for field, place in (begun | whole).items() if field in whole or place not in whole.values()}


def named(text: str) -> str:
    """A heading as it is compared: "НДС %" is a rate, and "НДС" an amount."""
    return heading_key(text.replace("%", " percent "))


def _begins(key: str, name: str) -> bool:
    return len(name) >= MIN_BEGINNING and key.startswith(name)


def numbers_columns(cells: Sequence[str]) -> bool:
    """Whether a row below the headings only numbers them, as printed forms do: 1, 2, 2а, 3 or А, Б, 1, 2."""
    told = [cell.strip() for cell in cells if cell and not cell.isspace()]
    if any(len(cell) > 3 for cell in told):
        return False
    numbers = [int(cell) for cell in told if cell.isascii() and cell.isdigit()]
    return len(numbers) > 1 and numbers == list(range(1, len(numbers) + 1)) and len(told) < 2 * len(numbers)
