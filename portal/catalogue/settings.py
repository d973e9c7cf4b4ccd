"""By what a chain judges prices, deliveries and statements."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, UniqueConstraint, false, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.amounts import ExactNumber
from portal.db.base import db
from portal.db.records import Record
from portal.db.tables import table_args
from portal.db.words import counted
from portal.tenancy.scope import require_scope

STATEMENT_TOLERANCE = Decimal("1.00")
PERCENTAGES = {
    "price_alert": Decimal(10),
    "counted_tolerance": Decimal(0),
    "weighed_tolerance": Decimal(2),
    "price_tolerance": Decimal("0.5"),
}


class SupplySettings(
    Record,
    label=_l("Settings of supply"),
    plural=_l("Settings of supply"),
    count=counted("%(num)s set of settings", "%(num)s sets of settings"),
    fields={
        "last_order_number": _l("Last number of an order"),
        "counted_tolerance": _l("More of counted goods than ordered, per cent that are let pass"),
        "weighed_tolerance": _l("More of weighed goods than ordered, per cent that are let pass"),
    },
):
    """One row of a chain; without one what stands here counts. Tolerances are per cent, the statement's is money.

    ``vat_recoverable``: VAT that was paid is deducted, so it is no part of the cost.
    """

    __tablename__ = "supply_settings"
    __table_args__ = (
        *table_args("supply_settings", references={}, archivable=False),
        UniqueConstraint("account_id"),
        *(CheckConstraint(f"{name} BETWEEN 0 AND 100", name=name) for name in PERCENTAGES),
        CheckConstraint("statement_tolerance >= 0", name="statement_tolerance"),
    )

    vat_recoverable: Mapped[bool] = mapped_column(default=False, server_default=false())
    price_alert: Mapped[Decimal] = mapped_column(ExactNumber(5, 2), default=Decimal(10), server_default=text("10"))
    counted_tolerance: Mapped[Decimal] = mapped_column(ExactNumber(5, 2), default=Decimal(0), server_default=text("0"))
    weighed_tolerance: Mapped[Decimal] = mapped_column(ExactNumber(5, 2), default=Decimal(2), server_default=text("2"))
    price_tolerance: Mapped[Decimal] = mapped_column(
        ExactNumber(5, 2), default=Decimal("0.5"), server_default=text("0.5")
    )
    statement_tolerance: Mapped[Decimal] = mapped_column(
        ExactNumber(14, 2), default=Decimal("1.00"), server_default=text("1.00")
    )
    last_order_number: Mapped[int] = mapped_column(default=0, server_default=text("0"))

    @classmethod
    def next_order_number(cls) -> int:
        """The next number of an order of the account in scope; others who order wait until the commit."""
        key = {"id": uuid4(), "account_id": require_scope().account_id, "last_order_number": 1}
        following = {"last_order_number": cls.last_order_number + 1}
        made = insert(cls).values(key).on_conflict_do_update(index_elements=["account_id"], set_=following)
        return db.session.execute(made.returning(cls.last_order_number)).scalar_one()

    @classmethod
    def current(cls) -> "SupplySettings":
        """Those of the account in scope; where none were ever saved, a row of defaults that is not stored."""
        found = db.session.scalars(select(cls)).one_or_none()
        return found or cls(vat_recoverable=False, statement_tolerance=STATEMENT_TOLERANCE, **PERCENTAGES)

    def tolerance(self, *, is_weighed: bool) -> Decimal:
        """How many per cent of what was ordered a delivery may be off by."""
        return self.weighed_tolerance if is_weighed else self.counted_tolerance

    @property
    def display_name(self) -> str:
        """A chain has one."""
        return str(self.words.label)

    def save(self, **values: Any) -> None:
        """Change what people say of it; the first time it becomes a row, and two who are first make one."""
        row = self
        if self not in db.session:
            made = insert(SupplySettings).values(id=uuid4(), account_id=require_scope().account_id)
            db.session.execute(made.on_conflict_do_nothing(index_elements=["account_id"]))
            row = db.session.scalars(select(SupplySettings)).one()
        row.edit(**values)
