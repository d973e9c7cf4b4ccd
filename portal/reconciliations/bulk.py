"""Many new rows in one statement: a long statement has thousands, and one at a time each costs a round trip."""

from collections.abc import Sequence
from typing import Any, cast

from sqlalchemy import JSON, Table, bindparam, column, func, insert, select

from portal.db.base import TenantEntity, db


def insert_rows(entity: type[TenantEntity], rows: Sequence[dict[str, Any]]) -> None:
    """Write the rows, which all have the same columns; what JSON has no word for travels as its text."""
    if not rows:
        return
    columns = [entity.__mapper__.columns[name] for name in rows[0]]
    kinds = (column(each.name, each.type) for each in columns)
    read = func.json_to_recordset(bindparam("told", type_=JSON)).table_valued(*kinds, name="told")
    told = read.render_derived(with_types=True)
    table = cast(Table, entity.__table__)
    adding = insert(table).from_select(columns, select(*told.c), include_defaults=False)
    plain = [{name: _plain(value) for name, value in row.items()} for row in rows]
    db.session.execute(adding, {"told": plain})


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, dict | list | int) else str(value)
