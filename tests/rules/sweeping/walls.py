"""Taking one wall down, and with it whatever else would hide that the other one has a hole."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import ColumnElement, any_, event, literal_column
from sqlalchemy.orm import Session

from portal.db.base import TenantEntity
from portal.tenancy import finding, walls
from portal.tenancy.scope import Scope, current_system_scope, require_scope
from portal.web.listing.declaration import Listing
from tests.rules.site.listings import listings
from tests.world import make_world


@contextmanager
def orm_wall_alone(bypassing_app: Flask) -> Iterator[Flask]:
    """The portal on a role that row-level security does not bind."""
    with pytest.MonkeyPatch.context() as patch:
        trust_what_is_found(patch)
        yield bypassing_app


@contextmanager
def database_wall_alone(app: Flask) -> Iterator[Flask]:
    """The portal without the session's hook, and with lists that name no account."""
    with pytest.MonkeyPatch.context() as patch:
        trust_what_is_found(patch)
        patch.setattr(Listing, "is_tenant", property(lambda listing: False))
        patch.setattr(walls.stamp_rows, "__code__", stamp_only.__code__)
        event.remove(Session, "do_orm_execute", walls.restrict_statement)
        forget_statements()
        try:
            yield app
        finally:
            event.listen(Session, "do_orm_execute", walls.restrict_statement)
            forget_statements()


def forget_statements() -> None:
    """Have every list compile its statements anew."""
    for listing in listings():
        listing.statements.clear()


def trust_what_is_found(patch: pytest.MonkeyPatch) -> None:
    """``find`` compares the account once more: that third check would cover for a wall with a hole."""
    patch.setattr(finding, "require_scope", lambda: Scope(EveryAccount(), require_scope().restaurant_ids))  # type: ignore[arg-type]


class EveryAccount:
    """Equals the id of any account, in Python and in SQL."""

    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    def __clause_element__(self) -> ColumnElement[Any]:
        ids = ", ".join(f"'{chain.account_id}'::uuid" for chain in make_world().chains)
        return any_(literal_column(f"ARRAY[{ids}]"))


def stamp_only(session: Session, flush_context: Any, instances: Any) -> None:
    for row in session.new:
        if isinstance(row, TenantEntity) and row.account_id is None and current_system_scope() is None:
            row.account_id = require_scope().account_id
