"""Reading more of a restaurant than its own row, and what may be chosen."""

from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.interfaces import ORMOption

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.db.base import db
from portal.restaurants.models import Restaurant

# A choice longer than this is no help to anybody; what belongs to a restaurant is then added from its page.
MAX_OFFERED = 500


def with_people() -> list[ORMOption]:
    """Read the assigned people together with a restaurant, for those who may know them."""
    return [joinedload(Restaurant.people)] if may(Permission.USERS_EDIT) else []


def offered_restaurants(also: UUID | None = None) -> list[tuple[UUID, str]]:
    """Active restaurants by name, and ``also`` one more wherever it stands."""
    wanted = Restaurant.is_active if also is None else or_(Restaurant.is_active, Restaurant.id == also)
    first = (Restaurant.id == also).desc() if also else Restaurant.name
    query = select(Restaurant.id, Restaurant.name).where(wanted).order_by(first, Restaurant.name, Restaurant.id)
    return [(row.id, row.name) for row in db.session.execute(query.limit(MAX_OFFERED))]
