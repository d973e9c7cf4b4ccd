"""Reading what deliveries belong to, and what is in them, many at once."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Date, and_, cast, func, or_, select
from sqlalchemy.orm import aliased

from portal.catalogue.models import InventoryItem, MeasureUnit, UnitCategory, UnitCategoryName
from portal.db.base import SCHEMA, db
from portal.deliveries.models import Delivery, DeliveryItem
from portal.deliveries.words import DeliveryStatus
from portal.invoices.models import Invoice
from portal.invoices.words import InvoiceKind, InvoiceStatus
from portal.purchase_orders.models import PurchaseOrder, PurchaseOrderItem
from portal.users.models import User

LIVING = (InvoiceStatus.ACTIVE, InvoiceStatus.PAID)
# A paper and what it came with are not further apart.
MAX_APART = timedelta(days=31)
# As many as a page proposes.
MAX_PROPOSED = 8
MAX_ROUNDS = 8


@dataclass(frozen=True)
class Related:
    """Invoices, deliveries and orders that hang together, in whatever way."""

    orders: frozenset[UUID]
    deliveries: Sequence[Delivery]
    invoices: Sequence[Invoice]

    @property
    def ties(self) -> dict[UUID, set[UUID]]:
        """What each of them names: an invoice its order, a delivery its order and its invoice."""
        found: dict[UUID, set[UUID]] = defaultdict(set)
        for invoice in self.invoices:
            found[invoice.id] |= {invoice.purchase_order_id} if invoice.purchase_order_id else set()
        for delivery in self.deliveries:
            named = (delivery.purchase_order_id, delivery.invoice_id, delivery.credit_note_id)
            found[delivery.id] |= {each for each in named if each}
        return found


def related_to(invoice_ids: Collection[UUID], order_ids: Collection[UUID] = ()) -> Related:
    """Whatever hangs together with some invoices and orders; of invoices those that count.

    Nothing at all where there is no delivery and no order to compare anything with.
    """
    invoices: dict[UUID, Invoice] = {}
    deliveries: dict[UUID, Delivery] = {}
    orders, asked = set(order_ids), set(invoice_ids)
    for _round in range(MAX_ROUNDS):
        before = len(invoices), len(deliveries), len(orders)
        is_of_it = [Delivery.invoice_id.in_(asked), Delivery.credit_note_id.in_(asked)]
        is_of_it += [Delivery.purchase_order_id.in_(orders)] if orders else []
        rows = select(Delivery).where(Delivery.status == DeliveryStatus.RECEIVED, or_(*is_of_it))
        deliveries |= {row.id: row for row in db.session.scalars(rows)}
        orders |= {row.purchase_order_id for row in deliveries.values() if row.purchase_order_id}
        if not deliveries and not orders:
            break
        asked |= {each for row in deliveries.values() for each in (row.invoice_id, row.credit_note_id) if each}
        named = [Invoice.id.in_(asked)] + ([Invoice.purchase_order_id.in_(orders)] if orders else [])
        living = select(Invoice).where(Invoice.status.in_(LIVING), or_(*named))
        invoices |= {row.id: row for row in db.session.scalars(living)}
        orders |= {row.purchase_order_id for row in invoices.values() if row.purchase_order_id}
        asked |= invoices.keys()
        if before == (len(invoices), len(deliveries), len(orders)):
            break
    ordered = sorted(invoices.values(), key=lambda row: (row.invoice_date, row.created_at, row.id))
    return Related(frozenset(orders), list(deliveries.values()), ordered)


def lines_of_orders(order_ids: Collection[UUID]) -> Sequence[Any]:
    """The lines of some orders, each with its order's currency."""
    if not order_ids:
        return []
    line = PurchaseOrderItem
    query = select(line, PurchaseOrder.currency).join(PurchaseOrder, PurchaseOrder.id == line.purchase_order_id)
    return db.session.execute(query.where(line.purchase_order_id.in_(order_ids)).order_by(line.position, line.id)).all()


def last_receipt(order_id: UUID) -> Any:
    """The latest delivery of an order that stands: ``received_at``, ``by``, and ``count``: how many there are."""
    by = func.coalesce(func.nullif(User.full_name, ""), User.email).label("by")
    query = (
        select(Delivery.received_at, by, func.count().over().label("count"))
        .outerjoin(User, User.id == Delivery.received_by_id)
        .where(Delivery.purchase_order_id == order_id, Delivery.status == DeliveryStatus.RECEIVED)
        .order_by(Delivery.received_at.desc(), Delivery.id)
    )
    return db.session.execute(query.limit(1)).first()


def lines_of_deliveries(delivery_ids: Collection[UUID]) -> dict[UUID, list[DeliveryItem]]:
    """What was in each delivery, in its order."""
    found: dict[UUID, list[DeliveryItem]] = defaultdict(list)
    if delivery_ids:
        query = select(DeliveryItem).where(DeliveryItem.delivery_id.in_(delivery_ids))
        for line in db.session.scalars(query.order_by(DeliveryItem.position, DeliveryItem.id)):
            found[line.delivery_id].append(line)
    return found


