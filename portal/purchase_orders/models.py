"""Orders and their lines."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CHAR, CheckConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.amounts import Money, Quantity
from portal.db.base import TenantEntity, search_text
from portal.db.records import Record
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.tables import place_key, table_args
from portal.db.types import EnumText, LabelledEnum
from portal.db.words import counted
from portal.suppliers.models import Supplier


class OrderStatus(LabelledEnum):
    """How far an order has come."""

    DRAFT = "draft", _l("Draft")
    SENT = "sent", _l("Sent")
    PARTIALLY_RECEIVED = "partially_received", _l("Partly received")
    RECEIVED = "received", _l("Received")
    CLOSED = "closed", _l("Closed")
    CANCELLED = "cancelled", _l("Cancelled")


class PurchaseOrder(
    Record,
    label=_l("Order"),
    plural=_l("Orders"),
    add=_l("Add an order"),
    count=counted("%(num)s order", "%(num)s orders"),
    page="purchase_orders.show",
    fields={
        "closed_reason": _l("Why it was closed"),
        "delivery_date": _l("Delivered on"),
        "po_number": _l("Number"),
        "sent_at": _l("Sent"),
        "status": _l("Status"),
    },
):
    """What a store wants of a supplier. ``delivery_date`` is when the last of it came."""

    __tablename__ = "purchase_order"
    __most__ = 500_000
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
    __table_args__ = (
        *table_args(
            "purchase_order",
            references={
                "supplier_id": "supplier",
                "restaurant_id": "restaurant",
                "sent_by_id": "user",
                "user_id": "user",
            },
            listed_by=("expected_delivery_date", "created_at"),
            archivable=False,
        ),
        place_key(),
        UniqueConstraint("account_id", "po_number"),
        CheckConstraint(f"status IN {tuple(OrderStatus.words())}", name="status"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        Index("ix_purchase_order_store_id", "account_id", "restaurant_id", "store_id"),
        Index("ix_purchase_order_status", "account_id", "status", "expected_delivery_date", "id"),
    )

    supplier_id: Mapped[UUID]
    restaurant_id: Mapped[UUID]
    store_id: Mapped[UUID]
    status: Mapped[OrderStatus] = mapped_column(
        EnumText(OrderStatus), default=OrderStatus.DRAFT, server_default=OrderStatus.DRAFT
    )
    po_number: Mapped[str] = mapped_column(String(64))
    expected_delivery_date: Mapped[date | None]
    delivery_date: Mapped[date | None]
    currency: Mapped[str] = mapped_column(CHAR(3))
    notes: Mapped[str | None] = mapped_column(Text)
    sent_at: Mapped[datetime | None]
    sent_by_id: Mapped[UUID | None]
    closed_reason: Mapped[str | None]
    user_id: Mapped[UUID | None]
    search_text: Mapped[str | None] = search_text("purchase_order", "po_number")

    supplier: Mapped[Supplier] = relationship(viewonly=True)

    @property
    def display_name(self) -> str:
        """Its number."""
        return self.po_number


class PurchaseOrderItem(
    TenantEntity,
    label=_l("Line of an order"),
    plural=_l("Lines of orders"),
    count=counted("%(num)s line", "%(num)s lines"),
):
    """How much of an item; ``base_quantity`` is the same in its base unit, ``None`` where no conversion leads there.

    ``received_quantity``, in the unit of this line, is what was accepted of it: a trigger keeps it.
    """

    __tablename__ = "purchase_order_item"
    __restaurant_limit__ = RestaurantLimit("purchase_order_id", parent=PurchaseOrder)
    __table_args__ = (
        *table_args(
            "purchase_order_item",
            references={
                "purchase_order_id": "purchase_order",
                "inventory_item_id": "inventory_item",
                "supplier_item_id": "supplier_item",
                "unit_id": "unit",
            },
            archivable=False,
            on_delete={"purchase_order_id": "CASCADE", "supplier_item_id": "SET NULL (supplier_item_id)"},
        ),
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint("unit_price >= 0", name="unit_price"),
    )

    purchase_order_id: Mapped[UUID]
    position: Mapped[int]
    inventory_item_id: Mapped[UUID]
    supplier_item_id: Mapped[UUID | None]
    quantity: Mapped[Decimal] = mapped_column(Quantity())
    unit_id: Mapped[UUID]
    unit_price: Mapped[Decimal | None] = mapped_column(Money(16, 4))
    base_quantity: Mapped[Decimal | None] = mapped_column(Quantity(18, 6))
    received_quantity: Mapped[Decimal] = mapped_column(Quantity(), default=Decimal(), server_default=text("0"))
