"""By what a chain judges prices, deliveries and statements."""

from decimal import Decimal

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.amounts import ExactNumber
from portal.db.records import Record
from portal.db.tables import table_args

PERCENTAGES = {
    "price_alert": Decimal(10),
    "counted_tolerance": Decimal(0),
    "weighed_tolerance": Decimal(2),
    "price_tolerance": Decimal("0.5"),
}


class SupplySettings(Record, label=_l("Settings of supply"), plural=_l("Settings of supply")):
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
