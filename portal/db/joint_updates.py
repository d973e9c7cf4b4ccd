"""Rows of a class that are switched alike are written by one statement: archiving fifty rows is one, not fifty."""

from collections import defaultdict
from typing import Any

from sqlalchemy import CursorResult, event, inspect, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import StaleDataError

from portal.db.base import TenantEntity
from portal.db.states import Flagged

FLAG = "is_active"


def install() -> None:
    """Look at what is about to be written; a second app in the same process finds it looked at."""
    if not event.contains(Session, "before_flush", write_jointly):
        event.listen(Session, "before_flush", write_jointly)


def write_jointly(session: Session, flush_context: Any, instances: Any) -> None:
    """Write the flags of rows of which nothing else has changed, where there are several."""
    groups: dict[tuple[type[TenantEntity], Any, bool], list[Any]] = defaultdict(list)
    for row in session.dirty:
        if isinstance(row, Flagged) and isinstance(row, TenantEntity) and set(inspect(row).committed_state) == {FLAG}:
            groups[type(row), row.account_id, row.is_active].append(row)
    for (entity, account_id, is_active), rows in groups.items():
        if len(rows) > 1:
            _write(session, entity, account_id, is_active, rows)


def _write(session: Session, entity: type[TenantEntity], account_id: Any, is_active: bool, rows: list[Any]) -> None:
    table: Any = entity.__table__
    ours = update(table).where(table.c.account_id == account_id, table.c.id.in_([row.id for row in rows]))
    result: CursorResult[Any] = session.connection().execute(ours.values({FLAG: is_active}))
    if result.rowcount != len(rows):
        raise StaleDataError(f"{len(rows)} rows of {table.name} were to be written, {result.rowcount} were there")
    for row in rows:
        set_committed_value(row, FLAG, is_active)
        session.expire(row, ["updated_at"])
