"""How much of a file is read, and the refusal of what is more."""

from collections.abc import Iterable, Iterator

MAX_BYTES = 10 * 1024 * 1024
MAX_ROWS = 20_000
# Beside the rows themselves there may be names of columns, and a few lines above them.
MAX_ROWS_ABOVE = 30
MAX_COLUMNS = 100
MAX_CELL_LENGTH = 5000
MAX_CHARACTERS = 8 * 1024 * 1024

Row = tuple[int, list[str]]


class UnreadableError(Exception):
    """Why a file is not read: one of the codes that ``reading`` has a sentence for."""

    def __init__(self, code: str, row: int | None = None) -> None:
        super().__init__(code)
        self.code, self.row = code, row


def bounded(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows that hold anything, without empty cells at their ends; refused beyond any of the limits."""
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
