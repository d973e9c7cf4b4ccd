"""One line of one side: a balance, a total, the title of a contract, a movement, or nothing to us."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _

from portal.importing.cells import CellFault, read_day, read_money
from portal.reconciliations.layout.books import Entry, Fault
from portal.reconciliations.layout.columns import Side, role_of
from portal.reconciliations.layout.days import DAY, days_in
from portal.reconciliations.layout.words import (
    CONTRACT,
    MAX_NUMBER,
    Label,
    Movement,
    document_day,
    label_of,
    movement_of,
    number_of,
)

DASHES = {"-", "–", "—", "x", "х"}
ERRORS = ("#REF!", "#N/A", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#Н/Д")


@dataclass
class Line:
    """What a row says on one side; balances are debit less credit."""

    row_number: int
    label: Label | None = None
    title: str = ""
    balance: Decimal = Decimal()
    entries: tuple[Entry, ...] = ()
    fault: Fault | None = None


def read_line(number: int, cells: Sequence[str], side: Side) -> Line | None:
    """What a row says on that side; ``None`` where it says nothing."""
    texts = side.texts(cells)
    if not texts or _is_header(texts) or _numbers_columns(texts):
        return None
    try:
        debit, credit = _amounts(cells, side)
    except CellFault as fault:
        # What is no amount in a line of words was never meant as one.
        return Line(number, fault=Fault(number, fault.sentence)) if _is_movement(cells, side) else None
    label = next((found for text in texts[:3] if (found := label_of(text))), None)
    if label is not None:
        return Line(number, label, balance=(debit or Decimal()) - (credit or Decimal()))
    if debit is None and credit is None:
        return _without_amount(number, texts, cells, side)
    return _movement(number, cells, side, debit or Decimal(), credit or Decimal())


def _amounts(cells: Sequence[str], side: Side) -> tuple[Decimal | None, Decimal | None]:
    """Debit and credit; a column of amounts alone says less than nothing where money or goods went back."""
    debit, credit = _amount(side.cell(cells, "debit")), _amount(side.cell(cells, "credit"))
    if "amount" not in side.columns or "debit" in side.columns:
        return debit, credit
    amount = _amount(side.cell(cells, "amount"))
    if amount is None:
        return None, None
    moved = movement_of(side.cell(cells, "document"))
    goes_back = moved in (Movement.PAYMENT, Movement.RETURN) and amount > 0
    return (None, amount) if goes_back else (amount, None)


def _amount(text: str) -> Decimal | None:
    return None if not text or text in DASHES or text.upper() in ERRORS else read_money(text)


def _is_header(texts: Sequence[str]) -> bool:
    """Headings again, at the top of another page."""
    return {"debit", "credit"} <= {role for each in texts if (role := role_of(each))}


def _numbers_columns(texts: Sequence[str]) -> bool:
    """The line "1 2 3 4" under the headings of some forms."""
    return len(texts) > 2 and all(each.isdigit() for each in texts) and _counts_up([int(each) for each in texts])


def _counts_up(numbers: Sequence[int]) -> bool:
    return list(numbers) == list(range(numbers[0], numbers[0] + len(numbers)))


def _is_movement(cells: Sequence[str], side: Side) -> bool:
    """Whether the line looks like one: a day of its own, or a document that is known and has a number."""
    document = side.cell(cells, "document")
    return _day(side.cell(cells, "date")) is not None or bool(movement_of(document) and number_of(document))


def _day(text: str) -> date | None:
    """The day that a cell holds, in digits or with its month in words."""
    try:
        return read_day(text) if text else None
    except CellFault:
        return next(iter(days_in(text)), None) if DAY.fullmatch(text) else None


def _without_amount(number: int, texts: Sequence[str], cells: Sequence[str], side: Side) -> Line | None:
    """The title of a contract, or a movement whose amount is missing; anything else is nothing to us."""
    if _is_movement(cells, side):
        return Line(number, fault=Fault(number, str(_("There is no amount."))))
    if CONTRACT.search(texts[0]):
        return Line(number, title=texts[0])
    return None


def _movement(number: int, cells: Sequence[str], side: Side, debit: Decimal, credit: Decimal) -> Line:
    """A movement, or two of one document where it was paid at once."""
    document, told_day, told_number = (side.cell(cells, role) for role in ("document", "date", "number"))
    if not (document or told_day or told_number):
        return Line(number, fault=Fault(number, str(_("There is an amount with neither a day nor a document."))))
    day = document_day(document) or _day(told_day)
    if day is None and told_day and not document:
        return Line(number, fault=Fault(number, str(_("“%(text)s” is no date.", text=told_day[:40]))))
    text = document or told_day
    name = (told_number or number_of(document) or "")[:MAX_NUMBER] or None
    both = [(debit, Decimal()), (Decimal(), credit)] if debit and credit else [(debit, credit)]
    moved = movement_of(text)
    entries = [
        Entry(number, text, moved if not place else Movement.PAYMENT, name, day, *amounts)
        for place, amounts in enumerate(both)
        if any(amounts)
    ]
    return Line(number, entries=tuple(entries))
