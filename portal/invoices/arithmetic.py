"""What the amounts of a paper should be, beside what it states.

VAT is rounded line by line, and a total is the sum of its lines. A rate of ``None`` is "без НДС" and no 0 %.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, Protocol

from portal.db.amounts import plain, rounded

KOPECK = Decimal("0.01")
HUNDRED = Decimal(100)
# The standard rate in Russia until the end of 2025, and since.
STANDARD_RATES = {Decimal(20): (None, date(2025, 12, 31)), Decimal(22): (date(2026, 1, 1), None)}


class Billed(Protocol):
    """A line as it is written or stored: ``line_total`` holds VAT, ``unit_price`` may not."""

    @property
    def quantity(self) -> Decimal: ...
    @property
    def unit_price(self) -> Decimal: ...
    @property
    def discount(self) -> Decimal: ...
    @property
    def vat_rate(self) -> Decimal | None: ...
    @property
    def vat_amount(self) -> Decimal: ...
    @property
    def line_total(self) -> Decimal: ...


@dataclass(frozen=True)
class Amounts:
    """A line's amount without VAT, its VAT, and both together."""

    net: Decimal
    vat: Decimal
    total: Decimal


@dataclass(frozen=True)
class Doubt:
    """Something that the paper states and that does not come out; ``evidence`` holds plain numbers as text."""

    kind: Literal["arithmetic", "vat"]
    evidence: dict[str, Any]
    money: Decimal


def vat_within(total: Decimal, rate: Decimal | None) -> Decimal:
    """The VAT that an amount holds: 1000.00 at 22 % holds 180.33."""
    return Decimal("0.00") if rate is None else rounded(total * rate / (HUNDRED + rate))


def vat_on_top(net: Decimal, rate: Decimal | None) -> Decimal:
    """The VAT that is added to an amount without it: 819.67 at 22 % gets 180.33."""
    return Decimal("0.00") if rate is None else rounded(net * rate / HUNDRED)


def share(amount: Decimal, percent: Decimal) -> Decimal:
    """So many per cent of an amount, as a discount is written: rounded by itself."""
    return rounded(amount * percent / HUNDRED)


def line_amounts(
    quantity: Decimal,
    unit_price: Decimal,
    discount: Decimal = Decimal(0),
    vat_rate: Decimal | None = None,
    prices_include_vat: bool = True,
) -> Amounts:
    """What a line comes to; ``discount`` is an amount, in prices as the paper has them."""
    priced = rounded(quantity * unit_price - discount)
    if prices_include_vat:
        vat = vat_within(priced, vat_rate)
        return Amounts(priced - vat, vat, priced)
    vat = vat_on_top(priced, vat_rate)
    return Amounts(priced, vat, priced + vat)


def fits(quantity: Decimal, unit_price: Decimal, discount: Decimal, stated: Decimal) -> bool:
    """Whether a stated amount is quantity × price − discount.

    A kopeck is rounding, and so is what the price does not show: 81.97 stands for 81.965 to 81.975.
    """
    return abs(quantity * unit_price - discount - stated) <= KOPECK + abs(quantity) * _half_digit(unit_price)


def judge_line(line: Billed, *, prices_include_vat: bool = True, is_priced_apart: bool = False) -> list[Doubt]:
    """What does not come out in a line; what it states is kept as it is.

    ``is_priced_apart``: the price is for another measure than the quantity, such as a packing, and the discount was
    not taken off, as iiko has it; there any discount is in doubt.
    """
    stated = line.line_total if prices_include_vat else line.line_total - line.vat_amount
    return [*_doubts_of_amount(line, stated, is_priced_apart), *_doubts_of_vat(line, stated, prices_include_vat)]


def judge_total(stated: Decimal | None, lines: list[Decimal]) -> Doubt | None:
    """The doubt where a paper's total is not the sum of its lines: a kopeck a line is rounding."""
    if stated is None:
        return None
    ours = sum(lines, Decimal(0))
    if abs(stated - ours) <= KOPECK * len(lines):
        return None
    return _doubt("arithmetic", what="total", stated=stated, ours=ours)


def is_rate_of(rate: Decimal | None, day: date) -> bool:
    """Whether a rate was in force on the day of shipment: 20 % on a paper of 2026 is worth a note, never a refusal."""
    since, until = STANDARD_RATES.get(rate, (None, None)) if rate is not None else (None, None)
    return (since is None or since <= day) and (until is None or day <= until)


def _doubts_of_amount(line: Billed, stated: Decimal, is_priced_apart: bool) -> list[Doubt]:
    if is_priced_apart:
        doubt = _doubt("arithmetic", what="discount", stated=stated, ours=stated - line.discount)
        return [doubt] if line.discount else []
    if fits(line.quantity, line.unit_price, line.discount, stated):
        return []
    ours = rounded(line.quantity * line.unit_price - line.discount)
    return [_doubt("arithmetic", what="line", stated=stated, ours=ours)]


def _doubts_of_vat(line: Billed, stated: Decimal, prices_include_vat: bool) -> list[Doubt]:
    ours = (vat_within if prices_include_vat else vat_on_top)(stated, line.vat_rate)
    if abs(ours - line.vat_amount) <= KOPECK:
        return []
    other = (vat_on_top if prices_include_vat else vat_within)(stated, line.vat_rate)
    evidence = {"fits": "on_top" if prices_include_vat else "within"} if _is_near(other, line.vat_amount) else {}
    rate = None if line.vat_rate is None else plain(line.vat_rate)
    return [_doubt("vat", stated=line.vat_amount, ours=ours, amount=stated, rate=rate, **evidence)]


def _is_near(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= KOPECK


def _doubt(kind: Literal["arithmetic", "vat"], *, stated: Decimal, ours: Decimal, **evidence: Any) -> Doubt:
    told = {name: f"{value:.2f}" if isinstance(value, Decimal) else value for name, value in evidence.items()}
    return Doubt(kind, {"stated": f"{stated:.2f}", "ours": f"{ours:.2f}", **told}, abs(stated - ours))


def _half_digit(price: Decimal) -> Decimal:
    """Half of the last digit that a price was written with: at least kopecks are, whatever zeros were left out."""
    decimals = max(2, -int(price.normalize().as_tuple().exponent))
    return Decimal(1).scaleb(-decimals) / 2
