"""Counting what the person may see of the account in scope, within a statement that counts many things."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, any_, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from portal.tenancy.scope import require_scope
from portal.web.listing.declaration import COUNT_CAP


def mine(columns: Any) -> ColumnElement[bool]:
    """The rows of the account in scope."""
    found: ColumnElement[bool] = columns.account_id == require_scope().account_id
    return found


def in_restaurants(key: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """Those of the person's restaurants, where they work in some alone."""
    restaurant_ids = require_scope().restaurant_ids
    return [] if restaurant_ids is None else [key == any_(literal(list(restaurant_ids), ARRAY(UUID())))]


def capped(table: FromClause, *conditions: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows of a table there are, and one more than the cap where there are more."""
    limited: Select[Any] = select(literal_column("1")).select_from(table).where(mine(table.c), *conditions)
    return count_of(limited)


def count_of(query: Select[Any]) -> ColumnElement[int]:
    """The same of a query."""
    return select(func.count()).select_from(query.limit(COUNT_CAP + 1).subquery()).scalar_subquery()