def counted_items(item_ids: Collection[UUID]) -> dict[UUID, tuple[bool, str]]:
    """Of each item whether it is counted, not weighed, and the symbol of its unit."""
    if not item_ids:
        return {}
    query = (
        select(InventoryItem.id, UnitCategory.name, MeasureUnit.symbol)
        .join(MeasureUnit, MeasureUnit.id == InventoryItem.default_unit_id)
        .join(UnitCategory, UnitCategory.id == MeasureUnit.unit_category_id)
    )
    rows = db.session.execute(query.where(InventoryItem.id.in_(item_ids)))
    return {row.id: (row.name == UnitCategoryName.COUNT, row.symbol) for row in rows}


def _key(number: Any) -> Any:
    return getattr(func, SCHEMA).invoice_number_key(number)


def _is_paper() -> Any:
    """Whether an invoice may be what goods came with: a credit note may have the same number, and is something else."""
    return and_(Invoice.kind == InvoiceKind.INVOICE, Invoice.status.in_(LIVING))


def _is_without_paper() -> Any:
    """Whether a delivery has no invoice that counts: a cancelled one lets it go."""
    other = aliased(Invoice)
    cancelled = select(other.id).where(other.id == Delivery.invoice_id, other.status == InvoiceStatus.CANCELLED)
    return or_(Delivery.invoice_id.is_(None), cancelled.correlate(Delivery).exists())


def waiting_for(invoices: Sequence[Invoice]) -> Sequence[Any]:
    """(invoice, delivery) pairs of one supplier and store with the same number, where the delivery has no invoice."""
    if not invoices:
        return []
    day = cast(Delivery.received_at, Date)
    query = select(Invoice.id, Delivery).join(Delivery, Delivery.supplier_id == Invoice.supplier_id)
    query = query.where(
        Invoice.id.in_([invoice.id for invoice in invoices]),
        _is_paper(),
        Invoice.number_key != "",
        Delivery.store_id == Invoice.store_id,
        _is_without_paper(),
        # What a person said that it is not, it is not.
        Delivery.refused_invoice_id.is_distinct_from(Invoice.id),
        Delivery.status == DeliveryStatus.RECEIVED,
        Delivery.paper_number.is_not(None),
        day.between(Invoice.invoice_date - MAX_APART, Invoice.invoice_date + MAX_APART),
        _key(Delivery.paper_number) == Invoice.number_key,
    )
    in_order = query.order_by(Delivery.received_at, Delivery.id)
    # Held: of two such invoices that are entered at once the second finds that the delivery has its paper.
    return db.session.execute(in_order.with_for_update(of=Delivery, key_share=True)).all()


def strayed(invoices: Sequence[Invoice]) -> Sequence[Delivery]:
    """Deliveries of which one of those invoices is the paper, while it is of another supplier or store by now."""
    query = select(Delivery).join(Invoice, Invoice.id == Delivery.invoice_id)
    is_elsewhere = or_(Delivery.supplier_id != Invoice.supplier_id, Delivery.store_id != Invoice.store_id)
    ids = [invoice.id for invoice in invoices]
    in_order = query.where(Invoice.id.in_(ids), is_elsewhere).order_by(Delivery.id)
    return db.session.scalars(in_order.with_for_update(of=Delivery, key_share=True)).all()


def proposed_invoices(delivery: Delivery) -> Sequence[Invoice]:
    """Invoices that may be a delivery's paper: of its supplier and store, the same number first, then by day."""
    day = delivery.paper_date or delivery.received_at.date()
    is_same = Invoice.number_key == _key(delivery.paper_number or "")
    query = select(Invoice).where(
        Invoice.supplier_id == delivery.supplier_id,
        Invoice.store_id == delivery.store_id,
        _is_paper(),
        Invoice.invoice_date.between(day - MAX_APART, day + MAX_APART),
    )
    order = (is_same.desc(), func.abs(Invoice.invoice_date - day), Invoice.id)
    return db.session.scalars(query.order_by(*order).limit(MAX_PROPOSED)).all()


def same_number(delivery: Delivery) -> Sequence[Invoice]:
    """Invoices of its supplier and store, about its day, with the very number that its paper has."""
    if not delivery.paper_number:
        return []
    day = delivery.received_at.date()
    query = select(Invoice).where(
        Invoice.supplier_id == delivery.supplier_id,
        Invoice.store_id == delivery.store_id,
        _is_paper(),
        Invoice.number_key != "",
        Invoice.number_key == _key(delivery.paper_number),
        Invoice.id.is_distinct_from(delivery.refused_invoice_id),
        Invoice.invoice_date.between(day - MAX_APART, day + MAX_APART),
    )
    return db.session.scalars(query.order_by(Invoice.id).limit(2)).all()


def last_arrival(delivery: Delivery) -> datetime | None:
    """When the last of the delivery's order came, of what was not reversed."""
    is_of_order = Delivery.purchase_order_id == delivery.purchase_order_id
    query = select(func.max(Delivery.received_at)).where(is_of_order, Delivery.status == DeliveryStatus.RECEIVED)
    return db.session.scalar(query)


def invoices_of(delivery: Delivery) -> list[UUID]:
    """The invoices that it is compared with: its own, and those of its order."""
    named = ((Invoice.id, delivery.invoice_id), (Invoice.purchase_order_id, delivery.purchase_order_id))
    known = [column == row_id for column, row_id in named if row_id is not None]
    if not known:
        return []
    return list(db.session.scalars(select(Invoice.id).where(or_(*known), Invoice.status.in_(LIVING))))
