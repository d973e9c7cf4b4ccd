"""Restaurants that may be chosen, and the day that it is in each."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, func, or_, select

from portal.db.base import SCHEMA, db
from portal.restaurants.models import Restaurant

# A choice longer than this is no help to anybody; what belongs to a restaurant is then added from its page.
MAX_OFFERED = 500


def offered_restaurants(also: UUID | None = None) -> list[tuple[UUID, str]]:
    """Active restaurants by name, and ``also`` one more wherever it stands."""
    wanted = Restaurant.is_active if also is None else or_(Restaurant.is_active, Restaurant.id == also)
    first = (Restaurant.id == also).desc() if also else Restaurant.name
    query = select(Restaurant.id, Restaurant.name).where(wanted).order_by(first, Restaurant.name, Restaurant.id)
    return [(row.id, row.name) for row in db.session.execute(query.limit(MAX_OFFERED))]


def local_day(days: int = 0) -> ColumnElement[Any]:
    """The day that it is in the restaurant of the row, or so many days later."""
    now = func.timezone("utc", func.statement_timestamp())
    today = getattr(func, SCHEMA).local_day(now, Restaurant.__table__.c.timezone, type_=Date)
    return today + days if days else today
