"""Telling those who order of what a delivery lacked."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, select

from portal.db.base import db
from portal.deliveries.models import Delivery, DeliveryItem
from portal.deliveries.notices import DELIVERY_SHORT
from portal.notices.raising import Subject, raise_notice
from portal.purchase_orders.models import PurchaseOrder
from portal.restaurants.models import Restaurant
from portal.stores.models import Store
from portal.suppliers.models import Supplier


def tell_what_lacks(delivery: Delivery, rows: Sequence[DeliveryItem], order: PurchaseOrder | None) -> None:
    """Tell of rows that were sent back, and of ordered ones of which less came, within the chain's tolerance."""
    back = sum(1 for row in rows if row.rejected_quantity)
    short = _short(order, {row.purchase_order_item_id for row in rows}) if order is not None else 0
    if not back and not short:
        return
    query = (
        select(Supplier.name.label("supplier"), Restaurant.name.label("restaurant"), Store.name.label("store"))
        .select_from(Store)
        .join(Restaurant, and_(Restaurant.account_id == Store.account_id, Restaurant.id == Store.restaurant_id))
        .join(Supplier, Supplier.account_id == Store.account_id)
        .where(Store.id == delivery.store_id, Supplier.id == delivery.supplier_id)
    )
    names = db.session.execute(query).one()
    subject = Subject.of(delivery)
    told = Subject(subject.entity, subject.id, subject.label, delivery.restaurant_id)
    place = f"{names.restaurant}, {names.store}"
    raise_notice(DELIVERY_SHORT, told, short=short, back=back, supplier=names.supplier, place=place)


def _short(order: PurchaseOrder, line_ids: set[UUID | None]) -> int:
    """How many of those lines have not come in full."""
    lines = zip(order.lines, order.received(), strict=True)
    return sum(1 for line, is_received in lines if line.id in line_ids and not is_received)
