"""Restaurants, with the fields that the seed keeps for iiko."""

from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, Text, UniqueConstraint, column
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import filled_search_text
from portal.db.records import Archivable
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.tables import tenant_key
from portal.db.types import EnumText, LabelledEnum, OtherWord
from portal.db.words import counted


class SyncStatus(LabelledEnum):
    """How a place stands with iiko; the seed leaves the column free, so other words occur."""

    PENDING = "pending", _l("Waiting for iiko")
    SYNCING = "syncing", _l("Being synchronised")
    SYNCED = "synced", _l("In step with iiko")
    FAILED = "failed", _l("iiko refused")


# Words that the portal does not know, as the indexes of such rows are told.
UNKNOWN_STATUS = column("iiko_sync_status", Text).not_in(SyncStatus.words())
SYNC_FIELDS = {
    "code": _l("Code"),
    "iiko_id": _l("iiko id"),
    "iiko_sync_status": _l("Synchronisation with iiko"),
    "iiko_sync_error": _l("Error of the synchronisation"),
    "iiko_last_synced_at": _l("Last synchronised"),
}


class Synced:
    """The seed's four columns of a row that may come from iiko."""

    iiko_id: Mapped[str | None]
    iiko_sync_status: Mapped[SyncStatus | OtherWord | None] = mapped_column(EnumText(SyncStatus))
    iiko_last_synced_at: Mapped[datetime | None]
    iiko_sync_error: Mapped[str | None]


class Restaurant(
    Archivable,
    label=_l("Restaurant"),
    plural=_l("Restaurants"),
    add=_l("Add a restaurant"),
    count=counted("%(num)s restaurant", "%(num)s restaurants"),
    page="restaurants.show",
    fields={**SYNC_FIELDS, "legal_entity_id": _l("Legal entity")},
):
    """One location of the chain."""

    __tablename__ = "restaurant"
    __restaurant_limit__ = RestaurantLimit("id")
    __table_args__ = (
        UniqueConstraint("account_id", "id"),
        tenant_key("legal_entity", "legal_entity_id"),
        Index("ix_restaurant_iiko_id", "iiko_id"),
        Index("ix_restaurant_legal_entity_id", "account_id", "legal_entity_id", "name", "id"),
        Index("ix_restaurant_account_id_name", "account_id", "name", "id"),
        Index("ix_restaurant_account_id_is_active_name", "account_id", "is_active", "name", "id"),
        Index("ix_restaurant_account_id_is_active_updated_at", "account_id", "is_active", "updated_at", "id"),
        Index("ix_restaurant_account_id_iiko_sync_status", "account_id", "iiko_sync_status", "name", "id"),
        Index("ix_restaurant_iiko_sync_status", "account_id", "iiko_sync_status", "updated_at", "id"),
        # In both orders of the list: hardly ever there is a row in them, and without them all are read to find none.
        Index("ix_restaurant_unknown_status_name", "account_id", "name", "id", postgresql_where=UNKNOWN_STATUS),
        Index(
            "ix_restaurant_unknown_status_updated_at", "account_id", "updated_at", "id", postgresql_where=UNKNOWN_STATUS
        ),
    )

    name: Mapped[str]
    address: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None]
    email: Mapped[str | None]
    timezone: Mapped[str | None]
    code: Mapped[str | None]
    legal_entity_id: Mapped[UUID | None]
    iiko_id: Mapped[str | None]
    iiko_sync_status: Mapped[SyncStatus | OtherWord | None] = mapped_column(EnumText(SyncStatus))
    iiko_last_synced_at: Mapped[datetime | None]
    iiko_sync_error: Mapped[str | None]
    search_text: Mapped[str | None] = filled_search_text()
