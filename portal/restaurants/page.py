"""What the page of a restaurant shows: its row, with the people assigned to it, in one statement."""

from typing import Any
from uuid import UUID

from flask import abort
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from portal.access.permissions import Permission, Role
from portal.access.viewer import may
from portal.legal_entities.models import LegalEntity
from portal.restaurants.models import Restaurant
from portal.tenancy.reading import RowQuery, id_named
from portal.users.models import User, UserRestaurant

r, u, a = Restaurant.__table__.c, User.__table__.c, UserRestaurant.__table__.c
e = LegalEntity.__table__.c


def assigned_people() -> ColumnElement[Any]:
    """Those who are assigned to the restaurant and active, by e-mail, as objects; null where there are none."""
    name = func.coalesce(func.nullif(u.full_name, ""), u.email)
    told = func.json_build_object("id", u.id, "name", name, "full_name", u.full_name, "email", u.email, "role", u.role)
    is_assigned = (u.account_id == a.account_id) & (u.id == a.user_id) & u.is_active
    people = select(func.json_agg(aggregate_order_by(told, u.email))).select_from(User.__table__)
    return (
        people.join(UserRestaurant.__table__, is_assigned)
        .where(a.account_id == r.account_id, a.restaurant_id == r.id)
        .correlate(Restaurant.__table__)
        .scalar_subquery()
        .label("people")
    )


LEGAL_ENTITY = (
    select(e.name)
    .where(e.account_id == r.account_id, e.id == r.legal_entity_id)
    .correlate(Restaurant.__table__)
    .scalar_subquery()
    .label("legal_entity")
)
_COLUMNS = (
    r.id, r.name, r.address, r.phone, r.email, r.timezone, r.is_active, r.created_at, r.updated_at,
    r.code, r.legal_entity_id, LEGAL_ENTITY,
    r.iiko_id, r.iiko_sync_status, r.iiko_last_synced_at, r.iiko_sync_error,
)  # fmt: skip
_RESTAURANT = RowQuery(Restaurant, _COLUMNS, lambda query: query.where(r.id == id_named("id")))
_WITH_PEOPLE = RowQuery(Restaurant, (*_COLUMNS, assigned_people()), lambda query: query.where(r.id == id_named("id")))


def restaurant_or_404(restaurant_id: UUID) -> tuple[Any, list[dict[str, Any]]]:
    """The restaurant, and for those who may know them its people; 404 where there is none in the account."""
    query = _WITH_PEOPLE if may(Permission.USERS_EDIT) else _RESTAURANT
    restaurant = query.first(id=restaurant_id)
    if restaurant is None:
        abort(404)
    people = getattr(restaurant, "people", None) or []
    return restaurant, [{**person, "role": Role.read(person["role"])} for person in people]
