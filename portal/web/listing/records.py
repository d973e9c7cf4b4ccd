"""The list of a class of records, from its columns alone: all else follows from what the class declares."""

from collections.abc import Callable, Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Boolean, ColumnElement, FromClause

from portal.db.amounts import ExactNumber
from portal.db.base import TenantEntity
from portal.db.records import Archivable, column_of, reference_of, type_of
from portal.db.types import UtcDateTime
from portal.web.listing.declaration import Export, Filter, IdFilter, Listing, Sort, moment
from portal.web.listing.filters import archival_filter
from portal.web.listing.table import NAME_OF, Column


def record_list(
    name: str,
    entity: type[TenantEntity],
    columns: Sequence[str | Column],
    *,
    sorts: Sequence[Sort] = (),
    filters: Sequence[Filter] = (),
    source: FromClause | None = None,
    search_entity: str | None = None,
    **options: Any,
) -> Listing:
    """A list of records; ``name`` is the blueprint's, the first of the ``columns`` the row's name.

    Without ``sorts`` by name or last change; ``filters`` join those by archive and, by a link, restaurant, or replace
    them by key. ``source`` joins what columns of other tables need. Words are looked for in the entries of the table,
    or of ``search_entity``, or in the columns ``search``.
    """
    source, reads = _reads(entity, told := [_column(entity, each) for each in columns], source)
    return Listing(
        name=name,
        entity=entity,
        table=told,
        columns=reads,
        source=source,
        sorts=sorts or _default_sorts(entity),
        filters=_filters(entity, filters),
        search_entity=search_entity or (None if "search" in options else entity.__tablename__),
        exports=[_export(entity, each) for each in told if each.in_export],
        **options,
    )


def _column(entity: type[TenantEntity], column: str | Column) -> Column:
    """A column told by its key; whether a row is active stands in the CSV, and beside the name in the table."""
    if isinstance(column, Column):
        return column
    kind = type_of(entity, column)
    assert kind is not None, f"{entity.__name__} has no column {column}"
    return Column(column, in_table=column != "is_active", nowrap=isinstance(kind, UtcDateTime | Boolean))


def _reads(
    entity: type[TenantEntity], columns: Sequence[Column], source: FromClause | None
) -> tuple[FromClause | None, dict[str, ColumnElement[Any]]]:
    """What is joined and what is read: each column, and beside a reference the name of the row."""
    table = entity.__table__
    joined: FromClause = table if source is None else source
    reads: dict[str, ColumnElement[Any]] = {}
    for each in columns:
        reads[each.key] = table.c[each.key] if each.source is None else each.source
        target = reference_of(entity, each.key) if each.source is None else None
        if target is not None:
            other = target.__table__.alias(f"{each.key}_row")
            key = table.c[each.key]
            same = (other.c.id == key) & (other.c.account_id == table.c.account_id)
            # None lacks what it must refer to; joined as if it might, so that the server does not take a large chain
            # for a few rows, and read and sort all of it for fifty.
            joined = joined.outerjoin(other, same)
            reads[NAME_OF % each.key] = other.c.name
    if "is_active" in table.c:
        reads.setdefault("is_active", table.c.is_active)
    return (None if joined is table else joined), reads


def _default_sorts(entity: type[TenantEntity]) -> list[Sort]:
    changed = column_of(entity, "updated_at")
    return [
        Sort("name", _l("Name"), column_of(entity, "name")),
        Sort("updated", _l("Last changed"), changed, parse=moment, descending=True),
    ]


def _filters(entity: type[TenantEntity], own: Sequence[Filter]) -> list[Filter]:
    found: list[Filter] = []
    columns = entity.__table__.c
    if issubclass(entity, Archivable):
        found.append(archival_filter(columns.is_active))
    if "restaurant_id" in columns and entity.__restaurant_limit__ is not None:
        found.append(IdFilter("restaurant_id", _l("One restaurant"), column=columns.restaurant_id))
    return [*(each for each in found if each.key not in {other.key for other in own}), *own]


def _export(entity: type[TenantEntity], column: Column) -> Export:
    """The column of the CSV. Moments are in UTC there, as the heading says."""
    is_reference = column.source is None and reference_of(entity, column.key) is not None
    key = NAME_OF % column.key if is_reference else column.key
    # Numbers stay numbers: a spreadsheet reckons with them.
    kind = type_of(entity, column.key) if column.source is None else column.source.type
    is_number = isinstance(kind, ExactNumber)
    words = None if is_reference or is_number else column.plain(entity)
    return Export(LazyHeading(entity, column), lambda row: _told(words, getattr(row, key)))


def _told(words: Callable[[Any], Any] | None, value: Any) -> Any:
    return value if words is None or value is None else words(value)


class LazyHeading:
    """A heading put in words when it is written: forms, which name the fields, are read after the lists."""

    def __init__(self, entity: type[TenantEntity], column: Column) -> None:
        self.entity, self.column = entity, column

    def __str__(self) -> str:
        if self.column.heading is not None:
            return str(self.column.heading)
        title = self.column.title(self.entity)
        if isinstance(type_of(self.entity, self.column.key), UtcDateTime):
            return str(_l("%(what)s (UTC)", what=title))
        return str(title)
