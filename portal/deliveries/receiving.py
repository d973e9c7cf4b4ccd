"""Receiving: what came is noted, stands in the store, counts for its order, and is compared with its invoice."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

from flask import abort
from flask_babel import gettext as _
from sqlalchemy import select

from portal.audit.recording import acting_id, record_creation
from portal.catalogue.conversions import Conversions
from portal.catalogue.graph import to_decimal
from portal.db.base import db
from portal.db.states import MoveRefused
from portal.db.types import utc_now
from portal.deliveries.comparing import match
from portal.deliveries.models import Delivery, DeliveryItem
from portal.deliveries.queries import LIVING, invoices_of, last_arrival, same_number
from portal.deliveries.receipt import Receipt, ReceivedLine
from portal.deliveries.tying import tie, untie
from portal.deliveries.words import DeliveryStatus
from portal.inventory.booking import (
    IN_FUTURE,
    LENIENCE,
    Movement,
    book,
    hold_stores,
    movements_of,
    undo,
)
from portal.inventory.words import MovementKind
from portal.invoices.models import Invoice
from portal.invoices.words import InvoiceKind
from portal.purchase_orders.models import PurchaseOrder, PurchaseOrderItem
from portal.purchase_orders.queries import note_received
from portal.restaurants.models import Restaurant
from portal.suppliers.models import Supplier
from portal.tenancy.finding import get_or_404
from portal.web.times import in_zone

ORDERED_SCALE = 8


class OrderOver(MoveRefused):
    """The order was closed or cancelled: it is opened again, or this is received without one."""

    def __init__(self, order: PurchaseOrder) -> None:
        self.order = order
        words = {"name": order.display_name, "state": order.status.label}
        super().__init__(_("The state of %(name)s is “%(state)s”. Open it again, or receive without it.", **words))


def receive(order: PurchaseOrder | None, receipt: Receipt, *, reopening: bool = False) -> Delivery:
    """Note what came, with an order or without; the same receipt sent again is the delivery that it made.

    Raises ``OrderOver`` where the order is closed or cancelled and nobody said that it is to be opened again, and
    ``MoveRefused`` where it is another supplier's or store's, or lies in the future.
    """
    # Held: the same receipt that comes twice waits here, and finds what the first one made.
    [restaurant_id] = hold_stores([receipt.store_id]).values()
    if (former := find_delivery(receipt.request_key)) is not None:
        return former
    _require(receipt)
    if order is not None:
        _take_up(order, receipt, reopening)
    delivery = _delivery(order, receipt, restaurant_id)
    record_creation(delivery)
    rows = _rows(delivery, receipt.lines, _order_lines(order))
    db.session.add_all(rows)
    db.session.flush()
    _stock(delivery, rows)
    if order is not None:
        note_received(order.id, _last_day(delivery))
    link_by_number(delivery)
    return delivery


def find_delivery(request_key: UUID | None) -> Delivery | None:
    """The delivery that was made of a receipt."""
    return db.session.scalars(select(Delivery).where(Delivery.request_key == request_key)).one_or_none()


def reverse(delivery: Delivery, reason: str) -> None:
    """Take a delivery back from order and store, and why. Raises ``MoveRefused`` where it stays."""
    hold_stores([delivery.store_id])
    delivery.hold()
    delivery.take_back(reason)
    db.session.flush()
    rows = movements_of(delivery.id)
    # What was sent back as a whole has moved no stock.
    if rows:
        undo(delivery.id, note=reason, of_delivery=True)
    if delivery.purchase_order_id is not None:
        note_received(delivery.purchase_order_id, _last_day(delivery))
    _compare(delivery)


def link(delivery: Delivery, invoice: Invoice | None) -> None:
    """Say which invoice is the paper of a delivery, or that none is; both are compared anew.

    Raises ``MoveRefused`` for one of another supplier or store, and for what is no invoice that counts.
    """
    if invoice is not None:
        # Before the delivery: whoever changes an invoice holds it, and then what it is the paper of.
        invoice.hold()
    delivery.hold()
    if invoice is not None:
        _require_paper(delivery, invoice)
    former = delivery.invoice_id
    if invoice is None:
        untie(delivery)
    else:
        tie(delivery, invoice)
    match({*invoices_of(delivery), *([former] if former is not None else ())})


def _require_paper(delivery: Delivery, invoice: Invoice) -> None:
    if _place(invoice) != _place(delivery):
        raise MoveRefused(_("This invoice is of another supplier or store."))
    if delivery.status is not DeliveryStatus.RECEIVED:
        raise MoveRefused(_("This delivery was reversed already."))
    if invoice.kind is not InvoiceKind.INVOICE or invoice.status not in LIVING:
        raise MoveRefused(_("Only an invoice that counts is compared: no draft, no cancelled one, no credit note."))


def link_by_number(delivery: Delivery) -> None:
    """The invoice of its number that is there already is its paper; where its order has some, they are compared."""
    found = same_number(delivery)
    if len(found) == 1:
        link(delivery, found[0])
    else:
        _compare(delivery)


def _compare(delivery: Delivery) -> None:
    if found := invoices_of(delivery):
        match(found)


def _place(row: Any) -> tuple[UUID, UUID]:
    return row.supplier_id, row.store_id


def _require(receipt: Receipt) -> None:
    supplier = get_or_404(Supplier, receipt.supplier_id)
    if supplier.is_merged or not supplier.is_active:
        raise MoveRefused(_("%(name)s is archived. Restore it first.", name=supplier.name))
    if not receipt.lines:
        raise MoveRefused(_("Write at least one row."))
    if receipt.received_at is not None and receipt.received_at > utc_now() + LENIENCE:
        raise MoveRefused(IN_FUTURE)


def _take_up(order: PurchaseOrder, receipt: Receipt, reopening: bool) -> None:
    order.hold()
    if _place(order) != _place(receipt):
        raise MoveRefused(_("This order is of another supplier or store."))
    if order.has_ended:
        if not reopening:
            raise OrderOver(order)
        order.reopen()


def _delivery(order: PurchaseOrder | None, receipt: Receipt, restaurant_id: UUID) -> Delivery:
    return Delivery(
        id=uuid4(),
        supplier_id=receipt.supplier_id,
        restaurant_id=restaurant_id,
        store_id=receipt.store_id,
        purchase_order_id=order.id if order is not None else None,
        status=DeliveryStatus.RECEIVED,
        received_at=receipt.received_at or utc_now(),
        received_by_id=acting_id(),
        paper_number=receipt.paper_number,
        paper_date=receipt.paper_date,
        paper_total=receipt.paper_total,
        note=receipt.note,
        request_key=receipt.request_key,
    )


def _order_lines(order: PurchaseOrder | None) -> dict[UUID, PurchaseOrderItem]:
    if order is None:
        return {}
    query = select(PurchaseOrderItem).where(PurchaseOrderItem.purchase_order_id == order.id)
    return {line.id: line for line in db.session.scalars(query)}


def _rows(
    delivery: Delivery, lines: Sequence[ReceivedLine], ordered: dict[UUID, PurchaseOrderItem]
) -> list[DeliveryItem]:
    conversions = Conversions.of({line.item_id for line in lines})
    if any(conversions.base_of(line.item_id) is None for line in lines):
        abort(404)
    return [_row(delivery, place, line, ordered, conversions) for place, line in enumerate(lines, start=1)]


def _row(
    delivery: Delivery,
    place: int,
    line: ReceivedLine,
    ordered: dict[UUID, PurchaseOrderItem],
    conversions: Conversions,
) -> DeliveryItem:
    order_line = _order_line(line, ordered)
    return DeliveryItem(
        id=uuid4(),
        delivery_id=delivery.id,
        position=place,
        purchase_order_item_id=order_line.id if order_line is not None else None,
        inventory_item_id=line.item_id,
        quantity=line.quantity,
        unit_id=line.unit_id,
        rejected_quantity=line.rejected,
        rejection_reason=line.rejection_reason if line.rejected else None,
        ordered_quantity=_in_unit(line, order_line, conversions),
        base_quantity=conversions.to_base(line.item_id, line.accepted, line.unit_id) if line.accepted else Decimal(0),
        lot_number=line.lot_number,
        expiry_date=line.expiry_date,
    )


def _order_line(line: ReceivedLine, ordered: dict[UUID, PurchaseOrderItem]) -> PurchaseOrderItem | None:
    """The line of the order that it is; one that is not named is the first of the same item."""
    named = ordered.get(line.order_line_id) if line.order_line_id is not None else None
    same = [each for each in ordered.values() if each.inventory_item_id == line.item_id]
    if named is not None and named in same:
        return named
    return min(same, key=lambda each: (each.position, each.id), default=None)


def _in_unit(line: ReceivedLine, order_line: PurchaseOrderItem | None, conversions: Conversions) -> Decimal | None:
    """What was accepted in the unit of the order's line; ``None`` where no conversion leads there."""
    if order_line is None:
        return None
    if line.unit_id == order_line.unit_id or not line.accepted:
        return line.accepted
    factor = conversions.factor(line.item_id, line.unit_id, order_line.unit_id)
    # Finer than what was ordered: three times a third of a box is a box.
    return None if factor is None else to_decimal(factor * Fraction(line.accepted), ORDERED_SCALE)


def _stock(delivery: Delivery, rows: Sequence[DeliveryItem]) -> None:
    """What was accepted stands in the store, under the delivery's own id as that of the group."""
    movements = [
        Movement(
            delivery.store_id,
            row.inventory_item_id,
            row.base_quantity,
            row.lot_number,
            row.expiry_date,
            delivery_item_id=row.id,
        )
        for row in rows
        if row.base_quantity
    ]
    book(movements, kind=MovementKind.RECEIPT, happened_at=delivery.received_at, group_id=delivery.id)


def _last_day(delivery: Delivery) -> date:
    """The day on which the last of its order came, as it is at the restaurant; its own where nothing else did."""
    zone = db.session.get_one(Restaurant, delivery.restaurant_id).timezone
    return in_zone(last_arrival(delivery) or delivery.received_at, zone).date()
