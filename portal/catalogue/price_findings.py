"""What a price says beside earlier ones: a leap, a creep, a pack that shrank, more than was agreed. Pure.

Prices are compared exactly, before anything is rounded: 219.99 after 200 is 9.995 %, which is less than ten.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any
from uuid import UUID

from portal.catalogue.graph import to_decimal
from portal.db.amounts import plain

DRIFT_DAYS = 90
SHOCK, DRIFT, SHRUNK, ABOVE_AGREED = "price_shock", "price_drift", "pack_shrunk", "above_agreed"


@dataclass(frozen=True)
class PricePoint:
    """What was paid: ``amount`` for ``quantity`` of a unit, which came to ``base_quantity`` (``None``: unknown).

    ``entered`` tells prices of one day apart; ``price_id`` and ``line_id`` lead to the paper.
    """

    day: date
    amount: Decimal
    quantity: Decimal
    unit_id: UUID | None
    base_quantity: Decimal | None
    entered: int = 0
    price_id: UUID | None = None
    line_id: UUID | None = None

    @cached_property
    def per_base(self) -> Fraction | None:
        """The price of one base unit, exactly."""
        return Fraction(self.amount) / Fraction(self.base_quantity) if self.base_quantity else None

    @cached_property
    def pack_size(self) -> Fraction | None:
        """How many base units one of the paper's units held."""
        return Fraction(self.base_quantity) / Fraction(self.quantity) if self.base_quantity and self.quantity else None

    @property
    def order(self) -> tuple[date, int]:
        """By the day of the paper, then by when it was entered."""
        return self.day, self.entered


@dataclass(frozen=True)
class Agreement:
    """What was agreed with a supplier, VAT in it, for one of a unit, from a day on (``None``: always)."""

    price: Decimal
    unit_id: UUID | None
    since: date | None

    def holds_on(self, day: date) -> bool:
        """Whether it was agreed by then."""
        return self.since is None or self.since <= day


@dataclass(frozen=True)
class Limits:
    """From how many per cent on a rise is told, and how much more than agreed is let pass."""

    alert: Decimal
    tolerance: Decimal


@dataclass(frozen=True)
class Found:
    """One thing that a price says: its kind, both numbers as plain text for the evidence, and the money in it."""

    kind: str
    evidence: dict[str, Any]
    money: Decimal


def compare(point: PricePoint, earlier: Sequence[PricePoint], limits: Limits) -> Iterator[Found]:
    """What a price says beside the earlier ones of the same item and supplier, which are in their order."""
    last = next((each for each in reversed(earlier) if each.per_base is not None), None)
    if point.per_base is None or last is None:
        return
    oldest = _oldest(point, earlier)
    if is_rise(last, point, limits.alert):
        yield _rise(SHOCK, last, point)
    elif oldest is not None and _is_dearer(last, point) and is_rise(oldest, point, limits.alert):
        # Where the price stood still since, the creep was told with the paper that brought it.
        yield _rise(DRIFT, oldest, point)
    packed = next((each for each in reversed(earlier) if each.unit_id == point.unit_id), None)
    if packed is not None and _is_shrunk(packed, point) and is_rise(packed, point, limits.tolerance):
        yield _shrunk(packed, point)


def above_agreed(
    total: Decimal, quantity: Fraction | None, agreement: Agreement, limits: Limits, day: date
) -> Found | None:
    """Whether a line of that total is dearer than agreed; ``quantity`` is in the unit of the agreement."""
    if quantity is None or quantity <= 0 or not agreement.holds_on(day):
        return None
    allowed = Fraction(agreement.price) * quantity
    if Fraction(total) <= allowed * _grown(limits.tolerance):
        return None
    evidence = {
        "agreed": plain(agreement.price),
        "paid": plain(to_decimal(Fraction(total) / quantity)),
        "percent": _percent(Fraction(total), allowed) if allowed else None,
        "since": agreement.since.isoformat() if agreement.since else None,
        "unit_id": _text(agreement.unit_id),
    }
    return Found(ABOVE_AGREED, evidence, to_decimal(Fraction(total) - allowed, 2))


def is_rise(before: PricePoint, after: PricePoint, percent: Decimal) -> bool:
    """Whether one base unit costs at least that many per cent more; never where it costs the same."""
    if before.per_base is None or after.per_base is None or after.per_base <= before.per_base:
        return False
    return after.per_base >= before.per_base * _grown(percent)


@lru_cache(maxsize=100)
def _grown(percent: Decimal) -> Fraction:
    return 1 + Fraction(percent) / 100


def cost_of_part(amount: Decimal, part: Fraction, whole: Fraction) -> Decimal:
    """What a part costs: a share of what was paid for the whole, never a rounded price times a quantity."""
    return to_decimal(Fraction(amount) * part / whole, 2)


def _oldest(point: PricePoint, earlier: Sequence[PricePoint]) -> PricePoint | None:
    start = point.day - timedelta(days=DRIFT_DAYS)
    return next((each for each in earlier if each.day >= start and each.per_base is not None), None)


def _is_dearer(before: PricePoint, after: PricePoint) -> bool:
    return is_rise(before, after, Decimal(0))


def _is_shrunk(before: PricePoint, after: PricePoint) -> bool:
    return before.pack_size is not None and after.pack_size is not None and after.pack_size < before.pack_size


def _rise(kind: str, before: PricePoint, after: PricePoint) -> Found:
    assert before.per_base is not None
    assert after.per_base is not None
    assert after.base_quantity is not None
    evidence = {
        "from": plain(to_decimal(before.per_base)),
        "to": plain(to_decimal(after.per_base)),
        "percent": _percent(after.per_base, before.per_base),
        "since": before.day.isoformat(),
        "price_id": _text(before.price_id),
        "line_id": _text(before.line_id),
    }
    money = (after.per_base - before.per_base) * Fraction(after.base_quantity)
    return Found(kind, evidence, to_decimal(money, 2))


def _shrunk(before: PricePoint, after: PricePoint) -> Found:
    found = _rise(SHRUNK, before, after)
    assert before.pack_size is not None
    assert after.pack_size is not None
    sizes = {"from_size": before.pack_size, "to_size": after.pack_size}
    told = {key: plain(to_decimal(size)) for key, size in sizes.items()}
    return Found(SHRUNK, found.evidence | told | {"unit_id": _text(after.unit_id)}, found.money)


def _percent(after: Fraction, before: Fraction) -> str:
    return plain(to_decimal((after / before - 1) * 100, 2))


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
