"""Restaurants that may be chosen."""

from uuid import UUID

from sqlalchemy import or_, select

from portal.db.base import db
from portal.restaurants.models import Restaurant

# A choice longer than this is no help to anybody; what belongs to a restaurant is then added from its page.
MAX_OFFERED = 500


def offered_restaurants(also: UUID | None = None) -> list[tuple[UUID, str]]:
    """Active restaurants by name, and ``also`` one more wherever it stands."""
    wanted = Restaurant.is_active if also is None else or_(Restaurant.is_active, Restaurant.id == also)
    first = (Restaurant.id == also).desc() if also else Restaurant.name
    query = select(Restaurant.id, Restaurant.name).where(wanted).order_by(first, Restaurant.name, Restaurant.id)
    return [(row.id, row.name) for row in db.session.execute(query.limit(MAX_OFFERED))]
