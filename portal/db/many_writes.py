"""Hundreds of rows of one kind are written by one statement, whose text is the same for any number of them.

The session writes new ones some hundreds at a time, each time in a text of its own with a parameter for every value: of
twenty thousand lines reading those texts takes longer than all else. Here the rows go as one document.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Dialect, Table, Text, bindparam, cast, column, func, insert, inspect, select, update
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.exc import StaleDataError

from portal.db.base import TenantEntity, db
from portal.db.joint_writes import Write, Writer

# Fewer the session writes as well as this.
MANY = 50


def write_new(rows: Sequence[TenantEntity], account_id: UUID) -> None:
    """Write new rows of one class, all of that account, in their order; what they refer to stands in the database.

    Afterwards they are the session's, as if it had written them; what the database made is read when it is asked for.
    """
    if len(rows) < MANY:
        db.session.add_all(rows)
    db.session.flush()
    if len(rows) < MANY:
        return
    values = []
    for row in rows:
        # Not stamped yet: the session does it as it flushes.
        row.account_id = row.account_id or account_id
        if row.account_id != account_id or not inspect(row).transient:
            raise InvalidRequestError(f"{type(row).__name__} is no new row of the account")
        values.append(_values(row))
    insert_rows(type(rows[0]), values)
    for row in rows:
        make_transient_to_detached(row)
    db.session.add_all(rows)


def insert_rows(entity: type[TenantEntity], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write new rows by their values; what one of them says and another does not is null there."""
    if rows:
        keys = tuple(sorted({key for row in rows for key in row}))
        db.session.connection().execute(_insertion(entity, keys), document_of(entity, rows))


def update_rows(entity: type[TenantEntity], rows: Sequence[Mapping[str, Any]], account_id: UUID) -> None:
    """Change rows of an account by their ``id``; all say the same columns."""
    if not rows:
        return
    keys = tuple(sorted(rows[0]))
    told = document_of(entity, rows) | {"whose": account_id}
    if db.session.connection().execute(_change(entity, keys), told).rowcount != len(rows):
        raise StaleDataError(f"of {len(rows)} rows of {entity.__tablename__} some were not there")


def _values(row: TenantEntity) -> dict[str, Any]:
    write = Write(row, is_new=True)
    write.fill_defaults()
    return write.values


def told_rows(entity: type[TenantEntity], keys: Sequence[str]) -> Any:
    """The rows of a document (``document_of``) as a table of these columns, in their order."""
    table = _table(entity)
    document = func.json_to_recordset(cast(bindparam("document", type_=Text), JSON))
    typed = [column(key, table.c[key].type) for key in keys]
    return document.table_valued(*typed, name="told").render_derived(with_types=True)


def document_of(entity: type[TenantEntity], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The parameter that a statement over ``told_rows`` takes; each value as the driver would be given it."""
    dialect, table = db.session.connection().dialect, _table(entity)
    keys = {key for row in rows for key in row}
    writers = [(key, write) for key in keys if (write := _writer(dialect, table, key)) is not None]
    # Numbers, days and ids as texts: the database reads them exactly.
    return {"document": json.dumps([_written(row, writers) for row in rows], default=_text, ensure_ascii=False)}


def _text(value: Any) -> str:
    if isinstance(value, UUID | Decimal | date | time):
        return str(value)
    raise TypeError(f"a {type(value).__name__} is in no document")


def _written(row: Mapping[str, Any], writers: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(row)
    for key, write in writers:
        if told.get(key) is not None:
            told[key] = write(told[key])
    return told


@lru_cache(maxsize=500)
def _writer(dialect: Dialect, table: Table, key: str) -> Writer:
    """What makes the driver's value of ours; a document within the document is one already."""
    kind = table.c[key].type.dialect_impl(dialect)
    return None if isinstance(kind, JSON) else kind.bind_processor(dialect)


def _table(entity: type[TenantEntity]) -> Table:
    table = entity.__table__
    assert isinstance(table, Table)
    return table


@lru_cache(maxsize=100)
def _insertion(entity: type[TenantEntity], keys: tuple[str, ...]) -> Any:
    told = told_rows(entity, keys)
    return insert(_table(entity)).from_select(keys, select(*(told.c[key] for key in keys)), include_defaults=False)


@lru_cache(maxsize=100)
def _change(entity: type[TenantEntity], keys: tuple[str, ...]) -> Any:
    told, table = told_rows(entity, keys), _table(entity)
    ours = update(table).where(table.c.id == told.c.id, table.c.account_id == bindparam("whose"))
    return ours.values({key: told.c[key] for key in keys if key != "id"})
