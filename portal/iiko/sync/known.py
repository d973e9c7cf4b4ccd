"""What stands here when a kind is compared, read in as many statements however many rows there are."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, any_, literal, select

from portal.db.base import db
from portal.iiko.models import IikoRun
from portal.iiko.sync.comparing import Known, Linked, Ours
from portal.iiko.sync.kinds import KINDS, Kind
from portal.iiko.sync.models import IikoAction, IikoLink, IikoNode, IikoPin, IikoRefusal, Word


def known_of(run: IikoRun, kind: Kind, iiko_ids: Collection[str | None] | None = None) -> Known:
    """All that a comparison looks at, of the account in scope; of documents those that are named."""
    beside = {target for target, _member in kind.beside}
    targets = {each.refers_to for each in kind.fields if each.refers_to} | beside
    known = Known(
        ours={},
        refused=_refused(kind),
        nodes=_nodes(run) if kind.mapped_by else {},
        references={target: _references(run, KINDS[target]) for target in targets},
        names={row_id: name for target in targets for row_id, name in _names(KINDS[target].entity)},
    )
    return with_rows(known, run, kind, iiko_ids)


def with_rows(known: Known, run: IikoRun, kind: Kind, iiko_ids: Collection[str | None] | None) -> Known:
    """The same with the rows of the kind itself: all, or those that are linked with the ids or hold them."""
    links = _links(run, kind, iiko_ids)
    ids = None if iiko_ids is None else [link.entity_id for link in links.values()]
    ours = _ours(kind, iiko_ids, ids)
    links = {iiko_id: link for iiko_id, link in links.items() if link.entity_id in ours}
    return replace(known, ours=ours, links=links, pins=pins_of(kind, ids), used=_used(kind, ids))


def _ours(kind: Kind, iiko_ids: Collection[str | None] | None, ids: list[UUID] | None) -> dict[UUID, Ours]:
    entity: Any = kind.entity
    columns = [
        getattr(entity, each.within)[each.key].astext if each.within else getattr(entity, each.key)
        for each in kind.columns
    ]
    found = {}
    query = select(entity.id, getattr(entity, kind.named_by), entity.iiko_id, *columns)
    if ids is not None:
        query = query.where(_is_one_of(entity.id, ids) | _is_one_of(entity.iiko_id, iiko_ids or ()))
    for row_id, name, iiko_id, *values in db.session.execute(query):
        told = dict(zip((each.key for each in kind.columns), values, strict=True))
        found[row_id] = Ours(row_id, name, told, iiko_id)
    return found


def _is_one_of(column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """One parameter, however many there are."""
    return column == any_(literal(list(values), ARRAY(column.type)))


def _links(run: IikoRun, kind: Kind, iiko_ids: Collection[str | None] | None) -> dict[str, Linked]:
    """By iiko's id. A link whose row is gone leads nowhere."""
    query = select(
        IikoLink.iiko_id,
        IikoLink.entity_id,
        IikoLink.iiko_values,
        IikoLink.hash,
        IikoLink.connection_id,
        IikoLink.missing_since,
    ).where(IikoLink.kind == kind.key)
    if iiko_ids is not None:
        query = query.where(_is_one_of(IikoLink.iiko_id, iiko_ids))
    return {
        iiko_id: Linked(entity_id, values, digest, connection_id == run.connection_id, since is not None)
        for iiko_id, entity_id, values, digest, connection_id, since in db.session.execute(query)
    }


def pins_of(kind: Kind, ids: list[UUID] | None = None) -> dict[UUID, frozenset[str]]:
    """The pinned fields by row, of some rows or of all."""
    query = select(IikoPin.entity_id, IikoPin.field).where(IikoPin.kind == kind.key)
    found: dict[UUID, set[str]] = defaultdict(set)
    if ids is not None:
        query = query.where(_is_one_of(IikoPin.entity_id, ids))
    for entity_id, field in db.session.execute(query):
        found[entity_id].add(field)
    return {entity_id: frozenset(fields) for entity_id, fields in found.items()}


def _refused(kind: Kind) -> dict[str, frozenset[UUID]]:
    query = select(IikoRefusal.iiko_id, IikoRefusal.entity_id).where(IikoRefusal.kind == kind.key)
    found: dict[str, set[UUID]] = defaultdict(set)
    for iiko_id, entity_id in db.session.execute(query):
        found[iiko_id].add(entity_id)
    return {iiko_id: frozenset(ids) for iiko_id, ids in found.items()}


def _nodes(run: IikoRun) -> dict[str, UUID]:
    query = select(IikoNode.node_id, IikoNode.restaurant_id).where(IikoNode.connection_id == run.connection_id)
    return dict(db.session.execute(query).all())


def _references(run: IikoRun, kind: Kind) -> dict[str, UUID | None]:
    """Whither iiko's ids of another kind lead: what this run is to make, or to link, and what is linked."""
    planned = select(IikoAction.iiko_id, IikoAction.entity_id).where(
        IikoAction.run_id == run.id, IikoAction.kind == kind.key, IikoAction.word.in_([Word.CREATE, Word.UPDATE])
    )
    linked = select(IikoLink.iiko_id, IikoLink.entity_id).where(IikoLink.kind == kind.key)
    found: dict[str, UUID | None] = {str(iiko_id): entity_id for iiko_id, entity_id in db.session.execute(planned)}
    found |= dict(db.session.execute(linked).all())
    others = kind.stands_for()
    return {iiko_id: others.get(row_id, row_id) if row_id else None for iiko_id, row_id in found.items()}


def _names(entity: Any) -> list[tuple[UUID, str]]:
    return list(db.session.execute(select(entity.id, entity.name)).all())


def _used(kind: Kind, ids: list[UUID] | None) -> frozenset[UUID]:
    if kind.used is None:
        return frozenset()
    entity: Any = kind.entity
    query = select(entity.id).where(kind.used())
    return frozenset(db.session.scalars(query if ids is None else query.where(_is_one_of(entity.id, ids))))
