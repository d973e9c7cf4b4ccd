"""Suppliers, which of them were merged, and how their files are laid out."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import TenantEntity, search_text
from portal.db.records import Archivable
from portal.db.tables import table_args
from portal.db.types import EnumText, LabelledEnum
from portal.db.words import counted
from portal.restaurants.models import SYNC_FIELDS, Synced

NOTHING = text("'{}'")


class Supplier(
    Synced,
    Archivable,
    label=_l("Supplier"),
    plural=_l("Suppliers"),
    add=_l("Add a supplier"),
    count=counted("%(num)s supplier", "%(num)s suppliers"),
    page="suppliers.show",
    fields={**SYNC_FIELDS, "contact_info": _l("Contacts"), "merged_into_id": _l("Merged into")},
):
    """Whoever we buy from. ``tax_id`` is the ИНН, ``kpp`` the КПП: text, for leading zeros count.

    Branches share an ИНН, and iiko holds doubles, so two cards may have the same.
    """

    __tablename__ = "supplier"
    __most__ = 20_000
    __table_args__ = (
        *table_args("supplier", references={"merged_into_id": "supplier"}, listed_by=("name",)),
        UniqueConstraint("account_id", "iiko_id"),
        Index("ix_supplier_tax_id", "account_id", "tax_id"),
    )

    name: Mapped[str]
    contact_info: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=NOTHING)
    tax_id: Mapped[str | None]
    kpp: Mapped[str | None]
    merged_into_id: Mapped[UUID | None]
    search_text: Mapped[str | None] = search_text("supplier", "name, tax_id")


class SupplierMerge(TenantEntity, label=_l("Merging of suppliers"), fields={"moved": _l("Moved")}):
    """One supplier's card made part of another; ``moved`` are the ids of what went along, by table."""

    __tablename__ = "supplier_merge"
    __table_args__ = table_args(
        "supplier_merge",
        references={"supplier_id": "supplier", "into_id": "supplier", "user_id": "user"},
        archivable=False,
        on_delete={"supplier_id": "CASCADE", "into_id": "CASCADE"},
    )

    supplier_id: Mapped[UUID]
    into_id: Mapped[UUID]
    moved: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=NOTHING)
    user_id: Mapped[UUID | None]
    undone_at: Mapped[datetime | None]


class LayoutPurpose(LabelledEnum):
    """What a supplier's file holds."""

    INVOICE = "invoice", _l("Invoices")
    STATEMENT = "statement", _l("A statement")


class SupplierLayout(TenantEntity, label=_l("Layout of a supplier's files")):
    """Which column of a supplier's file holds what; ``headings_key`` tells one layout from another."""

    __tablename__ = "supplier_layout"
    __most__ = 20_000
    __table_args__ = (
        *table_args(
            "supplier_layout",
            references={"supplier_id": "supplier"},
            archivable=False,
            on_delete={"supplier_id": "CASCADE"},
        ),
        UniqueConstraint("account_id", "supplier_id", "purpose", "headings_key"),
        CheckConstraint(f"purpose IN {tuple(LayoutPurpose.words())}", name="purpose"),
    )

    supplier_id: Mapped[UUID]
    purpose: Mapped[LayoutPurpose] = mapped_column(EnumText(LayoutPurpose))
    headings_key: Mapped[str]
    mapping: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=NOTHING)
