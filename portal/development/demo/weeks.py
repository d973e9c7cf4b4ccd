"""The last weeks at the back doors of a demo chain: what its papers bill came in, half of it ordered before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.audit.recording import record_creation
from portal.catalogue.settings import SupplySettings
from portal.db.base import db
from portal.db.states import log_verb
from portal.deliveries.models import Delivery, DeliveryItem
from portal.development.demo.moments import Clock
from portal.inventory.booking import Movement, book
from portal.inventory.words import MovementKind
from portal.invoices.models import Invoice, InvoiceItem
from portal.invoices.queries import lines_of
from portal.invoices.words import InvoiceKind, InvoiceSource, InvoiceStatus
from portal.purchase_orders.models import PurchaseOrder, PurchaseOrderItem
from portal.purchase_orders.standing import SENT
from portal.purchase_orders.words import OrderStatus

# So long before it came it was ordered.
ORDERED_BEFORE = timedelta(days=2, hours=1)


@dataclass(frozen=True)
class Came:
    """A delivery with its paper, and the order that it was of, where there was one."""

    invoice: Invoice
    lines: Sequence[InvoiceItem]
    delivery: Delivery
    order: PurchaseOrder | None


class Weeks:
    """Deliveries as their papers bill them. Written many at once, as the verbs would: nothing in them is odd."""

    def __init__(self, clock: Clock, since: int, until: int) -> None:
        self.clock, self.chain = clock, clock.chain
        self.since, self.until = clock.today - timedelta(days=since), clock.today - timedelta(days=until)
        self.moments: dict[UUID, datetime] = {}

    def fill(self) -> None:
        """Orders, deliveries with what was in them, and the stock that they made."""
        invoices = self._invoices()
        lines = lines_of([invoice.id for invoice in invoices])
        came = [self._came(place, invoice, lines[invoice.id]) for place, invoice in enumerate(invoices, start=1)]
        with self.clock.done_by("manager", self._at):
            self._add_orders([each for each in came if each.order is not None])
        with self.clock.done_by("chef", self._at):
            self._add_deliveries(came)

    def _invoices(self) -> list[Invoice]:
        """In an order that is the same at every loading."""
        query = select(Invoice).where(
            Invoice.invoice_date.between(self.since, self.until),
            Invoice.kind == InvoiceKind.INVOICE,
            Invoice.source == InvoiceSource.TYPED,
            Invoice.status != InvoiceStatus.CANCELLED,
        )
        return list(db.session.scalars(query.order_by(Invoice.invoice_date, Invoice.supplier_id, Invoice.store_id)))

    def _came(self, place: int, invoice: Invoice, lines: Sequence[InvoiceItem]) -> Came:
        at = datetime.combine(invoice.invoice_date, time(6 + place % 5, 7 * place % 60), UTC)
        kept = {
            "supplier_id": invoice.supplier_id,
            "restaurant_id": invoice.restaurant_id,
            "store_id": invoice.store_id,
        }
        order = self._order(place, invoice, at, kept) if place % 2 else None
        delivery = Delivery(
            id=self.chain.id_of("delivery", "weeks", place),
            **kept,
            purchase_order_id=order.id if order else None,
            invoice_id=invoice.id,
            received_at=at,
            received_by_id=self.chain.people["chef"].id,
            paper_number=invoice.invoice_number,
            paper_date=invoice.invoice_date,
            request_key=self.chain.id_of("request", "weeks", place),
            created_at=at,
            updated_at=at,
        )
        self.moments[delivery.id] = at
        return Came(invoice, lines, delivery, order)

    def _order(self, place: int, invoice: Invoice, at: datetime, kept: dict[str, Any]) -> PurchaseOrder:
        made, by = at - ORDERED_BEFORE, self.chain.people[self.clock.head_of(invoice.restaurant_id)].id
        order = PurchaseOrder(
            id=self.chain.id_of("purchase_order", "weeks", place),
            **kept,
            status=OrderStatus.RECEIVED,
            po_number=f"PO-{SupplySettings.next_order_number():04d}",
            expected_delivery_date=invoice.invoice_date,
            delivery_date=invoice.invoice_date,
            currency=invoice.currency,
            sent_at=made,
            sent_by_id=by,
            user_id=by,
            created_at=made,
            updated_at=made,
        )
        self.moments[order.id] = made
        return order

    def _add_orders(self, came: Sequence[Came]) -> None:
        orders = [each.order for each in came if each.order is not None]
        db.session.add_all(orders)
        db.session.flush()
        for each in came:
            assert each.order is not None
            each.invoice.purchase_order_id = each.order.id
            db.session.add_all(_ordered(each.order, line) for line in each.lines)
        for head in ("manager", "owner"):
            with self.clock.done_by(head, self._at):
                for order in orders:
                    if self.clock.head_of(order.restaurant_id) == head:
                        record_creation(order)
                        log_verb(SENT, order)
        db.session.flush()

    def _add_deliveries(self, came: Sequence[Came]) -> None:
        db.session.add_all(each.delivery for each in came)
        db.session.flush()
        for each in came:
            record_creation(each.delivery)
        db.session.flush()
        of_order = self._order_lines([each.order.id for each in came if each.order is not None])
        rows = {each.delivery.id: [_taken_in(each, line, of_order) for line in each.lines] for each in came}
        db.session.add_all(row for found in rows.values() for row in found)
        db.session.flush()
        for each in came:
            _book(each.delivery, rows[each.delivery.id])

    def _at(self, row: Any) -> datetime:
        """When a line came to be, or what a line of the log tells of was done."""
        told = [getattr(row, name, None) for name in ("entity_id", "delivery_id", "purchase_order_id")]
        return next(self.moments[row_id] for row_id in told if row_id is not None)

    @staticmethod
    def _order_lines(order_ids: list[UUID]) -> dict[tuple[UUID, int], UUID]:
        line = PurchaseOrderItem
        query = select(line.purchase_order_id, line.position, line.id).where(line.purchase_order_id.in_(order_ids))
        return {(order_id, position): line_id for order_id, position, line_id in db.session.execute(query)}


def _ordered(order: PurchaseOrder, line: InvoiceItem) -> PurchaseOrderItem:
    """What was ordered is what is billed."""
    return PurchaseOrderItem(
        purchase_order_id=order.id,
        position=line.position,
        inventory_item_id=line.inventory_item_id,
        supplier_item_id=line.supplier_item_id,
        quantity=line.quantity,
        unit_id=line.unit_id,
        unit_price=line.unit_price,
        base_quantity=line.base_quantity,
    )


def _taken_in(came: Came, line: InvoiceItem, of_order: dict[tuple[UUID, int], UUID]) -> DeliveryItem:
    """What is billed came, but for what somebody counted less of."""
    accepted = line.quantity if line.accepted_quantity is None else line.accepted_quantity
    assert line.base_quantity is not None
    return DeliveryItem(
        delivery_id=came.delivery.id,
        position=line.position,
        purchase_order_item_id=of_order[came.order.id, line.position] if came.order else None,
        inventory_item_id=line.inventory_item_id,
        quantity=accepted,
        unit_id=line.unit_id,
        ordered_quantity=accepted if came.order else None,
        base_quantity=line.base_quantity * accepted / line.quantity,
    )


def _book(delivery: Delivery, rows: Sequence[DeliveryItem]) -> None:
    movements = [
        Movement(delivery.store_id, row.inventory_item_id, row.base_quantity, delivery_item_id=row.id)
        for row in rows
        if row.base_quantity
    ]
    book(movements, kind=MovementKind.RECEIPT, happened_at=delivery.received_at, group_id=delivery.id)
