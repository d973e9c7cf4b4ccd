"""The cells of one row as the line of a paper: amounts that belong together, and what cannot be read, in words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from flask_babel import gettext as _

from portal.db.amounts import rounded
from portal.importing.cells import MAX_MONEY, CellFault, read_money, read_price, read_quantity, read_rate
from portal.invoices.arithmetic import line_amounts, vat_on_top, vat_within
from portal.invoices.files.fields import Field

MAX_DESCRIPTION = 500
MAX_RATE = Decimal(100)
KOPECK = Decimal("0.01")
# Where a file states VAT and no rate, the one of these that comes out is meant.
RATES = (Decimal(22), Decimal(20), Decimal(10), Decimal(7), Decimal(5))
# Words with which rows begin that add up others.
SUMS = ("итого", "всего", "total", "subtotal", "в том числе ндс", "сумма ндс")

Problem = tuple[str, str]
Value = TypeVar("Value")


@dataclass(frozen=True)
class Reading:
    """What is said once for the rows of a file: whether prices hold VAT, and the rate where a file names none."""

    prices_include_vat: bool = True
    default_rate: Decimal | None = None
    is_credit: bool = False


@dataclass
class Line:
    """A line as it was read; ``problems`` are (field, sentence), and where there are any it is not to be taken."""

    description: str = ""
    sku: str | None = None
    unit: str = ""
    unit_code: str = ""
    quantity: Decimal = Decimal(1)
    unit_price: Decimal = Decimal(0)
    discount: Decimal = Decimal(0)
    line_total: Decimal | None = None
    vat_rate: Decimal | None = None
    vat_amount: Decimal = Decimal("0.00")
    problems: list[Problem] = field(default_factory=list)


def is_sum(texts: Mapping[str, str]) -> bool:
    """Whether a row adds up others, or only names a group of them: it is no line."""
    description = texts.get(Field.DESCRIPTION, "")
    # Where the description is empty the word stands in the cell before it.
    told = description or next((text for text in texts.values() if text), "")
    return told.casefold().lstrip().startswith(SUMS) and not texts.get(Field.PRICE, "").casefold().strip(" -—xх")


def read_line(texts: Mapping[str, str], reading: Reading) -> Line:
    """The line of a row; nothing is made up: what is missing follows from the other amounts, or is told."""
    line = Line(
        description=" ".join(texts.get(Field.DESCRIPTION, "").split())[:MAX_DESCRIPTION],
        sku=texts.get(Field.SKU) or None,
        unit=texts.get(Field.UNIT, ""),
        unit_code=texts.get(Field.UNIT_CODE, ""),
    )
    cells = _Cells(_with_rate(texts), line.problems)
    if Field.DESCRIPTION in texts and not line.description:
        line.problems.append((Field.DESCRIPTION, _("Fill this in.")))
    line.description = line.description or str(_("As on the paper"))
    _read_quantity(line, cells, reading)
    if not line.problems:
        _read_amounts(line, cells, reading)
    else:
        # What the row would have come to is still known: its paper lacks so much.
        line.line_total = cells.read(Field.TOTAL, read_money)
    if reading.is_credit and not line.problems:
        _turn(line)
    return line


def _with_rate(texts: Mapping[str, str]) -> Mapping[str, str]:
    """A column called "НДС" may hold amounts or rates: "22%" is a rate."""
    text = texts.get(Field.VAT, "")
    return texts if "%" not in text or texts.get(Field.RATE) else {**texts, Field.RATE: text, Field.VAT: ""}


class _Cells:
    """The cells of one row; what cannot be read is noted once and then counts as empty."""

    def __init__(self, texts: Mapping[str, str], problems: list[Problem]) -> None:
        self.texts, self.problems = texts, problems

    def read(self, name: Field, reader: Callable[[str], Value]) -> Value | None:
        text = self.texts.get(name, "")
        if not text or text.strip() in ("-", "—", "–", "х", "x", "Х", "X"):
            return None
        try:
            return reader(text)
        except CellFault as fault:
            self.problems.append((name, fault.sentence))
            return None

    def refuse(self, name: Field, sentence: Any) -> None:
        self.problems.append((name, str(sentence)))


def _read_quantity(line: Line, cells: _Cells, reading: Reading) -> None:
    quantity = cells.read(Field.QUANTITY, read_quantity)
    if quantity is None:
        # A register of papers names sums alone; where there is a column, an empty cell is no one.
        if Field.QUANTITY in cells.texts and not line.problems:
            cells.refuse(Field.QUANTITY, _("Fill this in."))
        return
    if quantity == 0:
        cells.refuse(Field.QUANTITY, _("Nothing was delivered: write more than 0, or leave the row out."))
    if quantity < 0 and not reading.is_credit:
        cells.refuse(Field.QUANTITY, _("Enter it as a credit note."))
    line.quantity = abs(quantity)


def _read_amounts(line: Line, cells: _Cells, reading: Reading) -> None:
    price, net = cells.read(Field.PRICE, read_price), cells.read(Field.NET, read_money)
    total, vat = cells.read(Field.TOTAL, read_money), _vat(cells)
    line.discount = cells.read(Field.DISCOUNT, read_money) or Decimal(0)
    line.vat_rate = _rate(cells, reading, total, net, vat)
    if cells.problems:
        return
    if reading.is_credit:
        price, net, total, vat = (None if value is None else abs(value) for value in (price, net, total, vat))
    if price is None and total is None and net is None:
        cells.refuse(Field.TOTAL, _("Fill this in."))
        return
    _complete(line, price, net, total, vat, reading)
    if line.vat_rate is None and line.vat_amount:
        cells.refuse(Field.RATE, _("There is VAT, and no rate of it."))
    if price is not None and price < 0:
        cells.refuse(Field.PRICE, _("A price is not below 0."))
    elif line.line_total is not None and line.line_total < 0:
        cells.refuse(Field.TOTAL, _("Enter it as a credit note."))
    elif max(abs(line.line_total or Decimal(0)), abs(line.unit_price)) >= MAX_MONEY:
        # Of cells that can be kept each, too, as a large total over a tiny quantity is.
        cells.refuse(Field.TOTAL, _("Quantity, price and total come to more than can be kept."))


def _vat(cells: _Cells) -> Decimal | None:
    """The amount of VAT; "без НДС" in its place is none."""
    text = cells.texts.get(Field.VAT, "")
    if text and not any(sign.isdigit() for sign in text) and "ндс" in text.casefold():
        return Decimal("0.00")
    return cells.read(Field.VAT, read_money)


def _rate(
    cells: _Cells, reading: Reading, total: Decimal | None, net: Decimal | None, vat: Decimal | None
) -> Decimal | None:
    """The rate of the row, else the one by which its VAT comes out, else the file's."""
    if cells.texts.get(Field.RATE):
        rate = cells.read(Field.RATE, read_rate)
        if rate is not None and not 0 <= rate < MAX_RATE:
            cells.refuse(Field.RATE, _("A rate of VAT is below 100 %."))
        return rate
    if vat:
        for rate in RATES:
            whole = None if total is None else vat_within(abs(total), rate)
            part = None if net is None else vat_on_top(abs(net), rate)
            if any(ours is not None and abs(ours - abs(vat)) <= KOPECK for ours in (whole, part)):
                return rate
        return None
    return reading.default_rate if vat is None else None


