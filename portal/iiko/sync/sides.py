"""iiko's side of one of our rows, for its page."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from portal.db.base import TenantEntity
from portal.db.words import Label


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

    @classmethod
    def of(cls, entity: TenantEntity) -> "Side | None":
        """The side of a linked row; ``None`` where it is not linked."""
        raise NotImplementedError
