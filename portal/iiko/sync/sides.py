"""iiko's side of one of our rows, for its page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.db.base import TenantEntity, db
from portal.db.words import Label
from portal.iiko.models import IikoConnection
from portal.iiko.sync.kinds import KINDS, Kind, KindField, kind_of
from portal.iiko.sync.models import IikoLink, IikoPin
from portal.iiko.sync.standing import error_in_words
from portal.users.models import User


@dataclass(frozen=True)
class SideField:
    """A field that iiko fills: ours, iiko's beside it, and since when and by whom it is kept as typed here."""

    key: str
    label: Label
    ours: Any
    iikos: Any
    pinned_at: datetime | None = None
    pinned_by: str | None = None

    @property
    def is_pinned(self) -> bool:
        """Whether it is kept as it was typed here."""
        return self.pinned_at is not None


@dataclass(frozen=True)
class Side:
    """What iiko has to do with a row: the link, its server, fields, since when it is missing, when it was read."""

    link_id: UUID
    connection_id: UUID
    iiko_id: str
    server_name: str | None
    fields: tuple[SideField, ...]
    missing_since: datetime | None
    read_at: datetime | None
    error: str | None = None

    @property
    def pinned(self) -> tuple[SideField, ...]:
        """The fields that are kept as they were typed here."""
        return tuple(each for each in self.fields if each.is_pinned)

    @classmethod
    def of(cls, entity: TenantEntity) -> "Side | None":
        """The side of a linked row; ``None`` where it is not linked."""
        kind, row = kind_of(entity), _Seed(entity)
        if kind is None or row.iiko_id is None:
            return None
        query = select(IikoLink, IikoConnection.server_name).join(
            IikoConnection, IikoConnection.id == IikoLink.connection_id
        )
        found = db.session.execute(query.where(IikoLink.kind == kind.key, IikoLink.entity_id == entity.id)).first()
        if found is None:
            return None
        link, server_name = found
        return cls(
            link_id=link.id,
            connection_id=link.connection_id,
            iiko_id=link.iiko_id,
            server_name=server_name,
            fields=_fields(kind, entity, link.iiko_values),
            missing_since=link.missing_since,
            read_at=row.read_at,
            error=error_in_words(row.error),
        )


class _Seed:
    """The seed's columns of a row of whatever class."""

    def __init__(self, entity: Any) -> None:
        self.iiko_id, self.error = entity.iiko_id, entity.iiko_sync_error
        self.read_at = entity.iiko_last_synced_at


def _fields(kind: Kind, entity: TenantEntity, iikos: Mapping[str, Any]) -> tuple[SideField, ...]:
    pins = {pin.field: (pin.created_at, name) for pin, name in _pins(kind, entity)}
    found = []
    for each in kind.fields:
        theirs = iikos.get(each.key)
        told = theirs["name"] if isinstance(theirs, dict) else theirs
        found.append(SideField(each.key, each.label, _ours(each, entity), told, *pins.get(each.key, (None, None))))
    return tuple(found)


def _pins(kind: Kind, entity: TenantEntity) -> list[tuple[IikoPin, str | None]]:
    whose = User.id == IikoPin.user_id
    query = select(IikoPin, User.full_name).outerjoin(User, whose)
    return list(db.session.execute(query.where(IikoPin.kind == kind.key, IikoPin.entity_id == entity.id)).all())


def _ours(field: KindField, entity: TenantEntity) -> Any:
    """Our value; of a reference what it is called."""
    value = getattr(entity, field.key)
    if field.refers_to is None or value is None:
        return value
    referred = db.session.get(KINDS[field.refers_to].entity, value)
    return referred.display_name if referred else None
