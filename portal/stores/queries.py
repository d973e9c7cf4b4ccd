"""Reading stores, and the restaurants that a store may belong to."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select

from portal.db.base import db
from portal.restaurants.models import Restaurant
from portal.stores.models import Store

MAX_SHOWN = 50
# A choice longer than this is no help to anybody; stores are then added from the restaurant's page.
MAX_OFFERED = 500


def stores_of(restaurant_id: UUID) -> Sequence[Store]:
    """The active stores of a restaurant, by name."""
    query = select(Store).where(Store.restaurant_id == restaurant_id, Store.is_active)
    return db.session.scalars(query.order_by(Store.name, Store.id).limit(MAX_SHOWN)).all()


def offered_restaurants(also: UUID | None = None) -> list[tuple[UUID, str]]:
    """Active restaurants by name, and ``also`` one more wherever it stands."""
    wanted = Restaurant.is_active if also is None else or_(Restaurant.is_active, Restaurant.id == also)
    first = (Restaurant.id == also).desc() if also else Restaurant.name
    query = select(Restaurant.id, Restaurant.name).where(wanted).order_by(first, Restaurant.name, Restaurant.id)
    return [(row.id, row.name) for row in db.session.execute(query.limit(MAX_OFFERED))]
