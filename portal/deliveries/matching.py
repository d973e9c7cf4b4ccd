"""What was ordered, accepted and invoiced, item by item: where the three do not agree, and the money in it. Pure.

Quantities are in the item's base unit, prices for one of it, both exact; money is rounded once, at the end.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from portal.catalogue.graph import to_decimal
from portal.invoices.words import ExceptionKind


@dataclass(frozen=True)
class Ordered:
    """A line of an order. ``quantity`` ``None``: no conversion leads there; ``amount`` is what it was to cost."""

    item_id: UUID
    quantity: Decimal | None
    amount: Fraction | None = None


@dataclass(frozen=True)
class Accepted:
    """A line of a delivery, without what was sent back."""

    item_id: UUID
    quantity: Decimal | None


@dataclass(frozen=True)
class Invoiced:
    """A line of an invoice, VAT in ``amount``; ``cost`` is that without VAT that is deducted.

    Of a credit note quantity and amount are below zero.
    """

    line_id: UUID
    item_id: UUID
    quantity: Decimal | None
    amount: Decimal
    cost: Decimal


@dataclass(frozen=True)
class Tolerances:
    """Per cent that are let pass: of prices, of each item's quantity."""

    price: Decimal = Decimal(0)
    quantity: dict[UUID, Decimal] = field(default_factory=dict)

    def most(self, item_id: UUID, ordered: Fraction) -> Fraction:
        """How much of an item may come in all: the tolerance is on the sum, not on each delivery."""
        return ordered * (1 + Fraction(self.quantity.get(item_id, Decimal(0))) / 100)

    def price_above(self, ordered: Fraction) -> Fraction:
        """What one may cost at most."""
        return ordered * (1 + Fraction(self.price) / 100)


@dataclass(frozen=True)
class Mismatch:
    """What does not agree about a line of an invoice, and the money in it.

    Numbers are those of the line's item; ``ordered`` and ``price_ordered`` are ``None`` where it was not ordered.
    """

    line_id: UUID
    item_id: UUID
    kind: ExceptionKind
    money: Decimal
    ordered: Fraction | None
    accepted: Fraction
    invoiced: Fraction
    price: Fraction
    price_ordered: Fraction | None
    # How much of the line the money is for.
    part: Fraction


@dataclass
class Balance:
    """One item: what was ordered, accepted and invoiced of it; ``is_known``: whether all of it can be compared."""

    item_id: UUID
    is_known: bool = True
    ordered: Fraction | None = None
    amount: Fraction | None = None
    accepted: Fraction = Fraction(0)
    invoiced: Fraction = Fraction(0)
    lines: list[Invoiced] = field(default_factory=list)

    @property
    def price_ordered(self) -> Fraction | None:
        """What one was to cost."""
        return self.amount / self.ordered if self.amount is not None and self.ordered else None


@dataclass(frozen=True)
class _Part:
    """A line, how much of it is billed once credit notes are taken off, and how much of that was accepted."""

    line: Invoiced
    billed: Fraction
    accepted: Fraction

    @property
    def price(self) -> Fraction:
        return Fraction(self.line.cost) / Fraction(self.line.quantity or 1)

    def money(self, quantity: Fraction) -> Decimal:
        """A share of what is billed, never a rounded price times a quantity."""
        assert self.line.quantity
        return money(Fraction(self.line.amount) * quantity / Fraction(self.line.quantity))


def balances(
    ordered: Iterable[Ordered], accepted: Iterable[Accepted], invoiced: Iterable[Invoiced]
) -> dict[UUID, Balance]:
    """The three sums of each item, the items in the order in which they are met."""
    found: dict[UUID, Balance] = {}
    for order in ordered:
        _add_ordered(found.setdefault(order.item_id, Balance(order.item_id)), order)
    for came in accepted:
        balance = found.setdefault(came.item_id, Balance(came.item_id))
        balance.is_known = balance.is_known and came.quantity is not None
        balance.accepted += Fraction(came.quantity or 0)
    for line in invoiced:
        balance = found.setdefault(line.item_id, Balance(line.item_id))
        balance.is_known = balance.is_known and line.quantity is not None
        balance.invoiced += Fraction(line.quantity or 0)
        balance.lines.append(line)
    return found


