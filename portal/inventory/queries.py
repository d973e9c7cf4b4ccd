"""What stores hold, and by which movements; what is counted, and what the books say of that moment."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select

from portal.catalogue.models import InventoryItem, MeasureUnit
from portal.db.base import db
from portal.inventory.lots import Lot
from portal.inventory.models import StockBalance, StockMovement, Stocktake, StocktakeItem
from portal.inventory.words import StocktakeStatus
from portal.purchase_orders.models import PurchaseOrderItem
from portal.stores.models import Store
from portal.tenancy.scope import require_scope
from portal.users.models import User


def lots_of(store_id: UUID, item_ids: Collection[UUID]) -> dict[UUID, list[Lot]]:
    """What a store holds of each item, lot by lot; those that are used up are left out."""
    found: dict[UUID, list[Lot]] = defaultdict(list)
    if item_ids:
        b = StockBalance
        query = select(b.inventory_item_id, b.lot_number, b.expiry_date, b.quantity)
        query = query.where(b.store_id == store_id, b.inventory_item_id.in_(item_ids), b.quantity != 0)
        for item_id, lot_number, expiry_date, quantity in db.session.execute(query):
            found[item_id].append(Lot(lot_number, expiry_date, quantity))
    return found


def low_items(store_id: UUID) -> Sequence[Any]:
    """(item_id, quantity, reorder_level) of what a store keeps and has less of than the item's reorder level."""
    i, b = InventoryItem, StockBalance
    held = func.sum(b.quantity)
    query = (
        select(i.id.label("item_id"), held.label("quantity"), i.reorder_level)
        .join(b, and_(b.account_id == i.account_id, b.inventory_item_id == i.id))
        .where(b.store_id == store_id, i.is_active, i.reorder_level.is_not(None))
        .group_by(i.id, i.reorder_level, i.name)
        .having(held < i.reorder_level)
    )
    return db.session.execute(query.order_by(i.name, i.id)).all()


def items_told_in_base(item_id: UUID | None = None) -> set[UUID]:
    """The items of which anything was ordered, moved or counted, in whatever restaurant; or that one alone."""
    account_id = require_scope().account_id
    found: set[UUID] = set()
    for rows in (PurchaseOrderItem, StockMovement, StocktakeItem):
        columns = rows.__table__.c
        query = select(columns.inventory_item_id).where(columns.account_id == account_id).distinct()
        if item_id is not None:
            query = query.where(columns.inventory_item_id == item_id)
        found |= set(db.session.connection().execute(query).scalars())
    return found


def counted_since(store_ids: Collection[UUID], item_ids: Collection[UUID], moment: datetime) -> datetime | None:
    """When one of the items was last counted in those stores after a moment, in a count that is posted."""
    c, line = Stocktake, StocktakeItem
    query = (
        select(func.max(line.counted_at))
        .join(c, and_(c.account_id == line.account_id, c.id == line.stocktake_id))
        .where(c.store_id.in_(store_ids), c.status == StocktakeStatus.POSTED)
        .where(line.inventory_item_id.in_(item_ids), line.counted_at >= moment)
    )
    found: datetime | None = db.session.scalar(query) if item_ids else None
    return found


def lots_when_counted(count: Stocktake) -> dict[UUID, list[Lot]]:
    """What the books say of each counted line as of the moment when it was counted, lot by lot."""
    line, m = StocktakeItem, StockMovement
    query = (
        select(line.id, m.lot_number, m.expiry_date, func.sum(m.quantity))
        .join(
            m,
            and_(
                m.account_id == line.account_id,
                m.store_id == count.store_id,
                m.inventory_item_id == line.inventory_item_id,
                m.happened_at <= line.counted_at,
            ),
        )
        .where(line.stocktake_id == count.id, line.counted_at.is_not(None))
        .group_by(line.id, m.lot_number, m.expiry_date)
    )
    found: dict[UUID, list[Lot]] = defaultdict(list)
    for line_id, lot_number, expiry_date, quantity in db.session.execute(query):
        found[line_id].append(Lot(lot_number, expiry_date, quantity))
    return found


