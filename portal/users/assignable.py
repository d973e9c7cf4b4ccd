"""The restaurants that can be assigned to a person."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import literal, select

from portal.db.base import db
from portal.restaurants.models import Restaurant
from portal.web.listing.reading import found_by
from portal.web.searching import patterns_of

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
    others = select(Restaurant.id, Restaurant.name).where(Restaurant.is_active, Restaurant.id.not_in(chosen))
    if patterns := patterns_of(search):
        others = others.where(found_by(Restaurant, patterns))
    # The first by name are taken before they are joined with the chosen ones: two orders are no index's.
    first = others.order_by(Restaurant.name, Restaurant.id).limit(MAX_OFFERED + 1).subquery()
    picked = select(Restaurant.id, Restaurant.name, literal(0)).where(Restaurant.id.in_(chosen))
    both = picked.union_all(select(first.c.id, first.c.name, literal(1))).subquery("both")
    place = both.c[2]
    ordered = select(both.c.id, both.c.name, place.label("place")).order_by(place, both.c.name, both.c.id)
    rows = db.session.execute(ordered).all()
    # Not all that are chosen need be there.
    most = MAX_OFFERED + sum(row.place == 0 for row in rows)
    return [(row.id, row.name) for row in rows[:most]], len(rows) > most
