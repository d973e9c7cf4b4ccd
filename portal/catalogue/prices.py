"""What items cost, and when."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CHAR, BigInteger, CheckConstraint, Computed, Identity, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.amounts import ExactNumber, Money, Quantity
from portal.db.base import TenantEntity
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.tables import place_key, table_args
from portal.db.types import EnumText, LabelledEnum
from portal.db.words import counted


class PriceSource(LabelledEnum):
    """Where a price came from."""

    INVOICE = "invoice", _l("An invoice")
    MANUAL = "manual_update", _l("By hand")
    CALCULATED = "system_calculated", _l("Calculated")
    IIKO = "iiko", _l("From iiko")


class ItemPrice(
    TenantEntity,
    label=_l("Price"),
    plural=_l("Prices"),
    count=counted("%(num)s price", "%(num)s prices"),
    fields={"voided_at": _l("Taken back")},
):
    """``amount`` for ``quantity`` of an item on a day: exact, 13.99 for 12 pieces.

    ``base_quantity`` is what that was in the item's base unit then; ``price`` per base unit is there to show and to
    sort by. ``change`` in per cent is from the last price before of the same supplier, 0 where there is none. A price
    that is taken back (``voided_at``) stays as a row. ``entry_no`` tells apart what was entered for one day.
    """

    __tablename__ = "inventory_item_price_history"
    __restaurant_limit__ = RestaurantLimit("restaurant_id", unassigned_visible=True)
    __table_args__ = (
        *table_args(
            "inventory_item_price_history",
            references={
                "inventory_item_id": "inventory_item",
                "restaurant_id": "restaurant",
                "supplier_id": "supplier",
                "invoice_item_id": "invoice_item",
                "unit_id": "unit",
                "user_id": "user",
            },
            listed_by=("price_date", "change"),
            archivable=False,
            on_delete={"inventory_item_id": "CASCADE", "invoice_item_id": "SET NULL (invoice_item_id)"},
        ),
        place_key(),
        UniqueConstraint("account_id", "invoice_item_id"),
        CheckConstraint(f"source IN {tuple(PriceSource.words())}", name="source"),
        CheckConstraint("base_quantity > 0", name="base_quantity"),
        Index("ix_inventory_item_price_history_store_id", "account_id", "restaurant_id", "store_id"),
        Index(
            "ix_inventory_item_price_history_live",
            "account_id",
            "inventory_item_id",
            text("price_date DESC"),
            text("entry_no DESC"),
            postgresql_where=text("voided_at IS NULL"),
        ),
    )

    inventory_item_id: Mapped[UUID]
    restaurant_id: Mapped[UUID | None]
    store_id: Mapped[UUID | None]
    supplier_id: Mapped[UUID | None]
    invoice_item_id: Mapped[UUID | None]
    price_date: Mapped[date]
    source: Mapped[PriceSource] = mapped_column(EnumText(PriceSource))
    quantity: Mapped[Decimal] = mapped_column(Quantity())
    unit_id: Mapped[UUID | None]
    amount: Mapped[Decimal] = mapped_column(Money())
    currency: Mapped[str] = mapped_column(CHAR(3))
    base_quantity: Mapped[Decimal] = mapped_column(Quantity(18, 6))
    price: Mapped[Decimal] = mapped_column(Money(18, 6), Computed("round(amount / base_quantity, 6)", persisted=True))
    change: Mapped[Decimal] = mapped_column(ExactNumber(9, 4), default=Decimal(), server_default=text("0"))
    entry_no: Mapped[int] = mapped_column(BigInteger, Identity())
    voided_at: Mapped[datetime | None]
    user_id: Mapped[UUID | None]
