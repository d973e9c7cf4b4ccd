"""Lines of iiko's incoming invoices: as they are kept, and what each is to us.

iiko, "API iikoServer", Documents: ``amount`` is in base units and ``price`` of a packing where there is one, so that
only ``sum`` tells what a line costs; it holds the VAT. ``discountSum`` is not carried out there.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from portal.db.amounts import rounded
from portal.iiko.client.rows import Row
from portal.iiko.kinds.products import PRODUCTS
from portal.iiko.kinds.texts import money, plain, stripped
from portal.iiko.kinds.units import Unit
from portal.iiko.sync.kinds import IsKnown
from portal.iiko.sync.values import digest

ZERO = Decimal(0)
HUNDRED = Decimal(100)
# Rates that papers have; of a line that says its VAT and no rate it is the one that fits.
RATES = tuple(map(Decimal, (22, 20, 10, 7, 5)))
KOPECK = Decimal("0.01")
# Between what people read of lines and what tells them from others.
MARK = " #"


def read_lines(row: Row, units: Mapping[str, Unit]) -> Iterator[tuple[str | None, Mapping[str, Any]]]:
    """(store, line) of each line, ``None`` where it names no store of its own; lines of nothing are none."""
    for each in row.children("items", "item"):
        amount, total = each.number("amount") or ZERO, each.number("sum") or ZERO
        if amount or total:
            yield each.guid("store"), _line(each, units, amount, total)


def _line(row: Row, units: Mapping[str, Unit], amount: Decimal, total: Decimal) -> Mapping[str, Any]:
    unit = row.guid("amountUnit")
    rate, vat = _vat(total, row.number("vatPercent"), row.number("vatSum"))
    accepted = row.number("actualAmount")
    return {
        "product": row.guid("product"),
        "unit": units[unit].iiko_id if unit is not None and unit in units else unit,
        "pack": row.guid("containerId"),
        "amount": plain(amount),
        "accepted": plain(amount if accepted is None else accepted),
        "price": plain(row.number("price") or ZERO),
        "sum": money(total),
        "rate": plain(rate),
        "vat": money(vat),
        "discount": money(row.number("discountSum") or ZERO),
        "is_expense": row.flag("isAdditionalExpense") is True,
        "article": stripped(row.text("productArticle")),
        "sku": stripped(row.text("supplierProductArticle")),
    }


def _vat(total: Decimal, rate: Decimal | None, vat: Decimal | None) -> tuple[Decimal | None, Decimal]:
    """Rate and VAT as they are stated; what is not stated is worked out, and a rate out of bounds is none."""
    if rate is not None and not 0 <= rate < HUNDRED:
        rate = None
    if rate is not None:
        return rate, rounded(total * rate / (HUNDRED + rate)) if vat is None else rounded(vat)
    if not vat:
        # No rate is no rate of 0 %.
        return None, ZERO
    fitting = (each for each in RATES if abs(rounded(total * each / (HUNDRED + each)) - vat) <= KOPECK)
    return (found, rounded(vat)) if (found := next(fitting, None)) is not None else (None, ZERO)


def total_of(lines: Sequence[Mapping[str, Any]]) -> Decimal:
    """What all of them come to, freight and the like among them."""
    return sum((Decimal(each["sum"]) for each in lines), Decimal("0.00"))


def lines_in_words(value: Any) -> Any:
    """How many lines there are, and what they come to; of what a link remembers the same."""
    if isinstance(value, list):
        return f"{len(value)} · {total_of(value)}"
    return value.partition(MARK)[0] if isinstance(value, str) else value


def remember_lines(value: Any, is_known: IsKnown) -> Any:
    """What a link keeps of lines: another text where one changes, and where a product of one becomes known."""
    if not isinstance(value, list):
        return value
    unknown = sum(1 for each in value if is_goods(each) and not is_known(PRODUCTS.key, each["product"] or ""))
    return f"{lines_in_words(value)}{MARK}{digest(value)} {unknown}"


def is_goods(line: Mapping[str, Any]) -> bool:
    """Whether a line is of something that is bought: freight has a sum alone."""
    return not line["is_expense"]