def _add_ordered(balance: Balance, order: Ordered) -> None:
    is_first = balance.ordered is None
    balance.is_known = balance.is_known and order.quantity is not None
    balance.ordered = (balance.ordered or Fraction(0)) + Fraction(order.quantity or 0)
    # Of two lines of one item the price is known only where it is of both.
    if order.amount is None or (balance.amount is None and not is_first):
        balance.amount = None
    else:
        balance.amount = (balance.amount or Fraction(0)) + order.amount


def match(
    ordered: Sequence[Ordered],
    accepted: Sequence[Accepted],
    invoiced: Sequence[Invoiced],
    tolerances: Tolerances,
    *,
    is_ordered: bool,
) -> list[Mismatch]:
    """What of the invoices' lines does not agree with the order and its deliveries.

    ``is_ordered``: whether there is an order at all; without one only what came is compared. What was accepted covers
    the lines in the order in which they are given: the earliest invoice first.
    """
    found = balances(ordered, accepted, invoiced).values()
    return [each for balance in found if balance.is_known for each in _judge(balance, tolerances, is_ordered)]


def _judge(balance: Balance, tolerances: Tolerances, is_ordered: bool) -> Iterator[Mismatch]:
    parts = _parts(balance)
    for part in parts:
        missing = part.billed - part.accepted
        if missing > 0:
            kind = ExceptionKind.OVER_BILLED if balance.accepted else ExceptionKind.NOT_RECEIVED
            yield _mismatch(balance, part, kind, part.money(missing), missing)
        if is_ordered and balance.ordered is None:
            # Whatever came of it was never agreed.
            yield _mismatch(balance, part, ExceptionKind.NOT_ORDERED, part.money(part.accepted), part.accepted)
        agreed = balance.price_ordered
        if agreed is not None and part.accepted > 0 and part.price > tolerances.price_above(agreed):
            above = money((part.price - agreed) * part.accepted)
            yield _mismatch(balance, part, ExceptionKind.PRICE_ABOVE_ORDER, above, part.accepted)
    if parts and balance.ordered is not None and balance.accepted > tolerances.most(balance.item_id, balance.ordered):
        # What it costs is told by the lines themselves: it came, so it is paid for.
        over = balance.accepted - balance.ordered
        yield _mismatch(balance, parts[-1], ExceptionKind.OVER_DELIVERED, Decimal("0.00"), over)


def _parts(balance: Balance) -> list[_Part]:
    """The lines that bill something, each with what of it is left to bill and what of that was accepted."""
    credited = -sum((Fraction(line.quantity or 0) for line in balance.lines if (line.quantity or 0) < 0), Fraction(0))
    billed: list[tuple[Invoiced, Fraction]] = []
    for line in reversed([line for line in balance.lines if (line.quantity or 0) > 0]):
        quantity = Fraction(line.quantity or 0)
        taken = min(quantity, credited)
        credited -= taken
        if quantity > taken:
            billed.append((line, quantity - taken))
    left, parts = balance.accepted, []
    for line, quantity in reversed(billed):
        covered = min(quantity, left)
        left -= covered
        parts.append(_Part(line, quantity, covered))
    return parts


def _mismatch(balance: Balance, part: _Part, kind: ExceptionKind, at_stake: Decimal, quantity: Fraction) -> Mismatch:
    return Mismatch(
        line_id=part.line.line_id,
        item_id=balance.item_id,
        kind=kind,
        money=max(at_stake, Decimal("0.00")),
        ordered=balance.ordered,
        accepted=balance.accepted,
        invoiced=balance.invoiced,
        price=part.price,
        price_ordered=balance.price_ordered,
        part=quantity,
    )


def money(exact: Fraction) -> Decimal:
    """An exact amount in kopecks, half away from zero."""
    return to_decimal(exact, 2)
