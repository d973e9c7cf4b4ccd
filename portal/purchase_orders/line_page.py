"""The rows of an order's form: an item, how many of which unit, and what one is to cost."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from portal.catalogue.conversions import Conversions
from portal.db.amounts import currency_decimals, format_money, rounded
from portal.db.lines import Filled
from portal.invoices.amount_page import PRICE, ReckonedField, sane
from portal.invoices.naming_page import ItemField, UnitField, names, packs_of
from portal.purchase_orders.models import PurchaseOrderItem
from portal.purchase_orders.pricing import Offer
from portal.web.lines import MAX_ROWS, LineForm, LinesField
from portal.web.numbers import QuantityField

MAX_UNITS = 12


class OrderLineForm(LineForm):
    """One row. Nothing said of the unit: the one that it was bought in last; of the price: what the supplier asks."""

    entity = PurchaseOrderItem

    inventory_item_id = ItemField(_l("Item"))
    quantity = QuantityField(_l("Quantity"), more_than=0)
    unit_id = UnitField(_l("Unit"))
    unit_price = ReckonedField(_l("Price"), column=PRICE, at_least=0)
    currency = ""
    packs: Sequence[str] = ()
    offer: Offer | None = None

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        for field in self:
            field.flags.either_or = True

    @property
    def is_blank(self) -> bool:
        """A unit or a price alone is nothing."""
        typed = (self.inventory_item_id, self.quantity)
        return not any(field.raw_data and str(field.raw_data[0]).strip() for field in typed)

    @property
    def item_id(self) -> UUID | None:
        """The item that was named."""
        found: UUID | None = self.inventory_item_id.data
        return found

    @property
    def told_unit_id(self) -> UUID | None:
        """The unit that was named, else the one of the offer, else the item's own."""
        item = names().item_of(self.item_id)
        chosen: UUID | None = self.unit_id.data
        return chosen or (self.offer.unit_id if self.offer else None) or (item.unit_id if item else None)

    @property
    def unit_choices(self) -> list[str]:
        """What the field of the unit suggests: the units of the item, then the first of all."""
        return list(dict.fromkeys([*self.packs, *(unit.name for unit in names().units)]))[:MAX_UNITS]

    def know(self, offer: Offer | None, packs: Sequence[str], conversions: Conversions) -> None:
        """What the supplier asks for the item, and the units that it is bought in."""
        self.offer, self.packs = offer, packs
        is_priced = offer is not None and self.item_id is not None and not self.unit_id.errors
        price = offer.price_in(self.told_unit_id, self.item_id, conversions) if is_priced else None  # type: ignore[union-attr, arg-type]
        self.unit_price.reckon(price)

    @property
    def amount(self) -> Decimal | None:
        """What the row comes to; ``None`` while that is not known."""
        quantity, price = sane(self.quantity), sane(self.unit_price)
        return (
            None if quantity is None or price is None else rounded(quantity * price, currency_decimals(self.currency))
        )

    @property
    def amount_text(self) -> str:
        """What the row comes to, and where the price is from."""
        unit = names().unit_of(self.told_unit_id)
        if self.item_id is None or unit is None:
            return ""
        price = sane(self.unit_price)
        if price is None:
            return _("in %(unit)s, no price known", unit=unit.name)
        told = {"price": format_money(price, self.currency), "unit": unit.name}
        known = self.unit_price.reckoned
        if self.offer is None or known is None:
            source = _("%(price)s for 1 %(unit)s", **told)
        elif price != known:
            asked = told_offer(self.offer, known, self.currency)
            source = _("%(price)s for 1 %(unit)s; %(asked)s", asked=asked, **told)
        elif self.offer.is_agreed:
            source = _("%(price)s for 1 %(unit)s, as agreed", **told)
        else:
            source = _("%(price)s for 1 %(unit)s, as last", **told)
        return source if self.amount is None else f"{format_money(self.amount, self.currency)} · {source}"

    def validate(self, extra_validators: Any = None) -> bool:
        """The row by itself: an item and how many."""
        valid = super().validate(extra_validators)
        for field in (self.inventory_item_id, self.quantity):
            if field.data is None and not field.errors:
                field.errors, valid = [_("Fill this in.")], False
        return valid


class OrderLinesField(LinesField):
    """The rows; ``fault`` says why nothing was proposed."""

    def __init__(self, label: Any = None, **options: Any) -> None:
        super().__init__(label, line=OrderLineForm, **options)
        self.currency = self.fault = ""

    def _row(self, key: str, formdata: Any = None, line: Any = None) -> Any:
        row = super()._row(key, formdata, line)
        row.form.currency = self.currency
        return row

    def begin(self) -> None:
        """An empty row, where there is none."""
        if not self.rows:
            self.rows = [self._row("n1")]

    def fill(self, told: Sequence[dict[str, str]]) -> None:
        """Add rows as if those texts had been typed; what is there already stays as it is."""
        self.rows = self.filled
        there = {names_of(row.form) for row in self.rows}
        fresh = [texts for texts in told if texts["inventory_item_id"] not in there][: MAX_ROWS - len(self.rows)]
        names().expect_named(texts["inventory_item_id"] for texts in fresh)
        for texts in fresh:
            # Never that of a row that is there: rows were removed, maybe.
            key = f"p{uuid4().hex[:16]}"
            values = MultiDict({f"{self.name}-{key}-{name}": value for name, value in texts.items()})
            self.rows.append(self._row(key, values))
        if fresh:
            self.rows[-1].is_target = True

    @property
    def told(self) -> list[Filled]:
        """The rows to be kept, each in a unit."""
        rows = [row.form for row in self.filled]
        return [(form.line.id if form.line else None, {**form.data, "unit_id": form.told_unit_id}) for form in rows]


def told_offer(offer: Offer, price: Decimal, currency: str) -> str:
    """What the supplier asks, in words, beside a price that is another one."""
    amount = format_money(price, currency)
    return _("agreed: %(price)s", price=amount) if offer.is_agreed else _("last: %(price)s", price=amount)


def names_of(form: OrderLineForm) -> str:
    """What the row's item is called."""
    item = names().item_of(form.item_id)
    return item.name if item is not None else ""


def known_packs(items: set[UUID]) -> dict[UUID, list[str]]:
    """The units that each item is bought in, with the names of the items read along."""
    names().expect(items)
    return packs_of(items)
