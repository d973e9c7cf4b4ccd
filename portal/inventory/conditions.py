"""Conditions of lists of stock: what is low, what expires, by the day that it is in each restaurant."""

from sqlalchemy import ColumnElement, Date, Uuid, and_, case, func, select
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from portal.catalogue.models import InventoryItem
from portal.inventory.models import StockBalance
from portal.restaurants.queries import local_day

b, i = StockBalance.__table__.c, InventoryItem.__table__.c
# Within so many days something is about to expire.
SOON_DAYS = 3


def expired_condition() -> ColumnElement[bool]:
    """What is still there, and whose last day is over. No restaurant's day is more than one off the database's."""
    return and_(b.expiry_date <= func.current_date(type_=Date), b.expiry_date < local_day(), b.quantity > 0)


def expiring_condition() -> ColumnElement[bool]:
    """What is still there, and whose last day is today or within ``SOON_DAYS``."""
    return and_(
        b.expiry_date <= func.current_date(type_=Date) + SOON_DAYS + 1,
        b.expiry_date >= local_day(),
        b.expiry_date <= local_day(SOON_DAYS),
        b.quantity > 0,
    )


def low_condition() -> ColumnElement[bool]:
    """That of the item the store has less than the reorder level; of its lots one row stands for all."""
    other = StockBalance.__table__.alias("other")
    same = (
        other.c.account_id == b.account_id,
        other.c.store_id == b.store_id,
        other.c.inventory_item_id == b.inventory_item_id,
    )
    # In one look at the lots: what they come to, and which row stands for all; one that holds something where any does.
    first = func.array_agg(aggregate_order_by(other.c.id, other.c.quantity == 0, other.c.id), type_=ARRAY(Uuid))[1]
    low = case((func.sum(other.c.quantity) < i.reorder_level, first))
    of_item = select(low).where(*same).correlate(StockBalance.__table__, InventoryItem.__table__)
    return and_(i.reorder_level.is_not(None), i.is_active, b.id == of_item.scalar_subquery())
