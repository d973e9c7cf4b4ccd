"""What stands here when a kind is compared, read in as many statements however many rows there are."""

from collections import defaultdict
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.db.base import TenantEntity, db
from portal.iiko.models import IikoRun
from portal.iiko.sync.comparing import Known, Linked, Ours
from portal.iiko.sync.kinds import KINDS, Kind
from portal.iiko.sync.models import IikoAction, IikoLink, IikoNode, IikoPin, IikoRefusal, Word


def known_of(run: IikoRun, kind: Kind) -> Known:
    """All that a comparison looks at, of the account in scope."""
    ours = _ours(kind)
    references = {each.refers_to: _references(run, each.refers_to) for each in kind.fields if each.refers_to}
    return Known(
        ours=ours,
        links=_links(run, kind, ours),
        pins=pins_of(kind),
        refused=_refused(kind),
        nodes=_nodes(run) if kind.mapped_by else {},
        references=references,
        names={row_id: name for each in references for row_id, name in _names(KINDS[each].entity)},
        used=frozenset(each for entity, column in kind.used_by for each in _named_by(entity, column)),
    )


def _ours(kind: Kind) -> dict[UUID, Ours]:
    entity: Any = kind.entity
    columns = [getattr(entity, each.key) for each in kind.fields]
    found = {}
    query = select(entity.id, entity.name, entity.iiko_id, *columns)
    for row_id, name, iiko_id, *values in db.session.execute(query):
        told = dict(zip((each.key for each in kind.fields), values, strict=True))
        found[row_id] = Ours(row_id, name, told, iiko_id)
    return found


def _links(run: IikoRun, kind: Kind, ours: dict[UUID, Ours]) -> dict[str, Linked]:
    """By iiko's id. A link whose row is gone leads nowhere."""
    query = select(
        IikoLink.iiko_id,
        IikoLink.entity_id,
        IikoLink.iiko_values,
        IikoLink.hash,
        IikoLink.connection_id,
        IikoLink.missing_since,
    ).where(IikoLink.kind == kind.key)
    return {
        iiko_id: Linked(entity_id, values, digest, connection_id == run.connection_id, since is not None)
        for iiko_id, entity_id, values, digest, connection_id, since in db.session.execute(query)
        if entity_id in ours
    }


def pins_of(kind: Kind, ids: list[UUID] | None = None) -> dict[UUID, frozenset[str]]:
    """The pinned fields by row, of some rows or of all."""
    query = select(IikoPin.entity_id, IikoPin.field).where(IikoPin.kind == kind.key)
    found: dict[UUID, set[str]] = defaultdict(set)
    for entity_id, field in db.session.execute(query if ids is None else query.where(IikoPin.entity_id.in_(ids))):
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


def _references(run: IikoRun, kind: str) -> dict[str, UUID | None]:
    """Whither iiko's ids of another kind lead: what this run is to make, or to link, and what is linked."""
    planned = select(IikoAction.iiko_id, IikoAction.entity_id).where(
        IikoAction.run_id == run.id, IikoAction.kind == kind, IikoAction.word.in_([Word.CREATE, Word.UPDATE])
    )
    linked = select(IikoLink.iiko_id, IikoLink.entity_id).where(IikoLink.kind == kind)
    found: dict[str, UUID | None] = {str(iiko_id): entity_id for iiko_id, entity_id in db.session.execute(planned)}
    return found | dict(db.session.execute(linked).all())


def _names(entity: Any) -> list[tuple[UUID, str]]:
    return list(db.session.execute(select(entity.id, entity.name)).all())


def _named_by(entity: type[TenantEntity], column: str) -> list[UUID]:
    return list(db.session.scalars(select(getattr(entity, column)).distinct()))
