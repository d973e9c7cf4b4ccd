"""Invoices and credit notes, their lines, and what about them waits for a decision."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CHAR, CheckConstraint, Computed, Index, String, UniqueConstraint, select, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.amounts import ExactNumber, Money, Quantity
from portal.db.base import SCHEMA, TenantEntity, db, search_text
from portal.db.lines import Line
from portal.db.records import Record
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.tables import place_key, table_args
from portal.db.types import EnumText, OtherWord
from portal.db.words import counted
from portal.invoices.deciding import Decided
from portal.invoices.standing import Standing
from portal.invoices.words import (
    DuplicateReason,
    ExceptionKind,
    ExceptionState,
    InvoiceKind,
    InvoiceSource,
    InvoiceStatus,
)
from portal.restaurants.models import SYNC_FIELDS, Synced
from portal.suppliers.models import Supplier

NOTHING = text("'{}'")


class Invoice(
    Standing,
    Synced,
    Record,
    label=_l("Invoice"),
    plural=_l("Invoices"),
    add=_l("Add an invoice"),
    count=counted("%(num)s invoice", "%(num)s invoices"),
    page="invoices.show",
    fields={
        **SYNC_FIELDS,
        "cancel_reason": _l("Why it was cancelled"),
        "duplicate_reason": _l("Why it is no duplicate"),
        "status": _l("Status"),
        "total_amount": _l("Total"),
        "vat_total": _l("VAT"),
        "photo": _l("Photo"),
        "delivery": _l("Delivery"),
        "restaurant_id": _l("Restaurant"),
        "source": _l("Source"),
        "document_id": _l("File"),
        "user_id": _l("Entered by"),
        "cancelled_at": _l("Cancelled at"),
        "cancelled_by_id": _l("Cancelled by"),
        "purchase_order_id": _l("Purchase order"),
        "exception": _l("Exception"),
        "decision": _l("Decision"),
        "decision_reason": _l("Reason"),
    },
    values={
        "exception": {kind.value: kind.label for kind in ExceptionKind},
        "decision": {state.value: state.label for state in ExceptionState},
        "duplicate_reason": {reason.value: reason.label for reason in DuplicateReason},
    },
):
    """A supplier's paper. ``total_amount`` is the sum of its lines, VAT in it; ``stated_total`` what the paper says.

    ``number_key`` and ``number_core`` are what of a number tells one paper from another, made by the database.
    ``prices_include_vat`` says of which sort the prices on the paper are; the lines' totals always hold VAT.
    """

    __tablename__ = "invoice"
    __most__ = 1_000_000
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
    __table_args__ = (
        *table_args(
            "invoice",
            references={
                "supplier_id": "supplier",
                "restaurant_id": "restaurant",
                "document_id": "document",
                "user_id": "user",
                "cancelled_by_id": "user",
                "purchase_order_id": "purchase_order",
            },
            listed_by=("invoice_date", "total_amount"),
            archivable=False,
            on_delete={
                "document_id": "SET NULL (document_id)",
                "purchase_order_id": "SET NULL (purchase_order_id)",
            },
        ),
        place_key(),
        UniqueConstraint("account_id", "iiko_id"),
        CheckConstraint(f"kind IN {tuple(InvoiceKind.words())}", name="kind"),
        CheckConstraint(f"status IN {tuple(InvoiceStatus.words())}", name="status"),
        CheckConstraint(f"source IN {tuple(InvoiceSource.words())}", name="source"),
        CheckConstraint("kind <> 'credit_note' OR total_amount <= 0", name="total_amount"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        Index("ix_invoice_store_id", "account_id", "restaurant_id", "store_id", "invoice_date", "id"),
        Index("ix_invoice_number_key", "account_id", "number_key", "invoice_date"),
        Index("ix_invoice_number_core", "account_id", "supplier_id", "number_core"),
        Index("ix_invoice_status", "account_id", "status", "invoice_date", "id"),
        Index(
            "uix_invoice_number",
            "account_id",
            "supplier_id",
            "kind",
            "number_key",
            text("EXTRACT(year FROM invoice_date)"),
            unique=True,
            postgresql_where=text("status <> 'cancelled' AND number_key <> '' AND duplicate_reason IS NULL"),
        ),
    )

    supplier_id: Mapped[UUID]
    restaurant_id: Mapped[UUID]
    store_id: Mapped[UUID]
    kind: Mapped[InvoiceKind] = mapped_column(
        EnumText(InvoiceKind), default=InvoiceKind.INVOICE, server_default=InvoiceKind.INVOICE
    )
    status: Mapped[InvoiceStatus] = mapped_column(
        EnumText(InvoiceStatus), default=InvoiceStatus.DRAFT, server_default=InvoiceStatus.DRAFT
    )
    source: Mapped[InvoiceSource] = mapped_column(
        EnumText(InvoiceSource), default=InvoiceSource.TYPED, server_default=InvoiceSource.TYPED
    )
    invoice_number: Mapped[str] = mapped_column(String(64), default="", server_default="")
    invoice_date: Mapped[date]
    due_date: Mapped[date | None]
    total_amount: Mapped[Decimal] = mapped_column(Money(), default=Decimal(), server_default=text("0"))
    stated_total: Mapped[Decimal | None] = mapped_column(Money())
    vat_total: Mapped[Decimal] = mapped_column(Money(), default=Decimal(), server_default=text("0"))
    currency: Mapped[str] = mapped_column(CHAR(3))
    prices_include_vat: Mapped[bool] = mapped_column(default=True, server_default=true())
    document_id: Mapped[UUID | None]
    purchase_order_id: Mapped[UUID | None]
    number_key: Mapped[str] = mapped_column(Computed(f"{SCHEMA}.invoice_number_key(invoice_number)", persisted=True))
    number_core: Mapped[str] = mapped_column(
        Computed(f"{SCHEMA}.invoice_number_core(invoice_number, invoice_date)", persisted=True)
    )
    duplicate_reason: Mapped[str | None]
    user_id: Mapped[UUID | None]
    cancelled_at: Mapped[datetime | None]
    cancelled_by_id: Mapped[UUID | None]
    cancel_reason: Mapped[str | None]
    search_text: Mapped[str | None] = search_text("invoice", "invoice_number")

    supplier: Mapped[Supplier] = relationship(viewonly=True)
    lines: Mapped[list["InvoiceItem"]] = relationship(
        viewonly=True, order_by="(InvoiceItem.position, InvoiceItem.id)", back_populates="invoice"
    )
    exceptions: Mapped[list["InvoiceException"]] = relationship(
        viewonly=True,
        order_by="(InvoiceException.created_at, InvoiceException.id)",
        back_populates="invoice",
    )

    @property
    def display_name(self) -> str:
        """The number on the paper."""
        return self.invoice_number or str(self.words.label)


class InvoiceItem(
    Line,
    label=_l("Line of an invoice"),
    plural=_l("Lines"),
    count=counted("%(num)s line", "%(num)s lines"),
    fields={
        "description": _l("Name on the paper"),
        "quantity": _l("Quantity"),
        "unit_id": _l("Unit"),
        "unit_price": _l("Price"),
        "discount": _l("Discount"),
        "vat_rate": _l("VAT rate"),
        "vat_amount": _l("VAT"),
        "line_total": _l("Total with VAT"),
        "inventory_item_id": _l("Item"),
    },
):
    """A line of a paper, as it says: ``line_total`` holds VAT, ``vat_rate`` ``None`` is "без НДС", which 0 is not.

    ``base_quantity`` is the quantity in the item's base unit; ``None``: no conversion leads there.
    ``accepted_quantity`` is what was taken in of it, where whoever sends the paper says so.
    """

    __tablename__ = "invoice_item"
    __filled__ = (
        "description", "inventory_item_id", "quantity", "unit_id", "unit_price", "vat_rate", "line_total", "discount",
        "vat_amount",
    )  # fmt: skip
    __restaurant_limit__ = RestaurantLimit("invoice_id", parent=Invoice)
    __table_args__ = (
        *table_args(
            "invoice_item",
            references={
                "invoice_id": "invoice",
                "inventory_item_id": "inventory_item",
                "supplier_item_id": "supplier_item",
                "unit_id": "unit",
                "purchase_order_item_id": "purchase_order_item",
            },
            archivable=False,
            on_delete={
                "invoice_id": "CASCADE",
                "supplier_item_id": "SET NULL (supplier_item_id)",
                "purchase_order_item_id": "SET NULL (purchase_order_item_id)",
            },
        ),
        CheckConstraint("quantity <> 0", name="quantity"),
        CheckConstraint("vat_rate >= 0 AND vat_rate < 100", name="vat_rate"),
        CheckConstraint("vat_rate IS NOT NULL OR vat_amount = 0", name="vat_amount"),
    )

    invoice_id: Mapped[UUID]
    inventory_item_id: Mapped[UUID | None]
    supplier_item_id: Mapped[UUID | None]
    description: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Quantity())
    accepted_quantity: Mapped[Decimal | None] = mapped_column(Quantity())
    unit_id: Mapped[UUID | None]
    unit_price: Mapped[Decimal] = mapped_column(ExactNumber(16, 4))
    discount: Mapped[Decimal] = mapped_column(ExactNumber(14, 2), default=Decimal(), server_default=text("0"))
    line_total: Mapped[Decimal] = mapped_column(ExactNumber(14, 2))
    vat_rate: Mapped[Decimal | None] = mapped_column(ExactNumber(5, 2))
    vat_amount: Mapped[Decimal] = mapped_column(ExactNumber(14, 2), default=Decimal(), server_default=text("0"))
    base_quantity: Mapped[Decimal | None] = mapped_column(Quantity(18, 6))
    purchase_order_item_id: Mapped[UUID | None]

    invoice: Mapped[Invoice] = relationship(viewonly=True, back_populates="lines")

    @property
    def display_name(self) -> str:
        """What the paper calls it."""
        return self.description


class InvoiceException(
    Decided,
    TenantEntity,
    label=_l("Exception"),
    plural=_l("Exceptions"),
    count=counted("%(num)s exception", "%(num)s exceptions"),
    fields={"state": _l("State"), "reason": _l("Reason"), "money_at_stake": _l("Money at stake")},
):
    """Something about an invoice, or a line of it, that a person decides on; ``evidence`` are its numbers."""

    __tablename__ = "invoice_exception"
    __restaurant_limit__ = RestaurantLimit("invoice_id", parent=Invoice)
    __table_args__ = (
        *table_args(
            "invoice_exception",
            references={"invoice_id": "invoice", "invoice_item_id": "invoice_item", "decided_by_id": "user"},
            listed_by=("money_at_stake",),
            archivable=False,
            on_delete={"invoice_id": "CASCADE", "invoice_item_id": "CASCADE"},
        ),
        CheckConstraint(f"kind IN {tuple(ExceptionKind.words())}", name="kind"),
        CheckConstraint(f"state IN {tuple(ExceptionState.words())}", name="state"),
        CheckConstraint("money_at_stake >= 0", name="money_at_stake"),
        Index("ix_invoice_exception_state", "account_id", "state", "money_at_stake", "id"),
        Index(
            "uix_invoice_exception_open",
            "account_id",
            "invoice_id",
            "invoice_item_id",
            "kind",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("state = 'open'"),
        ),
    )

    invoice_id: Mapped[UUID]
    invoice_item_id: Mapped[UUID | None]
    kind: Mapped[ExceptionKind | OtherWord] = mapped_column(EnumText(ExceptionKind))
    evidence: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=NOTHING)
    money_at_stake: Mapped[Decimal] = mapped_column(ExactNumber(14, 2), default=Decimal(), server_default=text("0"))
    state: Mapped[ExceptionState] = mapped_column(
        EnumText(ExceptionState), default=ExceptionState.OPEN, server_default=ExceptionState.OPEN
    )
    decided_by_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None]

    invoice: Mapped[Invoice] = relationship(viewonly=True, back_populates="exceptions")

    @classmethod
    def of(cls, *invoices: Invoice) -> Sequence["InvoiceException"]:
        """Whatever there was to decide about some invoices, in one statement."""
        query = select(cls).where(cls.invoice_id.in_({invoice.id for invoice in invoices}))
        return db.session.scalars(query.order_by(cls.created_at, cls.id)).all()