def _complete(
    line: Line,
    price: Decimal | None,
    net: Decimal | None,
    total: Decimal | None,
    vat: Decimal | None,
    reading: Reading,
) -> None:
    """The total with VAT, the VAT in it and the price, each as stated, else from the others."""
    if total is None and net is not None:
        total = net + (vat_on_top(net, line.vat_rate) if vat is None else vat)
    if total is None and price is not None:
        total = line_amounts(
            line.quantity, price, line.discount, line.vat_rate, prices_include_vat=reading.prices_include_vat
        ).total
    assert total is not None
    line.line_total = total
    line.vat_amount = vat if vat is not None else _vat_of(line, total, net)
    stated = total if reading.prices_include_vat else total - line.vat_amount
    line.unit_price = price if price is not None else _per_unit(stated + line.discount, line.quantity)


def _vat_of(line: Line, total: Decimal, net: Decimal | None) -> Decimal:
    return vat_within(total, line.vat_rate) if net is None or line.vat_rate is None else total - net


def _per_unit(amount: Decimal, quantity: Decimal) -> Decimal:
    return rounded(amount / quantity, 4)


def _turn(line: Line) -> None:
    """A credit note gives back: the quantity and the amounts have a minus, the price has none."""
    line.quantity, line.discount = -line.quantity, -line.discount
    line.vat_amount = -line.vat_amount
    line.line_total = None if line.line_total is None else -line.line_total
