"""The one Core statement behind a page of a list, compiled once per shape."""

from typing import Any
from uuid import UUID

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    any_,
    bindparam,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.sql.visitors import replacement_traverse

from portal.db.base import TenantEntity
from portal.tenancy.reading import is_assigned
from portal.tenancy.scope import current_system_scope, require_scope
from portal.web.listing.declaration import COUNT_CAP, PAGE_SIZE, Compiled, Listing
from portal.web.listing.request import ListRequest
from portal.web.listing.search import has_entry
from portal.web.searching import anywhere, fits_all, holds_all

# A list has thousands of shapes; people use a few, and nobody may fill the memory with the others.
MAX_SHAPES = 200
_DIALECT = postgresql.psycopg.dialect()


class ListStatement:
    """The statement for one request: its text, taken from a cache, and its parameters."""

    def __init__(
        self,
        listing: Listing,
        wanted: ListRequest,
        ids: list[UUID] | None = None,
        *,
        parent_id: UUID | None = None,
        limit: int | None = PAGE_SIZE,
    ) -> None:
        self.listing, self.wanted, self.ids, self.limit = listing, wanted, ids, limit
        self.parent_id = parent_id
        self.parameters: dict[str, Any] = {}
        # More rows than the cap hold the words: known already, and not counted again.
        self.is_common = False
        self.restricted = self._restaurant_ids()

    @property
    def backward(self) -> bool:
        """Whether the rows are read from behind and must be turned round."""
        cursor = self.wanted.cursor
        return cursor.backward if cursor else self.wanted.from_end

    def text(self) -> bytes:
        """The SQL; fills ``parameters`` on the way."""
        shape = (
            tuple((each.key, each.shape(self.wanted.filters[each.key])) for each in self.listing.filters),
            self.wanted.sort.key,
            self.wanted.descending,
            self.wanted.cursor is not None,
            self.backward,
            self.ids is not None,
            self.ids is None and bool(self.wanted.patterns),
            self.restricted is not None,
            self.limit,
            self.is_common,
        )
        text, constants = self.listing.statements.get(shape) or self._compile(shape)
        self.parameters |= constants
        self._fill_parameters()
        return text

    def _compile(self, shape: tuple[Any, ...]) -> Compiled:
        """The statement of a new shape, kept with its list; of too many the oldest goes."""
        compiled = _Builder(self).build().compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
        kept = self.listing.statements
        while len(kept) >= MAX_SHAPES:
            # Another thread may have taken it already.
            kept.pop(next(iter(kept), None), None)
        kept[shape] = str(compiled).encode(), dict(compiled.params)
        return kept[shape]

    def _restaurant_ids(self) -> tuple[UUID, ...] | None:
        entity = self.listing.entity
        if issubclass(entity, TenantEntity) and entity.__restaurant_limit__ and current_system_scope() is None:
            return require_scope().restaurant_ids
        return None

    def _fill_parameters(self) -> None:
        if self.listing.is_tenant:
            self.parameters["account_id"] = require_scope().account_id
        if self.listing.parent is not None:
            self.parameters["parent_id"] = self.parent_id
        if self.restricted is not None:
            self.parameters["restaurant_ids"] = list(self.restricted)
        if self.ids is not None:
            self.parameters["ids"] = self.ids
        elif self.wanted.patterns:
            is_asked = self.listing.is_tenant and self.listing.search_entity
            self.parameters["patterns"] = self.wanted.patterns if is_asked else anywhere(self.wanted.patterns)
        for each in self.listing.filters:
            self.parameters |= each.parameters(self.wanted.filters[each.key])
        if cursor := self.wanted.cursor:
            self.parameters |= {"cursor_value": cursor.value, "cursor_id": cursor.id}


class _Builder:
    """Builds the statement of one request's shape."""

    def __init__(self, statement: ListStatement) -> None:
        self.statement = statement

    def build(self) -> Select[Any]:
        each, listing = self.statement, self.statement.listing
        table = listing.entity.__table__
        conditions = self._conditions()
        source = listing.source if listing.source is not None else table
        backward = each.wanted.descending != each.backward
        order = [each.wanted.sort.column, table.c.id]
        query = (
            select(table.c.id, each.wanted.sort.column.label("sort_value"), *_labelled(listing))
            .select_from(source)
            .where(*conditions, *self._place(backward))
        )
        query = query.order_by(*(column.desc() if backward else column.asc() for column in order))
        if each.limit is None:
            return query
        if each.is_common:
            known: ColumnElement[int] = literal_column(str(COUNT_CAP + 1), Integer).label("total")
            return query.add_columns(known).limit(literal_column(str(each.limit + 1), Integer))
        capped = select(literal_column("1")).select_from(source).where(*conditions).limit(COUNT_CAP + 1).subquery()
        total = select(func.count()).select_from(capped).scalar_subquery()
        return query.add_columns(total.label("total")).limit(literal_column(str(each.limit + 1), Integer))

    def _conditions(self) -> list[ColumnElement[bool]]:
        each, listing = self.statement, self.statement.listing
        table = listing.entity.__table__
        conditions = list(listing.criteria.values())
        if listing.is_tenant:
            conditions.append(table.c.account_id == bindparam("account_id", None, type_=PgUUID()))
        if listing.parent is not None:
            conditions.append(listing.parent.key == bindparam("parent_id", None, type_=PgUUID()))
        if each.restricted is not None:
            limit = listing.entity.__restaurant_limit__  # type: ignore[attr-defined]
            conditions.append(limit.condition(table.c, is_assigned))
        for chosen in listing.filters:
            condition = chosen.condition(each.wanted.filters[chosen.key])
            if condition is not None:
                conditions.append(_with_constants(condition))
        return conditions + self._search()

    def _search(self) -> list[ColumnElement[bool]]:
        each, listing = self.statement, self.statement.listing
        key = listing.entity.__table__.c.id if listing.search_key is None else listing.search_key
        if each.ids is not None:
            return [key == any_(bindparam("ids", None, type_=ARRAY(PgUUID())))]
        if not each.wanted.patterns:
            return []
        if not listing.search_entity:
            return [holds_all(listing.search) if listing.searched is None else fits_all(listing.searched)]
        return [has_entry(listing.entity, key=key)]

    def _place(self, backward: bool) -> list[ColumnElement[bool]]:
        each = self.statement
        if each.wanted.cursor is None:
            return []
        column = each.wanted.sort.column
        here = tuple_(column, each.listing.entity.__table__.c.id)
        there = tuple_(bindparam("cursor_value", None, type_=column.type), bindparam("cursor_id", None, type_=PgUUID()))
        return [here < there if backward else here > there]


def _with_constants(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition with our own words in its text: a plan that does not know them takes a rare one for common."""

    def literal(element: Any, **_options: Any) -> Any:
        if not isinstance(element, BindParameter) or element.value is None:
            return None
        # Another one, not a copy of the same name: the columns of the list may hold this very parameter as well.
        return BindParameter(
            None,
            element.value,
            type_=element.type,
            unique=True,
            expanding=element.expanding,
            literal_execute=True,
        )

    return replacement_traverse(condition, {}, literal)


def _labelled(listing: Listing) -> list[ColumnElement[Any]]:
    return [column.label(name) for name, column in listing.columns.items()]
