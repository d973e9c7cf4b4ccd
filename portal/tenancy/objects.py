"""Rows that are read past the session and handed to it, as if it had read them: verbs and flushes work as ever.

One statement reads a row and the rows beside it, compiled once; the ORM takes four times as long (decision 032).
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Generic, TypeVar, cast

from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import InstrumentedAttribute, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value

from portal.db.base import TenantEntity, db
from portal.tenancy.reading import RowQuery, id_named

Entity = TypeVar("Entity", bound=TenantEntity)
Other = TypeVar("Other", bound=TenantEntity)
EAGER = frozenset({"joined", "selectin", "subquery", "immediate"})


class ObjectQuery(Generic[Entity]):
    """One row of a class as an object of the session.

    ``beside`` are relationships to one row each, of the class itself or of one that is read along before, and the
    columns that are read of it; none are all. Rows beside are those of the same account.
    """

    def __init__(
        self,
        entity: type[Entity],
        narrow: Callable[[Select[Any]], Select[Any]],
        beside: Mapping[Any, Sequence[str]] | None = None,
    ) -> None:
        self._parts = [_Part(entity)]
        source: Any = entity.__table__
        for relationship, keys in (beside or {}).items():
            # The join would show what restaurants that are not the person's have.
            assert relationship.property.mapper.class_.__restaurant_limit__ is None, "a limited class is not read along"
            part = _Part(relationship.property.mapper.class_, keys, relationship)
            same = part.entity.__table__.c.account_id == entity.__table__.c.account_id
            source = source.outerjoin(part.entity.__table__, relationship.property.primaryjoin & same)
            self._parts.append(part)
        columns = [column for part in self._parts for column in part.columns]
        self._query = RowQuery(entity, columns, lambda query: narrow(query.select_from(source)))

    def first(self, **named: Any) -> Entity | None:
        """The first row, for those values of the statement's parameters, or ``None``."""
        values = self._query.first(**named)
        if values is None:
            return None
        found: dict[Any, Any] = {}
        start = 0
        for part in self._parts:
            row = part.take(values[start : start + len(part.keys)])
            if part.relationship is not None and (owner := found.get(part.relationship.class_)) is not None:
                set_committed_value(owner, part.relationship.key, row)
            found[part.entity] = row
            start += len(part.keys)
        return cast(Entity, found[self._parts[0].entity])


class _Part:
    """The columns of one class in the statement, its id first."""

    def __init__(
        self,
        entity: type[TenantEntity],
        keys: Sequence[str] = (),
        relationship: InstrumentedAttribute[Any] | None = None,
    ) -> None:
        self.entity, self.relationship = entity, relationship
        kept = {each.key: each.columns[0] for each in entity.__mapper__.column_attrs if not each.deferred}
        self.keys = ["id", *(key for key in keys or kept if key != "id")]
        self.columns: list[ColumnElement[Any]] = [kept[key].label(f"{entity.__tablename__}_{key}") for key in self.keys]

    def take(self, values: Sequence[Any]) -> TenantEntity | None:
        """The session's object for a row; one that it has already stays as it is."""
        if values[0] is None:
            return None
        mapper, session = self.entity.__mapper__, db.session()
        known: TenantEntity | None = session.identity_map.get(mapper.identity_key_from_primary_key((values[0],)))
        if known is not None:
            return known
        # Not by the class: it would note a change of each attribute.
        row: TenantEntity = mapper.class_manager.new_instance()
        vars(row).update(zip(self.keys, values, strict=True))
        make_transient_to_detached(row)
        session.add(row)
        return row


def find_row(entity: type[Other], row_id: Any) -> Other | None:
    """The row with that id in the account in scope, as an object of the session, or ``None``."""
    query = _by_id(entity)
    key = entity.__mapper__.identity_key_from_primary_key((row_id,))
    if query is None or key in db.session.identity_map:
        return db.session.get(entity, row_id)
    return cast(Other | None, query.first(id=row_id))


@cache
def _by_id(entity: type[TenantEntity]) -> ObjectQuery[Any] | None:
    """The query of a class by id; ``None`` where its rows bring others along, which the session reads with them."""
    if any(each.lazy in EAGER for each in entity.__mapper__.relationships):
        return None
    is_it = entity.__table__.c.id == id_named("id")
    return ObjectQuery(entity, lambda query: query.where(is_it))
