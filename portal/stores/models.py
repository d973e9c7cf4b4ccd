"""Stores of a restaurant."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.audit.verbs import MasterRecord
from portal.db.base import SCHEMA, search_text
from portal.db.restaurant_limit import RestaurantLimit
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


class Store(MasterRecord):
    """A place of a restaurant where stock is kept and counted."""

    __tablename__ = "store"
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
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
    iiko_id: Mapped[str | None]
    iiko_sync_status: Mapped[str | None]
    iiko_last_synced_at: Mapped[datetime | None]
    iiko_sync_error: Mapped[str | None]
    search_text: Mapped[str | None] = search_text("store", "name, address")

    restaurant: Mapped[Restaurant] = relationship(viewonly=True, lazy="joined", innerjoin=True)
