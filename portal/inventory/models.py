"""Movements of stock, the balances that follow from them, and counts."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.amounts import Quantity
from portal.db.base import TenantEntity
from portal.db.moments import NOW
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.tables import place_key, table_args
from portal.db.types import EnumText, OtherWord
from portal.db.words import counted
from portal.inventory.words import MovementKind, StocktakeStatus, WriteOffReason


class StockMovement(
    TenantEntity,
    label=_l("Movement"),
    plural=_l("Movements"),
    count=counted("%(num)s movement", "%(num)s movements"),
    page="movements.show",
    fields={
        "happened_at": _l("When"),
        "kind": _l("Kind"),
        "note": _l("Note"),
        "quantity": _l("Quantity"),
        "reason": _l("Reason"),
    },
):
    """So much of an item more or less, in its base unit, at a moment. Only added: the database refuses any change.

    What was entered together shares ``group_id`` and is undone together, by opposite movements that name it in
    ``undoes_id``.
    """

    __tablename__ = "stock_movement"
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
    __table_args__ = (
        *table_args(
            "stock_movement",
            references={
                "restaurant_id": "restaurant",
                "inventory_item_id": "inventory_item",
                "entered_by_id": "user",
                "undoes_id": "stock_movement",
                "delivery_item_id": "delivery_item",
                "stocktake_item_id": "stocktake_item",
            },
            listed_by=("happened_at",),
            archivable=False,
        ),
        place_key(),
        UniqueConstraint("account_id", "undoes_id"),
        CheckConstraint("quantity <> 0", name="quantity"),
        CheckConstraint(f"kind IN {tuple(MovementKind.words())}", name="kind"),
        CheckConstraint("(kind = 'undo') = (undoes_id IS NOT NULL)", name="undoes_id"),
        Index("ix_stock_movement_store_id", "account_id", "restaurant_id", "store_id", "happened_at", "id"),
        Index("ix_stock_movement_balance", "account_id", "store_id", "inventory_item_id", "happened_at"),
        Index("ix_stock_movement_group_id", "account_id", "group_id"),
    )

    restaurant_id: Mapped[UUID]
    store_id: Mapped[UUID]
    inventory_item_id: Mapped[UUID]
    lot_number: Mapped[str | None] = mapped_column(String(64))
    expiry_date: Mapped[date | None]
    quantity: Mapped[Decimal] = mapped_column(Quantity(18, 6))
    kind: Mapped[MovementKind] = mapped_column(EnumText(MovementKind))
    happened_at: Mapped[datetime]
    entered_by_id: Mapped[UUID | None]
    group_id: Mapped[UUID]
    undoes_id: Mapped[UUID | None]
    delivery_item_id: Mapped[UUID | None]
    stocktake_item_id: Mapped[UUID | None]
    reason: Mapped[WriteOffReason | OtherWord | None] = mapped_column(EnumText(WriteOffReason))
    note: Mapped[str | None] = mapped_column(Text)


class StockBalance(
    TenantEntity,
    label=_l("Balance"),
    plural=_l("Stock"),
    count=counted("%(num)s balance", "%(num)s balances"),
    page="stock.show",
    fields={"quantity": _l("Quantity")},
):
    """How much of an item, or of a lot of it, a store holds: the sum of its movements, kept by a trigger.

    It may be below zero; ``crossed_by_id`` then is the movement that took it there, by when each happened.
    """

    __tablename__ = "inventory_stock"
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
    __table_args__ = (
        *table_args(
            "inventory_stock",
            references={
                "restaurant_id": "restaurant",
                "inventory_item_id": "inventory_item",
                "unit_id": "unit",
                "crossed_by_id": "stock_movement",
            },
            archivable=False,
        ),
        place_key(),
        Index("ix_inventory_stock_store_id", "account_id", "restaurant_id", "store_id"),
        Index(
            "uix_inventory_stock_place",
            "account_id",
            "store_id",
            "inventory_item_id",
            "lot_number",
            "expiry_date",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        Index(
            "ix_inventory_stock_expiry_date",
            "account_id",
            "expiry_date",
            "id",
            postgresql_where=text("expiry_date IS NOT NULL"),
        ),
    )

    restaurant_id: Mapped[UUID]
    store_id: Mapped[UUID]
    inventory_item_id: Mapped[UUID]
    lot_number: Mapped[str | None] = mapped_column(String(64))
    expiry_date: Mapped[date | None]
    quantity: Mapped[Decimal] = mapped_column(Quantity(24, 6), default=Decimal(), server_default=text("0"))
    unit_id: Mapped[UUID]
    last_updated: Mapped[datetime] = mapped_column(server_default=text(NOW))
    crossed_by_id: Mapped[UUID | None]


class Stocktake(
    TenantEntity,
    label=_l("Stock count"),
    plural=_l("Counts"),
    add=_l("Start a count"),
    count=counted("%(num)s count", "%(num)s counts"),
    page="stocktakes.show",
    fields={"note": _l("Note"), "status": _l("Status")},
):
    """A count of a store, by several people at once; a store has one that is being counted."""

    __tablename__ = "stocktake"
    __most__ = 100_000
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
    __table_args__ = (
        *table_args(
            "stocktake",
            references={"restaurant_id": "restaurant", "started_by_id": "user", "posted_by_id": "user"},
            listed_by=("created_at",),
            archivable=False,
        ),
        place_key(),
        CheckConstraint(f"status IN {tuple(StocktakeStatus.words())}", name="status"),
        Index("ix_stocktake_store_id", "account_id", "restaurant_id", "store_id"),
        Index(
            "uix_stocktake_counting",
            "account_id",
            "store_id",
            unique=True,
            postgresql_where=text("status = 'counting'"),
        ),
    )

    restaurant_id: Mapped[UUID]
    store_id: Mapped[UUID]
    status: Mapped[StocktakeStatus] = mapped_column(
        EnumText(StocktakeStatus), default=StocktakeStatus.COUNTING, server_default=StocktakeStatus.COUNTING
    )
    note: Mapped[str | None] = mapped_column(Text)
    started_by_id: Mapped[UUID | None]
    posted_at: Mapped[datetime | None]
    posted_by_id: Mapped[UUID | None]


class StocktakeItem(
    TenantEntity,
    label=_l("Line of a count"),
    plural=_l("Lines of counts"),
    count=counted("%(num)s line", "%(num)s lines"),
    fields={"counted_quantity": _l("Counted"), "difference": _l("Difference")},
):
    """What was counted of an item, in its base unit; ``None`` is "not counted", which 0 is not.

    ``expected_quantity`` and ``difference`` are as of the moment of counting, and known once the count is posted.
    """

    __tablename__ = "stocktake_item"
    __restaurant_limit__ = RestaurantLimit("stocktake_id", parent=Stocktake)
    __table_args__ = (
        *table_args(
            "stocktake_item",
            references={
                "stocktake_id": "stocktake",
                "inventory_item_id": "inventory_item",
                "counted_by_id": "user",
            },
            archivable=False,
            on_delete={"stocktake_id": "CASCADE"},
        ),
        UniqueConstraint("account_id", "stocktake_id", "inventory_item_id"),
        CheckConstraint("counted_quantity >= 0", name="counted_quantity"),
        CheckConstraint("(counted_quantity IS NULL) = (counted_at IS NULL)", name="counted_at"),
    )

    stocktake_id: Mapped[UUID]
    inventory_item_id: Mapped[UUID]
    counted_quantity: Mapped[Decimal | None] = mapped_column(Quantity(18, 6))
    counted_at: Mapped[datetime | None]
    counted_by_id: Mapped[UUID | None]
    expected_quantity: Mapped[Decimal | None] = mapped_column(Quantity(24, 6))
    difference: Mapped[Decimal | None] = mapped_column(Quantity(24, 6))
