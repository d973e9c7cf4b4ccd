"""Fields that are kept as they were typed here, whatever iiko says: data, and each with its line in the log."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import delete, event, inspect, select
from sqlalchemy.orm import Session

from portal.audit.models import Action
from portal.audit.recording import loggable_of, record, record_edit
from portal.db.base import TenantEntity, db
from portal.iiko.sync.deciding import decider_id, iiko_writing, is_iiko_writing
from portal.iiko.sync.kinds import KINDS, Compared, Kind, KindField, Part, kind_of, kind_of_part
from portal.iiko.sync.models import IikoLink, IikoPin


def install() -> None:
    """Pin what people change of linked rows, wherever they do; a second app in the same process finds it done."""
    if not event.contains(Session, "before_flush", pin_what_people_change):
        event.listen(Session, "before_flush", pin_what_people_change)


def pin_what_people_change(session: Session, flush_context: Any, instances: Any) -> None:
    """Forms, imports and their undoing alike: a field that iiko fills and a person changes is theirs from then on."""
    if is_iiko_writing():
        return
    for row in list(session.dirty):
        kind = kind_of(row) if isinstance(row, TenantEntity) else None
        if kind is not None and getattr(row, "iiko_id", None) is not None:
            _pin_fields(kind, row, {each.key for each in kind.columns if _is_changed(row, each)})
    _pin_parts([*session.new, *session.dirty, *session.deleted])


def _is_changed(row: TenantEntity, field: KindField) -> bool:
    if field.compared is not Compared.OURS:
        # Ours is another word than iiko's: nothing of it would be lost.
        return False
    history = inspect(row).attrs[field.within or field.key].history
    if field.within is None or not history.has_changes():
        return bool(history.has_changes())
    before, after = ((told[0] or {}) if told else {} for told in (history.deleted, history.added))
    return bool(before.get(field.key) != after.get(field.key))


def _says_otherwise(row: TenantEntity, part: Part) -> bool:
    """Whether a row below ours is added, taken away, or changed in what people say of it."""
    state = inspect(row)
    if not state.persistent or row in db.session.deleted:
        return True
    return any(state.attrs[name].history.has_changes() for name in part.said)


def _pin_fields(kind: Kind, row: Any, fields: set[str]) -> None:
    if fields and link_of(kind, row.id) is not None:
        for field in sorted(fields - pinned_fields(kind, row.id)):
            _pin(kind, row, field)


def _pin_parts(rows: Iterable[object]) -> None:
    """A row below a linked one that a person adds, changes or takes away."""
    wholes = set()
    for row in rows:
        if isinstance(row, TenantEntity) and (found := kind_of_part(row)) is not None:
            kind, part = found
            if _says_otherwise(row, part):
                wholes.add((kind.key, getattr(row, part.column), part.field))
    for key, entity_id, field in sorted(wholes, key=str):
        whole = db.session.get(KINDS[key].entity, entity_id) if entity_id else None
        if whole is not None and getattr(whole, "iiko_id", None) is not None:
            _pin_fields(KINDS[key], whole, {field})


def link_of(kind: Kind, entity_id: UUID) -> IikoLink | None:
    """The link of one of our rows."""
    return db.session.scalar(select(IikoLink).where(IikoLink.kind == kind.key, IikoLink.entity_id == entity_id))


def pinned_fields(kind: Kind, entity_id: UUID) -> frozenset[str]:
    """The fields of one of our rows that are pinned."""
    query = select(IikoPin.field).where(IikoPin.kind == kind.key, IikoPin.entity_id == entity_id)
    return frozenset(db.session.scalars(query))


def pin(entity: TenantEntity, field: str) -> None:
    """Keep a field of a linked row as it is."""
    kind = _kind(entity, field)
    if link_of(kind, entity.id) is not None and field not in pinned_fields(kind, entity.id):
        _pin(kind, entity, field)
        db.session.flush()


def release(entity: TenantEntity, field: str) -> None:
    """Take iiko's value again, now and later."""
    kind = _kind(entity, field)
    if field not in pinned_fields(kind, entity.id):
        return
    remove_pins(kind.key, entity.id, field)
    link = link_of(kind, entity.id)
    with iiko_writing():
        if link is not None and not kind.field(field).is_part and (value := _iikos(kind, field, link)) is not None:
            setattr(entity, field, value)
        record(Action.RELEASED, entity, after=_told(kind, entity, field))
        record_edit(entity)
        db.session.flush()


def remove_pins(kind: str, entity_id: UUID, field: str | None = None) -> None:
    """Forget what was pinned of a row, or one field of it."""
    pins = delete(IikoPin).where(IikoPin.kind == kind, IikoPin.entity_id == entity_id)
    db.session.execute(pins if field is None else pins.where(IikoPin.field == field))


def _kind(entity: TenantEntity, field: str) -> Kind:
    """The kind of a row; ``KeyError`` for a field that iiko does not fill."""
    kind = kind_of(entity)
    if kind is None:
        raise KeyError(field)
    kind.field(field)
    return kind


def _pin(kind: Kind, row: TenantEntity, field: str) -> None:
    pinned = {"account_id": row.account_id, "kind": kind.key, "entity_id": row.id, "field": field}
    db.session.add(IikoPin(**pinned, user_id=decider_id()))
    record(Action.PINNED, row, after=_told(kind, row, field))


def _told(kind: Kind, row: TenantEntity, field: str) -> dict[str, Any]:
    """A pinned field as the log keeps it; of rows below ours that there are such."""
    part = kind.field(field).is_part
    return {field: True if part else loggable_of(row, field, getattr(row, field))}


def _iikos(kind: Kind, field: str, link: IikoLink) -> Any:
    """What iiko said last, as our column holds it; ``None`` where it said nothing, or names a row that is not here."""
    value, target = link.iiko_values.get(field), kind.field(field).refers_to
    if target is None or not isinstance(value, dict):
        return None if value is None else kind.field(field).parse(value)
    if "entity_id" in value:
        return UUID(value["entity_id"])
    query = select(IikoLink.entity_id).where(IikoLink.kind == target, IikoLink.iiko_id == value["id"])
    found = db.session.scalar(query)
    return KINDS[target].stands_for().get(found, found) if found else None
