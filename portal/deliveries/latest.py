"""What came in last at a restaurant, at one store or anywhere, for their pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for
from sqlalchemy import and_, select

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.db.base import db
from portal.deliveries.models import Delivery, DeliveryItem
from portal.deliveries.words import DeliveryStatus
from portal.restaurants.models import Restaurant
from portal.stores.models import Store
from portal.suppliers.models import Supplier

MAX_SHOWN = 5


@dataclass(frozen=True)
class LatestDeliveries:
    """The latest few, each with whether something of it was sent back; ``url`` is the list of all."""

    rows: Sequence[Any]
    url: str

    @classmethod
    def of(cls, *, restaurant_id: UUID | None = None, store_id: UUID | None = None) -> "LatestDeliveries | None":
        """Those of a restaurant, of one store, or of all; ``None`` for those who do not see stock."""
        if not may(Permission.STOCK_SEE):
            return None
        place: dict[str, Any] = {"restaurant_id": restaurant_id, "store_id": store_id}
        query = _query()
        for name, row_id in place.items():
            if row_id is not None:
                query = query.where(getattr(Delivery, name) == row_id)
        return cls(db.session.execute(query).all(), url_for("account.deliveries.index", **place))


def _query() -> Any:
    d, line = Delivery, DeliveryItem
    of_it = (line.account_id == d.account_id, line.delivery_id == d.id, line.rejected_quantity > 0)
    return (
        select(
            d.id, d.paper_number, d.received_at, Supplier.name.label("supplier"), Store.name.label("store"),
            Restaurant.name.label("restaurant"), Restaurant.timezone.label("zone"),
            select(line.id).where(*of_it).correlate(d).exists().label("is_sent_back"),
        )
        .join(Supplier, and_(Supplier.account_id == d.account_id, Supplier.id == d.supplier_id))
        .join(Store, and_(Store.account_id == d.account_id, Store.id == d.store_id))
        .join(Restaurant, and_(Restaurant.account_id == d.account_id, Restaurant.id == d.restaurant_id))
        .where(d.status == DeliveryStatus.RECEIVED)
        .order_by(d.received_at.desc(), d.id.desc())
        .limit(MAX_SHOWN)
    )  # fmt: skip
