"""Stores of a restaurant."""

from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import SCHEMA, filled_search_text
from portal.db.records import Archivable
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.types import EnumText, LabelledEnum, OtherWord
from portal.db.words import counted
from portal.restaurants.models import SYNC_FIELDS, Restaurant, SyncStatus


class StoreKind(LabelledEnum):
    """What a store is used for."""

    KITCHEN = "kitchen", _l("Kitchen")
    BAR = "bar", _l("Bar")
    WAREHOUSE = "warehouse", _l("Dry store")
    COLD = "cold", _l("Cold room")
    HOUSEHOLD = "household", _l("Household goods")
    OTHER = "other", _l("Other")


class Store(
    Archivable,
    label=_l("Store"),
    plural=_l("Stores"),
    add=_l("Add a store"),
    count=counted("%(num)s store", "%(num)s stores"),
    page="stores.show",
    fields=SYNC_FIELDS,
):
    """A place of a restaurant where stock is kept and counted."""

    __tablename__ = "store"
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
    __table_args__ = (
        CheckConstraint(f"kind IN {tuple(StoreKind.words())}", name="kind"),
        UniqueConstraint("account_id", "id"),
        # What belongs to a store names its restaurant beside it (``db/tables.place_key``).
        UniqueConstraint("account_id", "restaurant_id", "id"),
        ForeignKeyConstraint(
            ["account_id", "restaurant_id"],
            [f"{SCHEMA}.restaurant.account_id", f"{SCHEMA}.restaurant.id"],
            ondelete="RESTRICT",
        ),
        Index("ix_store_restaurant_id", "account_id", "restaurant_id", "name", "id"),
        Index("ix_store_account_id_name", "account_id", "name", "id"),
        Index("ix_store_account_id_is_active_name", "account_id", "is_active", "name", "id"),
        Index("ix_store_account_id_is_active_updated_at", "account_id", "is_active", "updated_at", "id"),
        Index("ix_store_kind", "account_id", "kind", "name", "id"),
        Index("ix_store_iiko_id", "iiko_id"),
        Index("ix_store_iiko_sync_status", "account_id", "iiko_sync_status", "name", "id"),
    )

    restaurant_id: Mapped[UUID]
    name: Mapped[str]
    kind: Mapped[StoreKind] = mapped_column(
        EnumText(StoreKind), default=StoreKind.KITCHEN, server_default=StoreKind.KITCHEN
    )
    address: Mapped[str | None] = mapped_column(Text)
    code: Mapped[str | None]
    iiko_id: Mapped[str | None]
    iiko_sync_status: Mapped[SyncStatus | OtherWord | None] = mapped_column(EnumText(SyncStatus))
    iiko_last_synced_at: Mapped[datetime | None]
    iiko_sync_error: Mapped[str | None]
    search_text: Mapped[str | None] = filled_search_text()

    restaurant: Mapped[Restaurant] = relationship(viewonly=True, lazy="joined", innerjoin=True)
