"""What the overview tells of receiving and stock: what is to come, what is late, what runs out or is over."""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, and_, func, literal_column, select

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.catalogue.models import InventoryItem
from portal.inventory.conditions import expired_condition, expiring_condition
from portal.inventory.models import StockBalance
from portal.overview.queries import capped, count_of, in_restaurants, mine
from portal.purchase_orders.models import PurchaseOrder
from portal.purchase_orders.queries import late_condition
from portal.purchase_orders.words import AWAITED
from portal.restaurants.models import Restaurant
from portal.restaurants.queries import local_day

o, b, i, r = (each.__table__.c for each in (PurchaseOrder, StockBalance, InventoryItem, Restaurant))
ONE: ColumnElement[int] = literal_column("1")


@dataclass(frozen=True)
class Cell:
    """A number with the list that yields it; ``is_always``: told where it is nothing, too."""

    label: Any
    room: str
    filters: dict[str, Any]
    is_always: bool = False

    @property
    def url(self) -> str:
        """The address of the list."""
        return url_for(f"account.{self.room}.index", **self.filters)


ORDERS = {
    "orders_today": Cell(_l("expected today"), "purchase_orders", {"when": "today"}, is_always=True),
    "orders_late": Cell(_l("late"), "purchase_orders", {"when": "late"}),
}
STOCK = {
    "stock_low": Cell(_l("below the reorder level"), "stock", {"level": "low"}),
    "stock_below": Cell(_l("below zero"), "stock", {"level": "below"}),
    "stock_expired": Cell(_l("expired"), "stock", {"expires": "over"}),
    "stock_expiring": Cell(_l("expire within 3 days"), "stock", {"expires": "soon"}),
}


def shown_of_receiving(figures: Any) -> list[tuple[Cell, int]]:
    """What is told of the figures; nothing where nothing was ever ordered or kept, or the person sees none of it."""
    if not figures.receives:
        return []
    told = [(cell, getattr(figures, key)) for key, cell in {**ORDERS, **STOCK}.items()]
    return [(cell, count) for cell, count in told if count is not None and (count or cell.is_always)]


def figures_of_receiving() -> dict[str, ColumnElement[Any]]:
    """The columns of those figures, ``NULL`` where the person does not see what they count."""
    nothing: dict[str, ColumnElement[Any]] = dict.fromkeys([*ORDERS, *STOCK, "receives"], literal_column("NULL"))
    orders = _of_orders() if may(Permission.ORDERS_SEE) else {}
    stock = _of_stock() if may(Permission.STOCK_SEE) else {}
    known = [*orders.pop("receives", []), *stock.pop("receives", [])]
    receives = {"receives": sum(known[1:], known[0])} if known else {}
    return {**nothing, **orders, **stock, **receives}


def _of_orders() -> dict[str, Any]:
    at = and_(r.account_id == o.account_id, r.id == o.restaurant_id)
    source = PurchaseOrder.__table__.join(Restaurant.__table__, at)
    query = select(ONE).select_from(source).where(mine(o), *in_restaurants(o.restaurant_id))
    today = and_(o.status.in_(AWAITED), o.expected_delivery_date == local_day())
    return {
        "orders_today": count_of(query.where(today)),
        "orders_late": count_of(query.where(late_condition())),
        "receives": [capped(PurchaseOrder.__table__, *in_restaurants(o.restaurant_id))],
    }


def _of_stock() -> dict[str, Any]:
    at = and_(r.account_id == b.account_id, r.id == b.restaurant_id)
    source = StockBalance.__table__.join(Restaurant.__table__, at)
    query = select(ONE).select_from(source).where(mine(b), *in_restaurants(b.restaurant_id))
    seen = in_restaurants(b.restaurant_id)
    return {
        "stock_low": count_of(_low()),
        "stock_below": capped(StockBalance.__table__, *seen, b.quantity < 0),
        "stock_expired": count_of(query.where(expired_condition())),
        "stock_expiring": count_of(query.where(expiring_condition())),
        "receives": [capped(StockBalance.__table__, *seen)],
    }


def _low() -> Any:
    """One row of each item in each store of which all lots together are less than the reorder level."""
    source = StockBalance.__table__.join(
        InventoryItem.__table__, and_(i.account_id == b.account_id, i.id == b.inventory_item_id)
    )
    kept = (mine(b), *in_restaurants(b.restaurant_id), i.is_active, i.reorder_level.is_not(None))
    by_item = select(ONE).select_from(source).where(*kept).group_by(b.store_id, b.inventory_item_id, i.reorder_level)
    return by_item.having(func.sum(b.quantity) < i.reorder_level)
