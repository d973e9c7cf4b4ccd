"""Reading more of a restaurant than its own row."""

from sqlalchemy.orm import joinedload
from sqlalchemy.orm.interfaces import ORMOption

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.restaurants.models import Restaurant


def with_people() -> list[ORMOption]:
    """Read the assigned people together with a restaurant, for those who may know them."""
    return [joinedload(Restaurant.people)] if may(Permission.USERS_EDIT) else []
