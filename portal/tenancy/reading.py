"""Rows for pages, read past the ORM session and compiled once: on its connection, within its transaction.

The ORM takes five times as long to find a row as the driver does (decision 030). Both walls stand here as well: each
statement names the account in scope, and where a person is limited to restaurants those, and row security follows.
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast
from uuid import UUID

import psycopg
from psycopg.rows import RowMaker
from sqlalchemy import ColumnElement, Select, any_, bindparam, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID

from portal.db.base import TenantEntity
from portal.db.cursor import connection
from portal.tenancy.scope import require_scope

_DIALECT = postgresql.psycopg.dialect()  # type: ignore[no-untyped-call]


def id_named(name: str) -> ColumnElement[UUID]:
    """The id that a statement is executed with under that name."""
    return bindparam(name, None, type_=PgUUID())


def one_of(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Whether a column is one of the ids that a statement is executed with under that name."""
    return column == any_(bindparam(name, None, type_=ARRAY(PgUUID())))


def is_assigned(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a column names one of the restaurants that the person is limited to."""
    return one_of(column, "restaurant_ids")


def make_of(names: Sequence[str]) -> Callable[[Iterable[Any]], Any]:
    """What makes a named tuple of a row's values."""
    make: Callable[[Iterable[Any]], Any] = cast(Any, namedtuple)("Row", names)._make
    return make


class RowQuery:
    """The rows of one kind that a page shows, as named tuples of the columns; ``narrow`` adds conditions and order.

    Values are what the ORM would give: members of enums, aware moments.
    """

    def __init__(
        self,
        entity: type[TenantEntity],
        columns: Sequence[ColumnElement[Any]],
        narrow: Callable[[Select[Any]], Select[Any]],
    ) -> None:
        self._entity, self._columns, self._narrow = entity, columns, narrow
        self._make = make_of([str(each.key) for each in columns])
        self._processors: list[Callable[[Any], Any] | None] | None = None
        # With and without the limit to restaurants.
        self._compiled: dict[bool, tuple[bytes, dict[str, Any]]] = {}

    def all(self, **named: Any) -> list[Any]:
        """Every row, for those values of the statement's parameters."""
        scope = require_scope()
        text, constants = self._text(scope.restaurant_ids is not None)
        values = {**constants, "account_id": scope.account_id, **named}
        if scope.restaurant_ids is not None:
            values["restaurant_ids"] = list(scope.restaurant_ids)
        return connection().cursor(row_factory=self._row_maker).execute(text, values).fetchall()

    def first(self, **named: Any) -> Any:
        """The first row, or ``None``."""
        return next(iter(self.all(**named)), None)

    def _text(self, is_limited: bool) -> tuple[bytes, dict[str, Any]]:
        if is_limited not in self._compiled:
            table = self._entity.__table__
            query = select(*self._columns).where(table.c.account_id == id_named("account_id"))
            limit = self._entity.__restaurant_limit__
            if is_limited and limit is not None:
                query = query.where(limit.condition(table.c, is_assigned))
            compiled = self._narrow(query).compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
            self._compiled[is_limited] = str(compiled).encode(), dict(compiled.params)
        return self._compiled[is_limited]

    def _row_maker(self, cursor: psycopg.Cursor[Any]) -> RowMaker[Any]:
        if self._processors is None:
            kinds = [each.type_code for each in cursor.description or ()]
            types = [each.type.dialect_impl(_DIALECT) for each in self._columns]
            self._processors = [each.result_processor(_DIALECT, kind) for each, kind in zip(types, kinds, strict=True)]
        make, processors = self._make, self._processors
        return lambda values: make(
            value if process is None else process(value) for value, process in zip(values, processors, strict=True)
        )
