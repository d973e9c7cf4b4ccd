"""Deliveries, what was in them, and photos of their papers."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.amounts import ExactNumber, Quantity
from portal.db.base import TenantEntity
from portal.db.moments import NOW
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.tables import place_key, table_args
from portal.db.types import EnumText
from portal.db.words import counted
from portal.deliveries.standing import Standing
from portal.deliveries.words import DeliveryStatus, RejectionReason
from portal.documents.models import Document
from portal.suppliers.models import Supplier


class Delivery(
    Standing,
    TenantEntity,
    label=_l("Delivery"),
    plural=_l("Deliveries"),
    add=_l("Receive a delivery"),
    count=counted("%(num)s delivery", "%(num)s deliveries"),
    page="deliveries.show",
    fields={
        "credit_note_id": _l("Credit note"),
        "refused_invoice_id": _l("Not its invoice"),
        "invoice_id": _l("Invoice"),
        "note": _l("Note"),
        "paper_date": _l("Date of the paper"),
        "paper_number": _l("Number of the paper"),
        "paper_total": _l("Total of the paper"),
        "photo": _l("Photo"),
        "reverse_reason": _l("Why it was reversed"),
        "status": _l("Status"),
        "supplier_id": _l("Supplier"),
    },
):
    """What came in at once; with an order or without. ``request_key`` is what the page that sent it calls it.

    ``invoice_id`` is its paper, ``refused_invoice_id`` the one that a person said last is not;
    ``credit_note_id`` the one by which what was sent back is given back.
    """

    __tablename__ = "delivery"
    __most__ = 1_000_000
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
    __table_args__ = (
        *table_args(
            "delivery",
            references={
                "supplier_id": "supplier",
                "restaurant_id": "restaurant",
                "purchase_order_id": "purchase_order",
                "invoice_id": "invoice",
                "refused_invoice_id": "invoice",
                "credit_note_id": "invoice",
                "received_by_id": "user",
                "reversed_by_id": "user",
            },
            listed_by=("received_at",),
            archivable=False,
            on_delete={name: f"SET NULL ({name})" for name in ("invoice_id", "refused_invoice_id", "credit_note_id")},
        ),
        place_key(),
        UniqueConstraint("account_id", "request_key"),
        CheckConstraint(f"status IN {tuple(DeliveryStatus.words())}", name="status"),
        Index("ix_delivery_store_id", "account_id", "restaurant_id", "store_id"),
        Index("ix_delivery_status", "account_id", "status", "received_at", "id"),
    )

    supplier_id: Mapped[UUID]
    restaurant_id: Mapped[UUID]
    store_id: Mapped[UUID]
    purchase_order_id: Mapped[UUID | None]
    invoice_id: Mapped[UUID | None]
    refused_invoice_id: Mapped[UUID | None]
    credit_note_id: Mapped[UUID | None]
    status: Mapped[DeliveryStatus] = mapped_column(
        EnumText(DeliveryStatus), default=DeliveryStatus.RECEIVED, server_default=DeliveryStatus.RECEIVED
    )
    received_at: Mapped[datetime] = mapped_column(server_default=text(NOW))
    received_by_id: Mapped[UUID | None]
    paper_number: Mapped[str | None] = mapped_column(String(64))
    paper_date: Mapped[date | None]
    paper_total: Mapped[Decimal | None] = mapped_column(ExactNumber(14, 2))
    note: Mapped[str | None] = mapped_column(Text)
    request_key: Mapped[UUID]
    reversed_at: Mapped[datetime | None]
    reversed_by_id: Mapped[UUID | None]
    reverse_reason: Mapped[str | None]

    supplier: Mapped[Supplier] = relationship(viewonly=True)

    @property
    def display_name(self) -> str:
        """The number on its paper, where there is one."""
        return self.paper_number or str(self.words.label)


class DeliveryItem(
    TenantEntity,
    label=_l("Line of a delivery"),
    plural=_l("Lines of deliveries"),
    count=counted("%(num)s line", "%(num)s lines"),
):
    """How much of an item came, and how much of that was sent back and why.

    What was accepted is there in the unit of the order's line (``ordered_quantity``) and in the item's base unit,
    ``None`` where no conversion leads there.
    """

    __tablename__ = "delivery_item"
    __restaurant_limit__ = RestaurantLimit("delivery_id", parent=Delivery)
    __table_args__ = (
        *table_args(
            "delivery_item",
            references={
                "delivery_id": "delivery",
                "purchase_order_item_id": "purchase_order_item",
                "inventory_item_id": "inventory_item",
                "unit_id": "unit",
            },
            archivable=False,
            on_delete={"delivery_id": "CASCADE", "purchase_order_item_id": "SET NULL (purchase_order_item_id)"},
        ),
        CheckConstraint("quantity >= 0", name="quantity"),
        CheckConstraint("rejected_quantity >= 0 AND rejected_quantity <= quantity", name="rejected_quantity"),
        CheckConstraint("rejected_quantity = 0 OR rejection_reason IS NOT NULL", name="rejection_reason"),
    )

    delivery_id: Mapped[UUID]
    position: Mapped[int]
    purchase_order_item_id: Mapped[UUID | None]
    inventory_item_id: Mapped[UUID]
    quantity: Mapped[Decimal] = mapped_column(Quantity())
    unit_id: Mapped[UUID]
    rejected_quantity: Mapped[Decimal] = mapped_column(Quantity(), default=Decimal(), server_default=text("0"))
    rejection_reason: Mapped[RejectionReason | None] = mapped_column(EnumText(RejectionReason))
    ordered_quantity: Mapped[Decimal | None] = mapped_column(Quantity(18, 8))
    base_quantity: Mapped[Decimal | None] = mapped_column(Quantity(18, 6))
    lot_number: Mapped[str | None] = mapped_column(String(64))
    expiry_date: Mapped[date | None]


class DeliveryDocument(TenantEntity, label=_l("Photo of a delivery"), plural=_l("Photos of deliveries")):
    """A photo that shows the paper of a delivery."""

    __tablename__ = "delivery_document"
    __restaurant_limit__ = RestaurantLimit("document_id", parent=Document)
    __table_args__ = (
        *table_args(
            "delivery_document",
            references={"delivery_id": "delivery", "document_id": "document"},
            archivable=False,
            on_delete={"delivery_id": "CASCADE", "document_id": "CASCADE"},
        ),
        UniqueConstraint("account_id", "delivery_id", "document_id"),
    )

    delivery_id: Mapped[UUID]
    document_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(SmallInteger)
