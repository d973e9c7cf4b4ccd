"""What stands in a store, one line a thing."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CHAR, CheckConstraint, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from portal.audit.lines import change_lines
from portal.db.amounts import Money, Quantity, currency_decimals, rounded
from portal.db.base import db
from portal.db.lines import Filled, Line
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.tables import table_args
from portal.db.types import EnumText
from portal.db.units import Unit
from portal.db.words import counted
from portal.stores.models import Store


class StoreEquipment(
    Line, label=_l("Equipment"), plural=_l("Equipment"), count=counted("%(num)s line", "%(num)s lines")
):
    """A kind of thing in a store: how many, and what one of them cost, where that is known.

    A line keeps the currency that it was written down in, whatever the chain reckons in later.
    """

    __tablename__ = "store_equipment"
    __restaurant_limit__ = RestaurantLimit("store_id", parent=Store)
    __filled__ = ("name", "quantity", "unit", "price", "comment")
    __table_args__ = table_args(
        "store_equipment",
        CheckConstraint("quantity > 0", name="quantity"),
        CheckConstraint(f"unit IN {tuple(Unit.words())}", name="unit"),
        CheckConstraint("price >= 0", name="price"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        references={"store_id": "store"},
        archivable=False,
        on_delete={"store_id": "CASCADE"},
    )

    store_id: Mapped[UUID]
    name: Mapped[str]
    quantity: Mapped[Decimal] = mapped_column(Quantity())
    unit: Mapped[Unit] = mapped_column(EnumText(Unit))
    price: Mapped[Decimal | None] = mapped_column(Money())
    currency: Mapped[str] = mapped_column(CHAR(3))
    comment: Mapped[str | None] = mapped_column(Text)

    @property
    def amount(self) -> Decimal | None:
        """What all of them cost together."""
        return amount_of(self.quantity, self.price, self.currency)

    @classmethod
    def of_store(cls, store: Store, *, to_change: bool = False) -> Sequence["StoreEquipment"]:
        """The list of a store, in its order; ``to_change`` keeps others from changing it until the commit."""
        if to_change:
            db.session.execute(select(Store.id).where(Store.id == store.id).with_for_update())
        query = select(cls).where(cls.store_id == store.id).order_by(cls.position, cls.id)
        return db.session.scalars(query).all()

    @classmethod
    def change_list(
        cls, store: Store, lines: Sequence["StoreEquipment"], filled: Sequence[Filled], currency: str
    ) -> None:
        """Make the list of a store what was filled in; prices of new lines are in ``currency``."""
        change_lines(store, cls, lines, filled, store_id=store.id, currency=currency)


def amount_of(quantity: Decimal | None, price: Decimal | None, currency: str) -> Decimal | None:
    """Quantity times price, rounded as the currency is; ``None`` where either is not known."""
    return None if quantity is None or price is None else rounded(quantity * price, currency_decimals(currency))


@dataclass(frozen=True)
class Totals:
    """Sums by currency, which are never added to each other, and how many lines could not be counted."""

    amounts: dict[str, Decimal]
    unpriced: int

    @classmethod
    def of(cls, lines: Sequence[Any]) -> "Totals":
        """The sums of lines, stored or filled in: of what has a ``currency`` and an ``amount``, perhaps unknown."""
        sums: dict[str, Decimal] = {}
        for line in lines:
            if line.amount is not None:
                sums[line.currency] = sums.get(line.currency, Decimal()) + line.amount
        return cls(sums, sum(line.amount is None for line in lines))
