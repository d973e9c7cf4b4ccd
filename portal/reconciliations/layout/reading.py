"""A statement as a whole: what its title says, and the books of one or both parties."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from portal.reconciliations.layout.books import Block, Book
from portal.reconciliations.layout.columns import Rows, Side, find_header, sides_as_told, sides_of
from portal.reconciliations.layout.days import Period, period_in
from portal.reconciliations.layout.lines import Line, read_line
from portal.reconciliations.layout.words import Label, folded

HOLDER = re.compile(r"по\s+данным\s+(?P<name>.+?)(?:\s*,\s*[^,]{0,20})?$|(?:books|records)\s+of\s+(?P<other>.+)$", re.I)
CURRENCIES = {
    "RUB": r"\bруб|\brub\b|\brur\b|₽",
    "USD": r"\busd\b|долл|\$",
    "EUR": r"\beur\b|евро|€",
    "KZT": r"\bkzt\b|тенге|₸",
    "BYN": r"\bbyn\b|бел\w*\.? ?руб",
    "CNY": r"\bcny\b|юан|¥",
}


@dataclass
class Statement:
    """What was read: the row of headings, the period and currencies that it names, and the books that hold anything."""

    header_row: int
    period: Period | None = None
    currencies: set[str] = field(default_factory=set)
    books: list[Book] = field(default_factory=list)


def read_statement(rows: Rows, *, header_row: int | None = None, roles: Sequence[str] = ()) -> Statement | None:
    """The statement in those rows; ``None`` where no row names the columns.

    A person who knows better gives the row of the headings (0: there are none) and what each column is.
    """
    number = find_header(rows) if header_row is None else header_row
    if number is None or not rows:
        return None
    width = max(len(cells) for _, cells in rows)
    headings = next((cells for each, cells in rows if each == number), [])
    sides = [each for each in (sides_as_told(roles, width) if roles else sides_of(headings, width)) if each.is_readable]
    if not sides:
        return None
    above = [cells for each, cells in rows if each <= number]
    below = [(each, cells) for each, cells in rows if each > number]
    titles = [text for cells in above for each in cells if (text := each.strip())]
    books = [read_book(below, above, side) for side in sides]
    return Statement(
        number,
        next((period for text in titles if (period := period_in(text[:300]))), None),
        currencies_in([*titles, *_told_currencies(below, sides)]),
        [book for book in books if book.entries or book.faults] or books[:1],
    )


def currencies_in(texts: Iterable[str]) -> set[str]:
    """The currencies that headings and titles name."""
    told = " ".join(folded(text[:300]) for text in texts)
    found = {code for code, pattern in CURRENCIES.items() if re.search(pattern, told)}
    return found - {"RUB"} if "BYN" in found and not re.search(r"(?<!бел )(?<!бел\. )\bруб", told) else found


def _told_currencies(rows: Rows, sides: Sequence[Side]) -> list[str]:
    """What a column of currencies says, and titles of contracts, which may name one."""
    column = [side.cell(cells, "currency") for side in sides for _, cells in rows]
    titles = [line.title for number, cells in rows for side in sides[:1] if (line := read_line(number, cells, side))]
    return [*dict.fromkeys(column), *titles]


def read_book(rows: Rows, above: Iterable[Sequence[str]], side: Side) -> Book:
    """The books of one side."""
    names = [found for cells in above for text in side.texts(cells) if (found := HOLDER.search(text[:300]))]
    book = Book(holder=(names[-1]["name"] or names[-1]["other"]) if names else "")
    reader = BlockReader(book)
    for number, cells in rows:
        if line := read_line(number, cells, side):
            reader.take(line)
    reader.close()
    return book


class BlockReader:
    """Puts lines into blocks.

    An opening after another one begins a contract's block, and the first was that of the whole. What closes or sums
    up after a block has its closing stands for the whole as well.
    """

    def __init__(self, book: Book) -> None:
        self.book, self.block = book, Block()
        self.is_over = False

    def take(self, line: Line) -> None:
        """One more line."""
        if line.fault:
            self.book.faults.append(line.fault)
        elif line.label is not None:
            self._take_label(line.label, line.balance)
        elif line.title:
            self._take_title(line.title)
        elif line.entries:
            self._take_entries(line)

    def close(self) -> None:
        """No more lines."""
        if self.block.is_begun or self.block.opening is not None:
            self.book.blocks.append(self.block)
        self.block = Block()

    def _take_label(self, label: Label, balance: Decimal) -> None:
        if label is Label.BALANCE:
            label = Label.CLOSING if self.block.entries or self.block.has_turnover else Label.OPENING
        if label is Label.OPENING:
            self._open(balance)
        elif label is Label.TURNOVER:
            self.block.has_turnover = True
        elif self.block.closing is None and (self.block.is_begun or self.block.opening is not None):
            self.block.closing = balance
        else:
            self.book.total_closing = balance

    def _open(self, balance: Decimal) -> None:
        if self.block.is_begun:
            self.close()
        elif self.block.opening is not None:
            self.book.total_opening = self.block.opening
            self.block = Block(title=self.block.title)
        self.block.opening = balance

    def _take_title(self, title: str) -> None:
        """A contract's name: above its opening, or right below that of the only block."""
        if self.block.is_begun:
            self.close()
        self.block.title = title

    def _take_entries(self, line: Line) -> None:
        if self.block.closing is not None:
            title = self.block.title
            self.close()
            self.block.title = title
        self.block.entries += line.entries
