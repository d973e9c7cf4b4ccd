"""What an item is to cost at a supplier: as agreed, else as it was paid last."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from portal.catalogue.conversions import Conversions
from portal.catalogue.graph import to_decimal
from portal.catalogue.names import SupplierItem
from portal.catalogue.prices import ItemPrice
from portal.db.base import db

AGREED_SCALE = 4


@dataclass(frozen=True)
class Offer:
    """``amount`` for ``base_quantity`` of an item, in its base unit; ``since`` is the day of the paper or agreement."""

    amount: Decimal
    base_quantity: Fraction
    unit_id: UUID | None
    since: date | None
    is_agreed: bool

    def price_in(self, unit_id: UUID | None, item_id: UUID, conversions: Conversions) -> Decimal | None:
        """What one of a unit costs, rounded once; ``None`` where no way leads to that unit."""
        factor = conversions.factor(item_id, unit_id, conversions.base_of(item_id))
        if factor is None:
            return None
        price = Fraction(self.amount) / self.base_quantity * factor
        # Agreed is asked for as it is written; paid last as prices are told: with two decimals from 1.00 on.
        return to_decimal(price, 2 if price >= 1 and not self.is_agreed else AGREED_SCALE)


def offers(
    supplier_id: UUID, item_ids: Collection[UUID], conversions: Conversions, currency: str, day: date
) -> dict[UUID, Offer]:
    """What a supplier asks for items on a day, as far as it is known; an agreed price goes before the last one."""
    if not item_ids:
        return {}
    return _last(supplier_id, item_ids, currency) | _agreed(supplier_id, item_ids, conversions, day)


def _last(supplier_id: UUID, item_ids: Collection[UUID], currency: str) -> dict[UUID, Offer]:
    p = ItemPrice
    query = (
        select(p.inventory_item_id, p.amount, p.base_quantity, p.unit_id, p.price_date)
        .where(p.supplier_id == supplier_id, p.inventory_item_id.in_(item_ids), p.voided_at.is_(None))
        .where(p.currency == currency, p.amount > 0)
        .order_by(p.inventory_item_id, p.price_date.desc(), p.entry_no.desc())
        .ext(distinct_on(p.inventory_item_id))
    )
    return {
        item_id: Offer(amount, Fraction(base), unit_id, since, is_agreed=False)
        for item_id, amount, base, unit_id, since in db.session.execute(query)
    }


def _agreed(supplier_id: UUID, item_ids: Collection[UUID], conversions: Conversions, day: date) -> dict[UUID, Offer]:
    n = SupplierItem
    query = select(n.inventory_item_id, n.agreed_price, n.unit_id, n.agreed_from).where(
        n.supplier_id == supplier_id,
        n.inventory_item_id.in_(item_ids),
        n.is_active,
        n.agreed_price.is_not(None),
        or_(n.agreed_from.is_(None), n.agreed_from <= day),
    )
    found = {}
    for item_id, price, unit_id, since in db.session.execute(query.order_by(n.agreed_from.asc().nulls_first(), n.id)):
        base = conversions.base_of(item_id)
        factor = conversions.factor(item_id, unit_id or base, base)
        if factor and price is not None:
            found[item_id] = Offer(price, factor, unit_id or base, since, is_agreed=True)
    return found
