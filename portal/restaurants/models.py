"""Restaurants, with the fields that the seed keeps for iiko."""

from datetime import datetime
from typing import TYPE_CHECKING

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.audit.verbs import MasterRecord
from portal.db.base import SCHEMA, search_text
from portal.db.restaurant_limit import RestaurantLimit

if TYPE_CHECKING:
    from portal.users.models import User

SYNC_STATUS_LABELS = {
    "pending": _l("Waiting for iiko"),
    "syncing": _l("Being synchronised"),
    "synced": _l("In step with iiko"),
    "failed": _l("iiko refused"),
}


class Restaurant(MasterRecord):
    """One location of the chain."""

    __tablename__ = "restaurant"
    __restaurant_limit__ = RestaurantLimit("id")
    __table_args__ = (
        UniqueConstraint("account_id", "id"),
        Index("ix_restaurant_iiko_id", "iiko_id"),
        Index("ix_restaurant_account_id_name", "account_id", "name", "id"),
        Index("ix_restaurant_account_id_is_active_name", "account_id", "is_active", "name", "id"),
        Index("ix_restaurant_account_id_is_active_updated_at", "account_id", "is_active", "updated_at", "id"),
        Index("ix_restaurant_account_id_iiko_sync_status", "account_id", "iiko_sync_status", "name", "id"),
    )

    name: Mapped[str]
    address: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None]
    email: Mapped[str | None]
    timezone: Mapped[str | None]
    iiko_id: Mapped[str | None]
    iiko_sync_status: Mapped[str | None]
    iiko_last_synced_at: Mapped[datetime | None]
    iiko_sync_error: Mapped[str | None]
    search_text: Mapped[str | None] = search_text("restaurant", "name, address, phone, email")

    # Those assigned to it, the deactivated included; who is assigned to none works in all.
    people: Mapped[list["User"]] = relationship(
        secondary=f"{SCHEMA}.user_restaurant", order_by="User.email", viewonly=True, lazy="raise"
    )
