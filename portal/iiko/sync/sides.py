"""iiko's side of one of our rows, for its page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
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
    def of(cls, row: Any, entity: type[TenantEntity] | None = None) -> "Side | None":
        """The side of a linked row; ``None`` where it is not linked. Of a row for a page ``entity`` is its class."""
        kind = kind_of(entity or row)
        if kind is None or row.iiko_id is None:
            return None
        query = select(IikoLink, IikoConnection.server_name).join(
            IikoConnection, IikoConnection.id == IikoLink.connection_id
        )
        found = db.session.execute(query.where(IikoLink.kind == kind.key, IikoLink.entity_id == row.id)).first()
        if found is None:
            return None
        link, server_name = found
        return cls(
            link_id=link.id,
            connection_id=link.connection_id,
            iiko_id=link.iiko_id,
            server_name=server_name,
            fields=_fields(kind, row, link.iiko_values),
            missing_since=link.missing_since,
            read_at=row.iiko_last_synced_at,
            error=error_in_words(row.iiko_sync_error),
        )


def pin_note(row: TenantEntity) -> str | None:
    """What the form of a linked row says of the fields that iiko fills in."""
    kind = kind_of(row)
    if kind is None or getattr(row, "iiko_id", None) is None:
        return None
    return _(
        "iiko fills in: %(fields)s. What you change of it here stays as you typed it; iiko's value stands beside it"
        " on the page, and can be taken again there.",
        fields=", ".join(str(each.label) for each in kind.fields),
    )


def _fields(kind: Kind, row: Any, iikos: Mapping[str, Any]) -> tuple[SideField, ...]:
    pins = {pin.field: (pin.created_at, name) for pin, name in _pins(kind, row.id)}
    found = []
    for each in kind.columns:
        theirs = iikos.get(each.key)
        told = theirs["name"] if isinstance(theirs, dict) else each.show(theirs)
        found.append(SideField(each.key, each.label, _ours(each, row), told, *pins.get(each.key, (None, None))))
    return tuple(found)


def _pins(kind: Kind, entity_id: UUID) -> list[tuple[IikoPin, str | None]]:
    whose = User.id == IikoPin.user_id
    query = select(IikoPin, User.full_name).outerjoin(User, whose)
    return list(db.session.execute(query.where(IikoPin.kind == kind.key, IikoPin.entity_id == entity_id)).all())


def _ours(field: KindField, row: Any) -> Any:
    """Our value; of a reference what it is called."""
    value = getattr(row, field.key)
    if field.refers_to is None or value is None:
        return value
    referred = db.session.get(KINDS[field.refers_to].entity, value)
    return referred.display_name if referred else None
