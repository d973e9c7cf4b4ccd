"""A statement's file as it was understood: what a person said of it, and the rows of the books that are compared."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.reconciliations.layout.books import Book, Entry, Party
from portal.reconciliations.layout.columns import Rows
from portal.reconciliations.layout.parties import party_of
from portal.reconciliations.layout.reading import Statement, read_statement
from portal.reconciliations.models import Reconciliation


@dataclass
class Reading:
    """One way to read the rows; what a person did not say is guessed, and ``None`` where it cannot be.

    ``place`` is which of the books side by side is compared.
    """

    statement: Statement | None
    place: int = 0
    party: Party | None = None
    is_party_said: bool = False
    parties: list[Party | None] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)

    @property
    def book(self) -> Book | None:
        """The books that are compared."""
        books = self.statement.books if self.statement else []
        return books[self.place] if self.place < len(books) else None

    @property
    def is_clear(self) -> bool:
        """Whether nothing has to be asked before it can be compared."""
        return self.book is not None and bool(self.book.entries) and self.party is not None


def read_rows(
    rows: Rows,
    *,
    header_row: int | None = None,
    roles: Sequence[str] = (),
    party: Party | None = None,
    supplier_names: Collection[str] = (),
    own_names: Collection[str] = (),
) -> Reading:
    """The rows as far as they are understood. Of two filled sides the supplier's is compared."""
    statement = read_statement(rows, header_row=header_row, roles=roles)
    books = statement.books if statement else []
    parties = [party_of(book, supplier_names, own_names) for book in books]
    filled = [place for place, book in enumerate(books) if book.entries]
    theirs = [place for place in filled if parties[place] is Party.SUPPLIER]
    place = (theirs or filled or [0])[0]
    guessed = parties[place] if place < len(parties) else None
    return Reading(statement, place, party or guessed, party is not None, parties, list(roles))


def layout_of(reading: Reading) -> dict[str, Any]:
    """What is kept of a reading, to read the same again."""
    assert reading.statement is not None
    assert reading.party is not None
    told = {"header_row": reading.statement.header_row, "place": reading.place, "party": reading.party.value}
    return {**told, "roles": reading.roles} if reading.roles else told


def entries_of(statement: Reconciliation) -> tuple[Party, list[tuple[Entry, str]]]:
    """Whose books a statement's rows stand in, and its rows, each with the contract that it stands under."""
    layout = statement.details["layout"]
    rows = [(number, cells) for number, cells in statement.grid or ()]
    read = read_statement(rows, header_row=layout["header_row"], roles=layout.get("roles", ()))
    books = read.books if read else []
    book = books[layout["place"]] if layout["place"] < len(books) else Book()
    return Party(layout["party"]), [(entry, block.title) for block in book.blocks for entry in block.entries]
