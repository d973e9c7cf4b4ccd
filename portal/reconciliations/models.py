"""Statements of suppliers (акты сверки), their rows, and which invoices of ours those are."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CHAR, CheckConstraint, Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.amounts import ExactNumber, Money
from portal.db.base import TenantEntity
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.tables import place_key, table_args
from portal.db.types import EnumText, LabelledEnum
from portal.db.words import counted
from portal.documents.models import Document
from portal.suppliers.models import Supplier

NOTHING = text("'{}'")


class ReconciliationStatus(LabelledEnum):
    """How far the comparison of a statement has come."""

    PENDING = "pending", _l("Waits")
    IN_PROGRESS = "in_progress", _l("Being compared")
    COMPARED = "compared", _l("To be looked through")
    COMPLETED = "completed", _l("Completed")
    ERROR = "error", _l("Not readable")


class Reconciliation(
    TenantEntity,
    label=_l("Statement"),
    plural=_l("Statements"),
    add=_l("Upload a statement"),
    count=counted("%(num)s statement", "%(num)s statements"),
    page="reconciliations.show",
    fields={"status": _l("Status"), "supplier_id": _l("Supplier")},
):
    """A supplier's statement of a period beside our invoices; once it is completed its rows never change.

    ``opening`` and ``closing`` are what the statement says we owed; ``progress`` is in per cent, ``tolerance`` money.
    ``grid`` holds the rows of the file as they were read, (number, cells), until all is completed.
    Without a restaurant it is about the whole chain, and for those alone who see all of it.
    """

    __tablename__ = "reconciliation"
    __most__ = 50_000
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
    __table_args__ = (
        *table_args(
            "reconciliation",
            references={
                "supplier_id": "supplier",
                "restaurant_id": "restaurant",
                "document_id": "document",
                "completed_by_id": "user",
                "created_by_id": "user",
            },
            listed_by=("period_to",),
            archivable=False,
            on_delete={"document_id": "SET NULL (document_id)"},
        ),
        place_key(),
        CheckConstraint(f"status IN {tuple(ReconciliationStatus.words())}", name="status"),
        CheckConstraint("progress BETWEEN 0 AND 100", name="progress"),
        CheckConstraint("period_to >= period_from", name="period"),
        Index("ix_reconciliation_store_id", "account_id", "restaurant_id", "store_id"),
    )

    supplier_id: Mapped[UUID]
    restaurant_id: Mapped[UUID | None]
    store_id: Mapped[UUID | None]
    document_id: Mapped[UUID | None]
    status: Mapped[ReconciliationStatus] = mapped_column(
        EnumText(ReconciliationStatus),
        default=ReconciliationStatus.PENDING,
        server_default=ReconciliationStatus.PENDING,
    )
    progress: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    period_from: Mapped[date]
    period_to: Mapped[date]
    currency: Mapped[str] = mapped_column(CHAR(3))
    opening: Mapped[Decimal | None] = mapped_column(Money())
    closing: Mapped[Decimal | None] = mapped_column(Money())
    tolerance: Mapped[Decimal] = mapped_column(Money(), default=Decimal("1.00"), server_default=text("1.00"))
    error: Mapped[str | None]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=NOTHING)
    grid: Mapped[list[Any] | None] = mapped_column(JSONB(none_as_null=True), deferred=True)
    started_at: Mapped[datetime | None]
    completed_at: Mapped[datetime | None]
    completed_by_id: Mapped[UUID | None]
    created_by_id: Mapped[UUID | None]

    supplier: Mapped[Supplier] = relationship(viewonly=True)
    document: Mapped[Document | None] = relationship(viewonly=True)

    @property
    def display_name(self) -> str:
        """Whose it is, and of which time."""
        return f"{self.supplier.name}, {self.period_from:%d.%m.%Y}–{self.period_to:%d.%m.%Y}"

    @property
    def is_completed(self) -> bool:
        """Whether its rows never change again."""
        return self.status == ReconciliationStatus.COMPLETED

    @property
    def is_moving(self) -> bool:
        """Whether it is being compared at the moment."""
        return self.status == ReconciliationStatus.IN_PROGRESS


class RowKind(LabelledEnum):
    """What a row of a statement is about."""

    DELIVERY = "delivery", _l("Goods delivered")
    PAYMENT = "payment", _l("Payment")
    RETURN = "return", _l("Return")


class RowStatus(LabelledEnum):
    """How a row of a statement, or an invoice that it lacks, stands."""

    MATCHED = "matched", _l("Matched")
    SUGGESTED = "suggested", _l("Suggested")
    MISSING_HERE = "missing_in_restaurant", _l("Missing here")
    MISSING_THERE = "missing_in_supplier", _l("Missing in the statement")
    AMOUNT_MISMATCH = "amount_mismatch", _l("Amounts differ")
    NOT_COMPARED = "not_compared", _l("Not compared")


class ReconciliationItem(
    TenantEntity,
    label=_l("Row of a statement"),
    plural=_l("Rows of statements"),
    count=counted("%(num)s row", "%(num)s rows"),
    fields={"status": _l("Status"), "invoice_number": _l("Number")},
):
    """A row of a statement, or an invoice of ours (``invoice_id``) that the statement lacks.

    ``match_confidence`` is from 0 to 1; ``details`` hold the reasons.
    """

    __tablename__ = "reconciliation_item"
    __restaurant_limit__ = RestaurantLimit("reconciliation_id", parent=Reconciliation)
    __table_args__ = (
        *table_args(
            "reconciliation_item",
            references={
                "reconciliation_id": "reconciliation",
                "invoice_id": "invoice",
                "decided_by_id": "user",
                "resolved_in_id": "reconciliation",
            },
            listed_by=("position",),
            archivable=False,
            on_delete={
                "reconciliation_id": "CASCADE",
                "invoice_id": "CASCADE",
                "resolved_in_id": "SET NULL (resolved_in_id)",
            },
        ),
        CheckConstraint(f"kind IN {tuple(RowKind.words())}", name="kind"),
        CheckConstraint(f"status IN {tuple(RowStatus.words())}", name="status"),
        CheckConstraint("match_confidence BETWEEN 0 AND 1", name="match_confidence"),
        Index("ix_reconciliation_item_status", "account_id", "reconciliation_id", "status", "position", "id"),
    )

    reconciliation_id: Mapped[UUID]
    position: Mapped[int]
    kind: Mapped[RowKind] = mapped_column(EnumText(RowKind), default=RowKind.DELIVERY, server_default=RowKind.DELIVERY)
    invoice_number: Mapped[str] = mapped_column(default="", server_default="")
    invoice_date: Mapped[date | None]
    amount: Mapped[Decimal] = mapped_column(Money())
    currency: Mapped[str] = mapped_column(CHAR(3))
    number_key: Mapped[str] = mapped_column(default="", server_default="")
    status: Mapped[RowStatus] = mapped_column(EnumText(RowStatus))
    match_confidence: Mapped[Decimal | None] = mapped_column(ExactNumber(3, 2))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=NOTHING)
    invoice_id: Mapped[UUID | None]
    decided_by_id: Mapped[UUID | None]
    resolved_in_id: Mapped[UUID | None]

    @property
    def display_name(self) -> str:
        """The number that it names, else its place."""
        return self.invoice_number or str(self.position)

    @property
    def is_compared(self) -> bool:
        """Whether it may be invoices of ours: money is in none, and what the statement lacks is one already."""
        return self.invoice_id is None and self.kind != RowKind.PAYMENT


class ReconciliationMatch(
    TenantEntity, label=_l("Match with an invoice"), plural=_l("Matches with invoices"), fields={"amount": _l("Amount")}
):
    """How much of an invoice a row of a statement is; ``undone_at``: not any more."""

    __tablename__ = "reconciliation_match"
    __restaurant_limit__ = RestaurantLimit("reconciliation_item_id", parent=ReconciliationItem)
    __table_args__ = (
        *table_args(
            "reconciliation_match",
            references={
                "reconciliation_item_id": "reconciliation_item",
                "invoice_id": "invoice",
                "user_id": "user",
            },
            archivable=False,
            on_delete={"reconciliation_item_id": "CASCADE", "invoice_id": "CASCADE"},
        ),
        Index(
            "uix_reconciliation_match_live",
            "account_id",
            "reconciliation_item_id",
            "invoice_id",
            unique=True,
            postgresql_where=text("undone_at IS NULL"),
        ),
    )

    reconciliation_item_id: Mapped[UUID]
    invoice_id: Mapped[UUID]
    amount: Mapped[Decimal] = mapped_column(ExactNumber(14, 2))
    user_id: Mapped[UUID | None]
    undone_at: Mapped[datetime | None]
