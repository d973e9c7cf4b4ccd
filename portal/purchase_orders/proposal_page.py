"""Rows that an order may begin with: what ran low in a store, and what was ordered of the supplier last time."""

from collections.abc import Iterable
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from uuid import UUID

from flask_babel import gettext as _

from portal.accounts.models import Account
from portal.catalogue.conversions import Conversions
from portal.db.types import utc_now
from portal.inventory.queries import low_items
from portal.invoices.naming_page import names
from portal.purchase_orders.models import PurchaseOrder
from portal.purchase_orders.pricing import Offer, offers
from portal.purchase_orders.queries import last_order
from portal.purchase_orders.references import names_at
from portal.web.numbers import typed

# A row as texts by field, as if it had been typed.
Texts = dict[str, str]


def low_rows(store_id: UUID | None, supplier_id: UUID | None) -> tuple[list[Texts], str]:
    """What a store has less of than the reorder level, so much that it is there again; and why there is nothing.

    With a supplier only what it is known to sell, in the unit that it was bought in last, in whole packs.
    """
    if store_id is None:
        return [], _("Choose the store first.")
    low = {row.item_id: row.reorder_level - row.quantity for row in low_items(store_id)}
    if not low:
        return [], _("Nothing in this store is below its reorder level.")
    conversions, asked = Conversions.of(low), {}
    if supplier_id is not None:
        currency = Account.current().currency
        asked = offers(supplier_id, list(low), conversions, currency, utc_now().date())
        sold = {item_id for item_id, _unit in names_at(supplier_id, list(low))} | asked.keys()
        low = {item_id: missing for item_id, missing in low.items() if item_id in sold}
    if not low:
        return [], _("What ran low in this store was never bought from this supplier.")
    names().expect(low)
    rows = [_row_of_low(item_id, missing, asked.get(item_id), conversions) for item_id, missing in low.items()]
    return [row for row in rows if row["inventory_item_id"]], ""


def last_rows(store_id: UUID | None, supplier_id: UUID | None) -> tuple[list[Texts], str]:
    """What was ordered of a supplier last; and why there is nothing."""
    if supplier_id is None or store_id is None:
        return [], _("Choose the supplier and the store first.")
    order = last_order(supplier_id, store_id)
    if order is None:
        return [], _("Nothing was ordered from this supplier yet.")
    return rows_of_order(order), ""


def rows_of_order(order: PurchaseOrder) -> list[Texts]:
    """The lines of an order as they are ordered again: prices are proposed anew."""
    lines = order.lines
    names().expect(line.inventory_item_id for line in lines)
    told = ((line.inventory_item_id, line.quantity, line.unit_id) for line in lines)
    return [row for row in _rows(told) if row["inventory_item_id"]]


def _row_of_low(item_id: UUID, missing: Decimal, offer: Offer | None, conversions: Conversions) -> Texts:
    base = conversions.base_of(item_id)
    unit_id = offer.unit_id if offer is not None and offer.unit_id else base
    factor = conversions.factor(item_id, unit_id, base)
    if unit_id == base or not factor:
        unit_id, factor = base, Fraction(1)
    count = Fraction(missing) / factor
    whole = unit_id != base
    quantity = Decimal(-(-count.numerator // count.denominator)) if whole else missing
    [row] = _rows([(item_id, quantity.quantize(Decimal("0.0001"), ROUND_CEILING), unit_id)])
    return row


def _rows(told: Iterable[tuple[UUID, Decimal, UUID | None]]) -> list[Texts]:
    known, found = names(), []
    for item_id, quantity, unit_id in told:
        item, unit = known.item_of(item_id), known.unit_of(unit_id)
        found.append(
            {
                "inventory_item_id": item.name if item is not None and item.is_active else "",
                "quantity": typed(quantity),
                "unit_id": unit.name if unit is not None else "",
            }
        )
    return found
