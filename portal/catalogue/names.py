"""What suppliers call items."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from portal.accounts.models import Account
from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.amounts import ExactNumber, Money
from portal.db.base import db
from portal.db.records import Archivable
from portal.db.tables import table_args
from portal.db.words import counted


class SupplierItem(
    Archivable,
    label=_l("Name at a supplier"),
    plural=_l("Names at suppliers"),
    count=counted("%(num)s name", "%(num)s names"),
    fields={
        "inventory_item_id": _l("Item"),
        "supplier_id": _l("Supplier"),
        "description_key": _l("Recognised by"),
        "vat_rate": _l("VAT, per cent"),
    },
):
    """What a supplier calls an item, in which unit, and the price that was agreed."""

    __tablename__ = "supplier_item"
    __most__ = 200_000
    __table_args__ = (
        *table_args(
            "supplier_item",
            references={"supplier_id": "supplier", "inventory_item_id": "inventory_item", "unit_id": "unit"},
            on_delete={"supplier_id": "CASCADE", "inventory_item_id": "CASCADE"},
        ),
        Index(
            "uix_supplier_item_key",
            "account_id",
            "supplier_id",
            "description_key",
            "unit_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
        CheckConstraint("agreed_price >= 0", name="agreed_price"),
        CheckConstraint("vat_rate >= 0 AND vat_rate < 100", name="vat_rate"),
    )

    supplier_id: Mapped[UUID]
    inventory_item_id: Mapped[UUID]
    supplier_sku: Mapped[str | None]
    description: Mapped[str]
    description_key: Mapped[str]
    unit_id: Mapped[UUID | None]
    agreed_price: Mapped[Decimal | None] = mapped_column(Money(16, 4))
    agreed_from: Mapped[date | None]
    vat_rate: Mapped[Decimal | None] = mapped_column(ExactNumber(5, 2))

    @property
    def display_name(self) -> str:
        """What the supplier calls it."""
        return self.description

    @property
    def currency(self) -> str:
        """What its agreed price is in: what the chain reckons in."""
        return Account.current().currency

    def remove(self) -> None:
        """Forget it."""
        record(Action.REMOVED, self)
        db.session.delete(self)
