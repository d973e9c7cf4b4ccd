"""Reading stores."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from portal.db.base import db
from portal.stores.models import Store

MAX_SHOWN = 50


def stores_of(restaurant_id: UUID) -> Sequence[Store]:
    """The active stores of a restaurant, by name."""
    query = select(Store).where(Store.restaurant_id == restaurant_id, Store.is_active)
    return db.session.scalars(query.order_by(Store.name, Store.id).limit(MAX_SHOWN)).all()
