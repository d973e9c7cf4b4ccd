"""Which orders are to come, which are late, and what was ordered last."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask import abort
from sqlalchemy import ColumnElement, and_, func, or_, select

from portal.db.base import db
from portal.db.types import utc_now
from portal.purchase_orders.models import PurchaseOrder, PurchaseOrderItem
from portal.purchase_orders.words import AWAITED, OrderStatus
from portal.restaurants.models import Restaurant
from portal.restaurants.queries import local_day
from portal.stores.models import Store
from portal.suppliers.models import Supplier
from portal.web.times import in_zone

MAX_EXPECTED = 200
o, r = PurchaseOrder.__table__.c, Restaurant.__table__.c


def note_received(order_id: UUID, on: date | None = None) -> PurchaseOrder:
    """Let an order stand as its lines say, after a delivery of it was taken in on that day (none: today), or reversed.

    Partly received or received; one that was closed or cancelled stays so. 404 where there is none.
    """
    order = db.session.get(PurchaseOrder, order_id) or abort(404)
    order.follow_lines(on or today_at(order.restaurant_id))
    return order


def today_at(restaurant_id: UUID) -> date:
    """The day that it is in a restaurant."""
    zone = db.session.scalar(select(Restaurant.timezone).where(Restaurant.id == restaurant_id))
    return in_zone(utc_now(), zone).date()


def expected_on(
    day: date | None = None, *, store_id: UUID | None = None, restaurant_id: UUID | None = None
) -> Sequence[Any]:
    """What was sent, has not all come, and is to come on a day (none: today in each restaurant) or was before it.

    Rows with the order's ``id``, ``po_number``, ``status``, ``day`` (``None``: no day was said, these come last),
    ``is_late``, ``supplier_id``, ``supplier``, ``store_id``, ``store``, ``restaurant_id``, ``restaurant``, and how
    many ``lines`` have not come in full. Those of the person's restaurants.
    """
    p = PurchaseOrder
    at: Any = local_day() if day is None else day
    query = (
        select(
            p.id, p.po_number, p.status, p.expected_delivery_date.label("day"),
            func.coalesce(p.expected_delivery_date < at, False).label("is_late"),
            p.supplier_id, Supplier.name.label("supplier"), p.store_id, Store.name.label("store"),
            p.restaurant_id, Restaurant.name.label("restaurant"), _lines_to_come().label("lines"),
        )
        .join(Supplier, and_(Supplier.account_id == p.account_id, Supplier.id == p.supplier_id))
        .join(Store, and_(Store.account_id == p.account_id, Store.id == p.store_id))
        .join(Restaurant, and_(Restaurant.account_id == p.account_id, Restaurant.id == p.restaurant_id))
        .where(p.status.in_(AWAITED), or_(p.expected_delivery_date <= at, p.expected_delivery_date.is_(None)))
    )  # fmt: skip
    if store_id is not None:
        query = query.where(p.store_id == store_id)
    if restaurant_id is not None:
        query = query.where(p.restaurant_id == restaurant_id)
    in_order = query.order_by(p.expected_delivery_date.asc().nulls_last(), Supplier.name, p.id)
    return db.session.execute(in_order.limit(MAX_EXPECTED)).all()


def _lines_to_come() -> ColumnElement[Any]:
    line, p = PurchaseOrderItem, PurchaseOrder
    of_order = (line.account_id == p.account_id, line.purchase_order_id == p.id)
    return (
        select(func.count())
        .select_from(line)
        .where(*of_order, line.received_quantity < line.quantity)
        .correlate(p)
        .scalar_subquery()
    )


def late_condition() -> ColumnElement[bool]:
    """What was to come before today and has not. No restaurant's day is more than one off the database's."""
    early = o.expected_delivery_date <= func.current_date()
    return and_(o.status.in_(AWAITED), early, o.expected_delivery_date < local_day())


def last_order(supplier_id: UUID, store_id: UUID) -> PurchaseOrder | None:
    """What was ordered last of a supplier for a store, or for any of its stores where nothing was for that one."""
    query = select(PurchaseOrder).where(
        PurchaseOrder.supplier_id == supplier_id, PurchaseOrder.status != OrderStatus.CANCELLED
    )
    is_here = (PurchaseOrder.store_id == store_id).desc()
    latest = query.order_by(is_here, PurchaseOrder.created_at.desc(), PurchaseOrder.id.desc())
    return db.session.scalars(latest.limit(1)).first()
