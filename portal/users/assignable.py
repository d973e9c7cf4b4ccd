"""The restaurants that can be assigned to a person."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import and_, or_, select

from portal.db.base import db
from portal.restaurants.models import Restaurant
from portal.web.values import escape_like

MAX_OFFERED = 200


def restaurant_names(ids: Collection[UUID]) -> list[tuple[UUID, str]]:
    """The restaurants of the account among ``ids``, by name."""
    if not ids:
        return []
    query = select(Restaurant.id, Restaurant.name).where(Restaurant.id.in_(ids))
    return [(row.id, row.name) for row in db.session.execute(query.order_by(Restaurant.name, Restaurant.id))]


def names_of(ids: Collection[UUID]) -> list[str]:
    """The names alone, as the log tells them."""
    return [name for _id, name in restaurant_names(ids)]


def assignable_restaurants(search: str, chosen: Collection[UUID]) -> tuple[list[tuple[UUID, str]], bool]:
    """The chosen restaurants, then the active ones that match; and whether more match than are given."""
    words = search.lower().split()[:6]
    matches = [Restaurant.name.ilike(f"%{escape_like(word)}%") for word in words]
    is_chosen = Restaurant.id.in_(chosen)
    query = select(Restaurant.id, Restaurant.name).where(or_(is_chosen, and_(Restaurant.is_active, *matches)))
    ordered = query.order_by(is_chosen.desc(), Restaurant.name, Restaurant.id)
    most = len(chosen) + MAX_OFFERED
    rows = [(row.id, row.name) for row in db.session.execute(ordered.limit(most + 1))]
    return rows[:most], len(rows) > most
