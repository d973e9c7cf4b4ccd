"""How the stock of a restaurant or of a store stands, for their pages: what is low, below zero, expired or about to."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import and_, func

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.catalogue.models import InventoryItem
from portal.inventory.conditions import expired_condition, expiring_condition, low_condition
from portal.inventory.models import StockBalance
from portal.restaurants.models import Restaurant
from portal.tenancy.reading import RowQuery, id_named

b, i, r = StockBalance.__table__.c, InventoryItem.__table__.c, Restaurant.__table__.c


@dataclass(frozen=True)
class Concern:
    """How many balances there are of one kind, and the list that shows them."""

    label: str
    count: int
    tone: str
    url: str


@dataclass(frozen=True)
class StockStanding:
    """The concerns; ``url`` is the list of all that is there. ``has_stock``: whether anything was ever kept."""

    concerns: list[Concern]
    url: str
    has_stock: bool

    @classmethod
    def of(cls, *, restaurant_id: UUID | None = None, store_id: UUID | None = None) -> "StockStanding | None":
        """That of a restaurant or of one store; ``None`` for those who do not see stock."""
        if not may(Permission.STOCK_SEE):
            return None
        query, place_id = (_OF_STORE, store_id) if store_id else (_OF_RESTAURANT, restaurant_id)
        row = query.first(place_id=place_id)
        place = {"store_id": store_id} if store_id else {"restaurant_id": restaurant_id}

        def address(**filters: Any) -> str:
            return url_for("account.stock.index", **place, **filters)

        told = [
            Concern(_("Below the reorder level"), row.low, "warn", address(level="low")),
            Concern(_("Below zero"), row.below, "bad", address(level="below")),
            Concern(_("Expired"), row.expired, "bad", address(expires="over")),
            Concern(_("Expires within 3 days"), row.expiring, "warn", address(expires="soon")),
        ]
        return cls([each for each in told if each.count], address(), bool(row.rows))


def _query(place: Any) -> RowQuery:
    columns = [
        func.count().label("rows"),
        func.count().filter(low_condition()).label("low"),
        func.count().filter(b.quantity < 0).label("below"),
        func.count().filter(expired_condition()).label("expired"),
        func.count().filter(expiring_condition()).label("expiring"),
    ]
    source = StockBalance.__table__.join(
        InventoryItem.__table__, and_(i.account_id == b.account_id, i.id == b.inventory_item_id)
    ).join(Restaurant.__table__, and_(r.account_id == b.account_id, r.id == b.restaurant_id))
    return RowQuery(StockBalance, columns, lambda query: query.select_from(source).where(place == id_named("place_id")))


_OF_RESTAURANT, _OF_STORE = _query(b.restaurant_id), _query(b.store_id)
