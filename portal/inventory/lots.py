"""Of which lots something is taken, and to which it is added. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Lot:
    """How much there is of a lot of an item; without number and date it is what belongs to no lot."""

    lot_number: str | None
    expiry_date: date | None
    quantity: Decimal

    @property
    def is_plain(self) -> bool:
        """Whether it is what belongs to no lot."""
        return self.lot_number is None and self.expiry_date is None


def oldest_first(lots: Iterable[Lot]) -> list[Lot]:
    """As they are offered: what expires first, and last what has no date."""
    return sorted(lots, key=lambda lot: (lot.expiry_date or date.max, lot.lot_number or ""))


def take(lots: Sequence[Lot], quantity: Decimal) -> list[Lot]:
    """How much to take of each lot, the oldest expiry first; what no lot holds is taken of what belongs to none."""
    found: dict[tuple[str | None, date | None], Decimal] = {}
    for lot in oldest_first(lots):
        part = min(lot.quantity, quantity)
        if part > 0:
            found[lot.lot_number, lot.expiry_date] = part
            quantity -= part
    if quantity > 0:
        found[None, None] = found.get((None, None), Decimal()) + quantity
    return [Lot(number, expiry, part) for (number, expiry), part in found.items()]


def settle(lots: Sequence[Lot], counted: Decimal) -> list[Lot]:
    """What brings the lots to what was counted of all of them, each part with its sign.

    None stays below zero. What is missing then is missing of the oldest, what is too much belongs to no lot.
    """
    below = [Lot(lot.lot_number, lot.expiry_date, -lot.quantity) for lot in lots if lot.quantity < 0]
    surplus = counted - total_of(lot for lot in lots if lot.quantity > 0)
    rest = [Lot(None, None, surplus)] if surplus > 0 else []
    return without([*below, *rest], take(lots, -surplus))


def without(lots: Iterable[Lot], taken: Iterable[Lot]) -> list[Lot]:
    """What is left of the lots once those parts are taken."""
    left: dict[tuple[str | None, date | None], Decimal] = {}
    for sign, parts in ((1, lots), (-1, taken)):
        for lot in parts:
            key = lot.lot_number, lot.expiry_date
            left[key] = left.get(key, Decimal()) + sign * lot.quantity
    return [Lot(number, expiry, quantity) for (number, expiry), quantity in left.items()]


def total_of(lots: Iterable[Lot]) -> Decimal:
    """What the lots come to."""
    return sum((lot.quantity for lot in lots), Decimal())
