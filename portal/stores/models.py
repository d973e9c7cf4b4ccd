"""Stores of a restaurant."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.audit.models import Action
from portal.audit.recording import record, record_creation, record_edit
from portal.db.base import SCHEMA, TenantEntity, search_text
from portal.restaurants.models import Restaurant


class StoreKind(StrEnum):
    """What a store is used for."""

    KITCHEN = "kitchen"
    BAR = "bar"
    WAREHOUSE = "warehouse"
    COLD = "cold"
    HOUSEHOLD = "household"
    OTHER = "other"

    @property
    def label(self) -> LazyString:
        """The kind's name for people."""
        return STORE_KIND_LABELS[self]


STORE_KIND_LABELS = {
    StoreKind.KITCHEN: _l("Kitchen"),
    StoreKind.BAR: _l("Bar"),
    StoreKind.WAREHOUSE: _l("Dry store"),
    StoreKind.COLD: _l("Cold room"),
    StoreKind.HOUSEHOLD: _l("Household goods"),
    StoreKind.OTHER: _l("Other"),
}


class Store(TenantEntity):
    """A place of a restaurant where stock is kept and counted."""

    __tablename__ = "store"
    __restaurant_key__ = "restaurant_id"
    __table_args__ = (
        CheckConstraint("kind IN ('kitchen', 'bar', 'warehouse', 'cold', 'household', 'other')", name="kind"),
        UniqueConstraint("account_id", "id"),
        ForeignKeyConstraint(
            ["account_id", "restaurant_id"],
            [f"{SCHEMA}.restaurant.account_id", f"{SCHEMA}.restaurant.id"],
            ondelete="RESTRICT",
        ),
        Index("ix_store_restaurant_id", "account_id", "restaurant_id", "name", "id"),
        Index("ix_store_account_id_name", "account_id", "name", "id"),
        Index("ix_store_account_id_is_active_name", "account_id", "is_active", "name", "id"),
        Index("ix_store_account_id_is_active_updated_at", "account_id", "is_active", "updated_at", "id"),
        Index("ix_store_iiko_id", "iiko_id"),
    )

    restaurant_id: Mapped[UUID]
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(default=StoreKind.KITCHEN, server_default=StoreKind.KITCHEN)
    address: Mapped[str | None] = mapped_column(Text)
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    iiko_id: Mapped[str | None]
    iiko_sync_status: Mapped[str | None]
    iiko_last_synced_at: Mapped[datetime | None]
    iiko_sync_error: Mapped[str | None]
    search_text: Mapped[str | None] = search_text("store", "name, address")

    restaurant: Mapped[Restaurant] = relationship(viewonly=True, lazy="joined", innerjoin=True)

    def open(self) -> None:
        """Add a new store to its restaurant."""
        record_creation(self)

    def edit(self, **values: Any) -> None:
        """Change what people say of it."""
        for name, value in values.items():
            setattr(self, name, value)
        record_edit(self)

    def archive(self) -> bool:
        """Take it out of the lists; whether that changed anything."""
        if not self.is_active:
            return False
        self.is_active = False
        record(Action.ARCHIVED, self)
        return True

    def restore(self) -> bool:
        """Bring it back into the lists; whether that changed anything."""
        if self.is_active:
            return False
        self.is_active = True
        record(Action.RESTORED, self)
        return True