def kept_items(store_id: UUID, category: str | None = None) -> list[UUID]:
    """The items that a store keeps: those in use of which it has ever held any; of one category, where that is said."""
    i, b = InventoryItem, StockBalance
    query = (
        select(i.id)
        .join(b, and_(b.account_id == i.account_id, b.inventory_item_id == i.id))
        .where(b.store_id == store_id, (i.is_active) | (b.quantity != 0))
    )
    if category is not None:
        query = query.where(i.category == category)
    return list(db.session.scalars(query.distinct()))


_LINES = (
    select(
        StocktakeItem.id,
        StocktakeItem.inventory_item_id,
        StocktakeItem.counted_quantity,
        StocktakeItem.counted_at,
        StocktakeItem.counted_by_id,
        StocktakeItem.expected_quantity,
        StocktakeItem.difference,
        StocktakeItem.updated_at,
        InventoryItem.name,
        func.coalesce(InventoryItem.category, "").label("category"),
        InventoryItem.count_tolerance,
        InventoryItem.current_cost_per_unit.label("cost"),
        MeasureUnit.symbol,
        func.coalesce(func.nullif(User.full_name, ""), User.email).label("by"),
    )
    .join(
        InventoryItem,
        and_(InventoryItem.account_id == StocktakeItem.account_id, InventoryItem.id == StocktakeItem.inventory_item_id),
    )
    .join(
        MeasureUnit,
        and_(MeasureUnit.account_id == InventoryItem.account_id, MeasureUnit.id == InventoryItem.default_unit_id),
    )
    .outerjoin(User, and_(User.account_id == StocktakeItem.account_id, User.id == StocktakeItem.counted_by_id))
    .order_by(func.coalesce(InventoryItem.category, ""), InventoryItem.name, StocktakeItem.id)
)


def count_lines(count: Stocktake, *, since: datetime | None = None, line_id: UUID | None = None) -> Sequence[Any]:
    """The lines of a count by category and name, with what is said of their items.

    ``since``: those that changed after it; ``line_id``: that one alone.
    """
    query = _LINES.where(StocktakeItem.stocktake_id == count.id)
    if since is not None:
        query = query.where(StocktakeItem.updated_at >= since)
    if line_id is not None:
        query = query.where(StocktakeItem.id == line_id)
    return db.session.execute(query).all()


def count_progress(count: Stocktake) -> tuple[int, int, datetime | None]:
    """How many lines of a count are counted, how many there are, and when one of them changed last."""
    line = StocktakeItem
    query = select(func.count(line.counted_quantity), func.count(), func.max(line.updated_at))
    counted, lines, at = db.session.execute(query.where(line.stocktake_id == count.id)).one()
    return counted, lines, at


def group_lines(group_id: UUID) -> Sequence[Any]:
    """What was entered together, each with its item, its store and the balance that it changed (``at``)."""
    m, i, u, s, b = StockMovement, InventoryItem, MeasureUnit, Store, StockBalance
    query = (
        select(m.id, m.quantity, m.lot_number, m.expiry_date, i.name, u.symbol, s.name.label("store"), b.id.label("at"))
        .join(i, and_(i.account_id == m.account_id, i.id == m.inventory_item_id))
        .join(u, and_(u.account_id == i.account_id, u.id == i.default_unit_id))
        .join(s, and_(s.account_id == m.account_id, s.id == m.store_id))
        .join(
            b,
            and_(
                b.account_id == m.account_id,
                b.store_id == m.store_id,
                b.inventory_item_id == m.inventory_item_id,
                b.lot_number.is_not_distinct_from(m.lot_number),
                b.expiry_date.is_not_distinct_from(m.expiry_date),
            ),
        )
        .where(m.group_id == group_id)
        .order_by(i.name, s.name, m.id)
    )
    return db.session.execute(query).all()
