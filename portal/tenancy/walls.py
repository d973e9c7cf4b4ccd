"""Both walls as seen from the ORM session.

Wall one adds the account to every ORM statement; wall two tells PostgreSQL the account at the start
of each transaction, for its row-level security. Either is enough alone.
"""

from typing import Any

from flask import has_app_context
from sqlalchemy import ClauseElement, Connection, Table, event, false
from sqlalchemy.orm import ORMExecuteState, Session, SessionTransaction, with_loader_criteria
from sqlalchemy.sql.visitors import iterate

from portal.db.base import TenantEntity, TenantRoot
from portal.db.restaurant_limit import RestaurantLimit
from portal.tenancy.scope import (
    SET_ACCOUNT,
    SET_SYSTEM_SCOPE,
    CrossAccountWrite,
    NoAccountInScope,
    Scope,
    current_scope,
    current_system_scope,
    require_scope,
)


def install() -> None:
    """Put both walls around every session; a second app in the same process finds them standing."""
    if event.contains(Session, "do_orm_execute", restrict_statement):
        return
    event.listen(Session, "do_orm_execute", restrict_statement)
    event.listen(Session, "before_flush", stamp_rows)
    event.listen(Session, "after_begin", tell_database)


def restrict_statement(state: ORMExecuteState) -> None:
    """Add the account to a statement; with no account in scope, refuse it."""
    if current_system_scope() is not None:
        return
    scope = current_scope()
    if scope is None:
        _refuse_tenants(state)
        return
    state.statement = state.statement.options(*_criteria(scope))


def _refuse_tenants(state: ORMExecuteState) -> None:
    assert isinstance(state.statement, ClauseElement)
    asked = {element.name for element in iterate(state.statement) if isinstance(element, Table)}
    if tenants := asked & _tenant_tables():
        raise NoAccountInScope(f"no account has been entered, yet {', '.join(sorted(tenants))} was asked for")
    state.statement = state.statement.options(
        with_loader_criteria(TenantEntity, lambda cls: false(), include_aliases=True),
        with_loader_criteria(TenantRoot, lambda cls: false(), include_aliases=True),
    )


def _tenant_tables() -> set[str]:
    classes = (mapper.class_ for mapper in TenantEntity.registry.mappers)
    return {each.__tablename__ for each in classes if issubclass(each, (TenantEntity, TenantRoot))}


def _criteria(scope: Scope) -> tuple[Any, ...]:
    """The options that add a scope to a statement."""
    account_id, restaurant_ids = scope.account_id, scope.restaurant_ids
    criteria: list[Any] = [
        with_loader_criteria(TenantEntity, lambda cls: cls.account_id == account_id, include_aliases=True),
        with_loader_criteria(TenantRoot, lambda cls: cls.id == account_id, include_aliases=True),
    ]
    if restaurant_ids is not None:
        criteria += [
            with_loader_criteria(
                entity, limit.condition(entity, lambda column: column.in_(restaurant_ids)), include_aliases=True
            )
            for entity, limit in limited_entities()
        ]
    return tuple(criteria)


def limited_entities() -> list[tuple[type[TenantEntity], RestaurantLimit]]:
    """The mapped classes whose rows belong to restaurants, each with how they do."""
    classes = (mapper.class_ for mapper in TenantEntity.registry.mappers)
    tenants = [each for each in classes if issubclass(each, TenantEntity)]
    return [(each, each.__restaurant_limit__) for each in tenants if each.__restaurant_limit__]


def stamp_rows(session: Session, flush_context: Any, instances: Any) -> None:
    """Give new rows the account in scope; refuse to write a row of any other."""
    tenants = [row for row in (*session.new, *session.dirty, *session.deleted) if isinstance(row, TenantEntity)]
    if not tenants or current_system_scope() is not None:
        return
    account_id = require_scope().account_id
    for row in tenants:
        if row.account_id is None:  # not stamped yet
            row.account_id = account_id  # type: ignore[unreachable]
        if row.account_id != account_id:
            raise CrossAccountWrite(f"{type(row).__name__} belongs to another account")


def tell_database(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """Tell a new transaction the account or the reason to work without one, for row-level security."""
    if not has_app_context():
        return
    if scope := current_scope():
        connection.execute(SET_ACCOUNT, {"account_id": str(scope.account_id)})
    if reason := current_system_scope():
        connection.execute(SET_SYSTEM_SCOPE, {"reason": reason})
