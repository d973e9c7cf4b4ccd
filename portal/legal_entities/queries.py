"""Reading what belongs to a legal entity."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from portal.restaurants.models import Restaurant
from portal.tenancy.reading import RowQuery, id_named

MAX_SHOWN = 50

r = Restaurant.__table__.c
_OF_ENTITY = RowQuery(
    Restaurant,
    (r.id, r.name, r.is_active),
    lambda query: query.where(r.legal_entity_id == id_named("entity_id")).order_by(r.name, r.id).limit(MAX_SHOWN),
)


def restaurants_of(entity_id: UUID) -> Sequence[Any]:
    """The restaurants of a legal entity that the reader may see, by name: id, name and whether it is active."""
    return _OF_ENTITY.all(entity_id=entity_id)
