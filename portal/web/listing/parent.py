"""The row whose page a list stands on, read together with the search: one statement for both."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from portal.db.base import SCHEMA, db
from portal.tenancy.reading import is_assigned
from portal.tenancy.scope import require_scope
from portal.web.listing.declaration import Listing


def read_parent(
    listing: Listing, parent_id: UUID | None, patterns: list[str] | None, cap: int
) -> tuple[Any, list[UUID] | None]:
    """The parent's columns (``None``: not in this account), and the ids that match a search, if there is one."""
    parent = listing.parent
    assert parent is not None
    table = parent.entity.__table__
    columns: list[ColumnElement[Any]] = [column.label(name) for name, column in parent.columns.items()]
    if patterns is not None:
        words = bindparam("words", patterns, type_=ARRAY(String()))
        search = getattr(func, SCHEMA).search_ids(listing.search_entity, words, cap, False, type_=ARRAY(PgUUID()))
        columns.append(search.label("found"))
    scope, limit = require_scope(), parent.entity.__restaurant_limit__
    query = select(*columns).where(table.c.id == parent_id, table.c.account_id == scope.account_id)
    if limit is not None and scope.restaurant_ids is not None:
        query = query.where(limit.condition(table.c, is_assigned))
    row = db.session.connection().execute(query, {"restaurant_ids": list(scope.restaurant_ids or ())}).one_or_none()
    return row, (row.found if row is not None and patterns is not None else None)
