"""Suppliers, which of them were merged, and how their files are laid out."""

from datetime import datetime
from typing import Any, overload
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ColumnElement, Index, UniqueConstraint, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.audit.models import Action
from portal.audit.recording import changes, record
from portal.db.base import TenantEntity, db, search_text
from portal.db.records import Archivable, Archival
from portal.db.states import MoveRefused
from portal.db.tables import table_args
from portal.db.types import EnumText, LabelledEnum
from portal.db.words import counted
from portal.restaurants.models import SYNC_FIELDS, Synced

NOTHING = text("'{}'")
# A choice longer than this is no help to anybody.
MAX_OFFERED = 2_000


class Contact:
    """A way to reach a supplier: one entry of ``contact_info``, as an attribute of its own."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self, row: None, owner: type["Supplier"]) -> ColumnElement[str | None]: ...
    @overload
    def __get__(self, row: "Supplier", owner: type["Supplier"]) -> str | None: ...
    def __get__(self, row: "Supplier | None", owner: type["Supplier"]) -> ColumnElement[str | None] | str | None:
        if row is None:
            return owner.contact_info[self.name].astext.label(self.name)
        return (row.contact_info or {}).get(self.name)

    def __set__(self, row: "Supplier", value: str | None) -> None:
        others = {name: each for name, each in (row.contact_info or {}).items() if name != self.name}
        told = others | ({self.name: value} if value else {})
        if told != (row.contact_info or {}):
            row.contact_info = told


class Supplier(
    Synced,
    Archivable,
    label=_l("Supplier"),
    plural=_l("Suppliers"),
    add=_l("Add a supplier"),
    count=counted("%(num)s supplier", "%(num)s suppliers"),
    page="suppliers.show",
    fields={
        **SYNC_FIELDS,
        "contact_info": _l("Contacts"),
        "merged_into_id": _l("Merged into"),
        "merged_from": _l("Merged with it"),
        "moved_invoices": _l("Invoices that went along"),
        "twice": _l("Numbers that were there already"),
    },
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

    contact_name, phone, email, address, terms = Contact(), Contact(), Contact(), Contact(), Contact()

    @classmethod
    def offered(cls, also: UUID | None = None) -> list[tuple[UUID, str]]:
        """Id and name of the suppliers in use, by name; and ``also`` one more wherever it stands."""
        wanted = cls.is_active if also is None else or_(cls.is_active, cls.id == also)
        first = (cls.id == also).desc() if also else cls.name
        query = select(cls.id, cls.name).where(wanted).order_by(first, cls.name, cls.id).limit(MAX_OFFERED)
        return [(row.id, row.name) for row in db.session.execute(query)]

    @property
    def is_merged(self) -> bool:
        """Whether it is part of another one."""
        return self.merged_into_id is not None

    def edit(self, **values: Any) -> None:
        """Change what people say of it; the log tells each contact by its own name."""
        for name, value in values.items():
            setattr(self, name, value)
        before, after = map(_told, changes(self))
        same = {name for name in {*before, *after} if before.get(name) == after.get(name)}
        if any(name not in same for name in after):
            before, after = (_without(told, same) for told in (before, after))
            record(Action.EDITED, self, before=before, after=after)

    def guard_move(self, to: LabelledEnum) -> None:
        """One that is part of another comes back by undoing that."""
        if to == Archival.ACTIVE and self.is_merged:
            raise MoveRefused(
                _("%(name)s is part of another supplier. Undo the merging on its page instead.", name=self.name)
            )


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """What changed, each contact apart."""
    if "contact_info" not in values:
        return values
    contacts = dict.fromkeys(("contact_name", "phone", "email", "address", "terms"))
    return _without(values, {"contact_info"}) | contacts | (values["contact_info"] or {})


def _without(values: dict[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


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

    supplier: Mapped[Supplier] = relationship(
        viewonly=True, foreign_keys="SupplierMerge.supplier_id", primaryjoin="Supplier.id == SupplierMerge.supplier_id"
    )
    into: Mapped[Supplier] = relationship(
        viewonly=True, foreign_keys="SupplierMerge.into_id", primaryjoin="Supplier.id == SupplierMerge.into_id"
    )


class LayoutPurpose(LabelledEnum):
    """What a supplier's file holds."""

    INVOICE = "invoice", _l("Invoices")
    STATEMENT = "statement", _l("A statement")


class SupplierLayout(
    TenantEntity,
    label=_l("Layout of a supplier's files"),
    count=counted("%(num)s layout of files", "%(num)s layouts of files"),
):
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
