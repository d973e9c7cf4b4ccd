"""The books of one party as a statement shows them: rows in blocks, each with its opening and its closing balance."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from portal.reconciliations.layout.words import Movement


class Party(StrEnum):
    """Whose books they are; in ours debit and credit stand the other way round."""

    SUPPLIER = "supplier"
    OURS = "ours"


@dataclass(frozen=True)
class Entry:
    """One movement: a debit or a credit, never both."""

    row_number: int
    text: str
    movement: Movement | None
    number: str | None
    day: date | None
    debit: Decimal
    credit: Decimal

    def amount_for(self, party: Party) -> Decimal:
        """By how much it raises what we owe, read as the books of that party."""
        return self.debit - self.credit if party is Party.SUPPLIER else self.credit - self.debit

    def movement_for(self, party: Party) -> Movement:
        """What moved: by its words, else goods where more is owed, and money where less is."""
        return self.movement or (Movement.DELIVERY if self.amount_for(party) > 0 else Movement.PAYMENT)


@dataclass(frozen=True)
class Fault:
    """A row that cannot be read, by its number in the file, and why."""

    row_number: int
    sentence: str


@dataclass
class Block:
    """Rows of one contract, or all of them; balances are debit less credit, ``None`` where none is stated."""

    title: str = ""
    opening: Decimal | None = None
    closing: Decimal | None = None
    entries: list[Entry] = field(default_factory=list)
    has_turnover: bool = False

    @property
    def moved(self) -> Decimal:
        """Debit less credit of all rows."""
        return sum((each.debit - each.credit for each in self.entries), Decimal())

    @property
    def is_begun(self) -> bool:
        """Whether more stands in it than an opening."""
        return bool(self.entries) or self.has_turnover or self.closing is not None


@dataclass
class Book:
    """One party's side: whose it says it is, its blocks, and balances over all of them."""

    holder: str = ""
    blocks: list[Block] = field(default_factory=list)
    total_opening: Decimal | None = None
    total_closing: Decimal | None = None
    faults: list[Fault] = field(default_factory=list)

    @property
    def entries(self) -> list[Entry]:
        """All rows in their order."""
        return [entry for block in self.blocks for entry in block.entries]

    @property
    def opening(self) -> Decimal | None:
        """What was owed before, debit less credit; ``None`` where nothing states it."""
        return self.total_opening if self.total_opening is not None else self._sum("opening")

    @property
    def closing(self) -> Decimal | None:
        """What is owed in the end, debit less credit; ``None`` where nothing states it."""
        return self.total_closing if self.total_closing is not None else self._sum("closing")

    @property
    def gap(self) -> Decimal | None:
        """By how much the stated closing differs from opening and rows; ``None`` where one of them is not stated."""
        if self.opening is None or self.closing is None:
            return None
        return self.closing - self.opening - sum((block.moved for block in self.blocks), Decimal())

    @property
    def block_gaps(self) -> list[tuple[str, Decimal]]:
        """Title and gap of every block whose own sums do not fit."""
        gaps = [(each.title, each.closing - each.opening - each.moved) for each in self.blocks
                if each.opening is not None and each.closing is not None]  # fmt: skip
        return [(title, gap) for title, gap in gaps if gap]

    def _sum(self, name: str) -> Decimal | None:
        found = [getattr(each, name) for each in self.blocks]
        return None if not found or None in found else sum(found, Decimal())
