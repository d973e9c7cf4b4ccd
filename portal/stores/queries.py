"""Reading stores."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from portal.stores.models import Store
from portal.tenancy.reading import RowQuery, id_named

MAX_SHOWN = 50

s = Store.__table__.c
_OF_RESTAURANT = RowQuery(
    Store,
    (s.id, s.name, s.kind),
    lambda query: (
        query.where(s.restaurant_id == id_named("restaurant_id"), s.is_active).order_by(s.name, s.id).limit(MAX_SHOWN)
    ),
)


def stores_of(restaurant_id: UUID) -> Sequence[Any]:
    """The active stores of a restaurant, by name: id, name and kind."""
    return _OF_RESTAURANT.all(restaurant_id=restaurant_id)
