"""Invoices are compared with their orders and deliveries while they are judged; what no longer holds is settled."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.catalogue.graph import to_decimal
from portal.catalogue.pricing import cost_of
from portal.catalogue.settings import SupplySettings
from portal.db.amounts import plain
from portal.db.base import db
from portal.deliveries.matching import Accepted, Balance, Invoiced, Mismatch, Ordered, Tolerances, balances
from portal.deliveries.matching import match as compare_all
from portal.deliveries.queries import (
    LIVING,
    Related,
    counted_items,
    lines_of_deliveries,
    lines_of_orders,
    related_to,
    strayed,
    waiting_for,
)
from portal.deliveries.tying import tie, untie
from portal.invoices.changing import judge_anew
from portal.invoices.exceptions import Finding
from portal.invoices.following import compare_with, follow_invoices
from portal.invoices.models import Invoice
from portal.invoices.queries import lines_of


def match(invoice_ids: Collection[UUID]) -> None:
    """Compare some invoices anew, and with them whatever hangs together with them."""
    db.session.flush()
    found = related_to(invoice_ids)
    asked = list(found.invoices)
    asked += _living(set(invoice_ids) - {row.id for row in asked})
    if asked:
        judge_anew(asked, is_told=False)


def findings_of(invoices: Sequence[Invoice]) -> dict[UUID, list[Finding]]:
    """What does not agree about some invoices; of a delivery with their number they are the paper from now on."""
    living = [row for row in invoices if row.status in LIVING]
    if not living:
        return {}
    _let_stray(living)
    _take_up(living)
    orders = {row.purchase_order_id for row in living if row.purchase_order_id is not None}
    found = related_to([row.id for row in living], orders)
    if not found.deliveries and not found.orders:
        return {}
    return Comparison(found).findings()


def tell_relatives(invoice_ids: Collection[UUID]) -> None:
    """What a changed invoice covered, or leaves to others, is compared anew for those others."""
    named = select(Invoice.purchase_order_id).where(Invoice.id.in_(invoice_ids), Invoice.purchase_order_id.is_not(None))
    orders = {each for each in db.session.scalars(named) if each is not None}
    others = [row for row in related_to(invoice_ids, orders).invoices if row.id not in set(invoice_ids)]
    if others:
        judge_anew(others, is_told=False)


def _living(invoice_ids: Collection[UUID]) -> list[Invoice]:
    if not invoice_ids:
        return []
    query = select(Invoice).where(Invoice.id.in_(invoice_ids), Invoice.status.in_(LIVING))
    return list(db.session.scalars(query.order_by(Invoice.id)))


def _take_up(invoices: Sequence[Invoice]) -> None:
    """Deliveries that wait for a paper of that number have it; a number that two papers have is for a person to say."""
    by_delivery: dict[UUID, list[Any]] = defaultdict(list)
    for row in waiting_for(invoices):
        by_delivery[row.Delivery.id].append(row)
    by_id = {row.id: row for row in invoices}
    for pairs in by_delivery.values():
        if len(pairs) == 1:
            tie(pairs[0].Delivery, by_id[pairs[0].id])
    db.session.flush()


def _let_stray(invoices: Sequence[Invoice]) -> None:
    """An invoice that is of another supplier or store by now is the paper of no delivery there any more."""
    for delivery in (deliveries := strayed(invoices)):
        untie(delivery)
    orders = {row.purchase_order_id for row in deliveries if row.purchase_order_id is not None}
    known = {row.id for row in invoices}
    others = [row for row in related_to((), orders).invoices if row.id not in known] if orders else []
    if others:
        judge_anew(others, is_told=False)


class Comparison:
    """Everything that hangs together with some invoices, read at once."""

    def __init__(self, related: Related) -> None:
        self.related = related
        self.ordered = lines_of_orders(related.orders)
        self.accepted = lines_of_deliveries([row.id for row in related.deliveries])
        self.lines = lines_of([row.id for row in related.invoices])
        settings = SupplySettings.current()
        self.is_recovered = settings.vat_recoverable
        self.items = counted_items(self._item_ids())
        per_cent = {True: settings.counted_tolerance, False: settings.weighed_tolerance}
        quantity = {item_id: per_cent[is_counted] for item_id, (is_counted, _unit) in self.items.items()}
        self.tolerances = Tolerances(settings.price_tolerance, quantity)

    def findings(self) -> dict[UUID, list[Finding]]:
        """What does not agree, by invoice."""
        of_line = {line.id: row for row in self.related.invoices for line in self.lines[row.id]}
        found: dict[UUID, list[Finding]] = defaultdict(list)
        for part in self._groups():
            for each in self._mismatches(part):
                invoice = of_line[each.line_id]
                found[invoice.id].append(self._finding(each, invoice, part))
        return found

    def _groups(self) -> list[set[UUID]]:
        """The ids of what hangs together: each delivery, invoice and order is in one of them."""
        groups: list[set[UUID]] = []
        for row_id, named in self.related.ties.items():
            joined = {row_id, *named}
            apart = []
            for group in groups:
                if group & joined:
                    joined |= group
                else:
                    apart.append(group)
            groups = [*apart, joined]
        return groups

    def _mismatches(self, group: set[UUID]) -> Sequence[Mismatch]:
        deliveries = [row for row in self.related.deliveries if row.id in group]
        orders = self.related.orders & group
        # Of an invoice alone there is nothing to compare it with.
        if not deliveries and not orders:
            return []
        return compare_all(*self._sides(group), self.tolerances, is_ordered=bool(orders))

    def balances_of(self, row_id: UUID) -> dict[UUID, Balance]:
        """What was ordered, accepted and billed, by item, in what hangs together with one of the rows."""
        group = next((each for each in self._groups() if row_id in each), {row_id})
        return balances(*self._sides(group))

    def _sides(self, group: set[UUID]) -> tuple[list[Ordered], list[Accepted], list[Invoiced]]:
        invoices = [row for row in self.related.invoices if row.id in group]
        deliveries = [row for row in self.related.deliveries if row.id in group]
        currencies = {row.currency for row in invoices}
        return (
            [_ordered(line, currencies == {told}) for line, told in self._of(self.related.orders & group)],
            [_accepted(line) for row in deliveries for line in self.accepted[row.id]],
            [each for row in invoices for each in self._invoiced(row)],
        )

    def _of(self, orders: Collection[UUID]) -> list[Any]:
        return [row for row in self.ordered if row[0].purchase_order_id in orders]

    def _invoiced(self, invoice: Invoice) -> Iterator[Invoiced]:
        for line in self.lines[invoice.id]:
            if line.inventory_item_id is None:
                continue
            cost = cost_of(line.line_total, line.vat_amount, is_recoverable=self.is_recovered)
            yield Invoiced(line.id, line.inventory_item_id, line.base_quantity, line.line_total, cost)

    def _item_ids(self) -> set[UUID]:
        lines = [
            *(row[0] for row in self.ordered),
            *(line for rows in self.accepted.values() for line in rows),
            *(line for rows in self.lines.values() for line in rows),
        ]
        return {line.inventory_item_id for line in lines if line.inventory_item_id is not None}

    def _finding(self, each: Mismatch, invoice: Invoice, group: set[UUID]) -> Finding:
        numbers = {
            "ordered": each.ordered,
            "accepted": each.accepted,
            "invoiced": each.invoiced,
            "price": each.price,
            "price_ordered": each.price_ordered,
            "part": each.part,
        }
        told: dict[str, Any] = {name: _told(value) for name, value in numbers.items()}
        orders = sorted(str(row_id) for row_id in self.related.orders & group)
        deliveries = sorted(str(row.id) for row in self.related.deliveries if row.id in group)
        told |= {"unit": self.items[each.item_id][1], "currency": invoice.currency}
        return Finding(each.kind, told | {"orders": orders, "deliveries": deliveries}, each.money, each.line_id)


def _told(value: Fraction | None) -> str | None:
    return None if value is None else plain(to_decimal(value))


def _ordered(line: Any, is_same_currency: bool) -> Ordered:
    is_priced = line.unit_price is not None and is_same_currency
    amount = Fraction(line.quantity) * Fraction(line.unit_price) if is_priced else None
    return Ordered(line.inventory_item_id, line.base_quantity, amount)


def _accepted(line: Any) -> Accepted:
    return Accepted(line.inventory_item_id, line.base_quantity)


compare_with(findings_of)
follow_invoices(tell_relatives)
