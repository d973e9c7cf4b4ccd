"""The rows of a form that takes something out of a store: an item, how much of it, and of which lot."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import SelectField, ValidationError

from portal.catalogue.conversions import Conversions
from portal.inventory.listing import day_text
from portal.inventory.lots import Lot, oldest_first, total_of
from portal.inventory.models import StockMovement
from portal.inventory.queries import lots_of
from portal.inventory.stock_page import told
from portal.inventory.taking import Taken
from portal.invoices.naming_page import ItemField, UnitField, names, packs_of
from portal.web.forms import options
from portal.web.lines import LineForm, LinesField
from portal.web.numbers import QuantityField

OLDEST_FIRST = ""
MAX_UNITS = 12


def lot_word(lot: Lot) -> str:
    """What stands for a lot in the form: its date and its number."""
    return f"{lot.expiry_date or ''}|{lot.lot_number or ''}"


class LotField(SelectField):
    """One of the lots of the row's item in the store, or none: the oldest first."""

    def __init__(self, label: Any, **settings: Any) -> None:
        super().__init__(
            label, choices=options([(OLDEST_FIRST, _l("The oldest first"))]), default=OLDEST_FIRST, **settings
        )
        self.lots: dict[str, Lot] = {}

    def offer(self, lots: Sequence[Lot], symbol: str) -> None:
        """What may be chosen: lots of which there is any, as they expire."""
        offered = [lot for lot in oldest_first(lots) if lot.quantity > 0 and not lot.is_plain]
        self.lots = {lot_word(lot): lot for lot in offered}
        told_lots = [(word, _told_lot(lot, symbol)) for word, lot in self.lots.items()]
        self.choices = options([(OLDEST_FIRST, _l("The oldest first")), *told_lots])

    def pre_validate(self, form: Any) -> None:
        """A lot that is used up meanwhile, or of another store, is none any more."""
        if self.data and self.data not in self.lots:
            raise ValidationError(_("This lot is not in the store any more. Choose again."))


def _told_lot(lot: Lot, symbol: str) -> str:
    parts = [lot.lot_number or "", day_text(lot.expiry_date) if lot.expiry_date else "", told(lot.quantity, symbol)]
    return " · ".join(filter(None, parts))


class EntryLineForm(LineForm):
    """One row: what is taken, how much, in which unit, and of which lot."""

    entity = StockMovement

    inventory_item_id = ItemField(_l("Item"))
    quantity = QuantityField(_l("Quantity"), more_than=0)
    unit_id = UnitField(_l("Unit"))
    lot = LotField(_l("Lot"))
    # What the store holds of the item, and what leads from a unit to its own.
    held: Sequence[Lot] = ()
    conversions: Conversions | None = None
    packs: Sequence[str] = ()

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        for field in self:
            field.flags.either_or = True

    @property
    def is_blank(self) -> bool:
        """A unit or a lot alone is nothing."""
        typed = (self.inventory_item_id, self.quantity)
        return not any(field.raw_data and str(field.raw_data[0]).strip() for field in typed)

    @property
    def item_id(self) -> UUID | None:
        """The item that was named."""
        found: UUID | None = self.inventory_item_id.data
        return found

    @property
    def unit_choices(self) -> list[str]:
        """What the field of the unit suggests: the units of the item, then the first of all."""
        return list(dict.fromkeys([*self.packs, *(unit.name for unit in names().units)]))[:MAX_UNITS]

    @property
    def symbol(self) -> str:
        """The base unit of the item."""
        item = names().item_of(self.item_id)
        unit = names().unit_of(item.unit_id) if item else None
        return unit.name if unit else ""

    @property
    def base_quantity(self) -> Decimal | None:
        """How much it is in the item's base unit; ``None`` where that is not known."""
        item, quantity = names().item_of(self.item_id), self.quantity.data
        if item is None or quantity is None or self.conversions is None:
            return None
        return self.conversions.to_base(item.id, quantity, self.unit_id.data or item.unit_id)

    def taken(self) -> Taken:
        """What the row takes."""
        assert self.item_id is not None
        assert self.base_quantity is not None
        return Taken(self.item_id, self.base_quantity, self.lot.lots.get(self.lot.data))

    def validate(self, extra_validators: Any = None) -> bool:
        """The row by itself, and whether a way leads from its unit to the item's own."""
        valid = super().validate(extra_validators)
        for field in (self.inventory_item_id, self.quantity):
            if field.data is None and not field.errors:
                field.errors, valid = [_("Fill this in.")], False
        if valid and self.base_quantity is None:
            fault = _("Nothing says how much of %(unit)s this is. Add a pack to the item, or write it in that unit.")
            self.unit_id.errors, valid = [fault % {"unit": self.symbol}], False
        return valid

    @property
    def amount_text(self) -> str:
        """What is left of it, as the store stands now."""
        base = self.base_quantity
        if self.item_id is None:
            return ""
        held = total_of(self.held)
        if base is None or self.quantity.errors:
            return _("There is %(held)s", held=told(held, self.symbol))
        numbers = {"held": held, "taken": base, "left": held - base}
        words = {name: told(number, self.symbol) for name, number in numbers.items()}
        return _("%(held)s less %(taken)s leaves %(left)s", **words)


class EntryLinesField(LinesField):
    """The rows; what the store holds is read once for all of them."""

    def __init__(self, label: Any = None, **options: Any) -> None:
        super().__init__(label, line=EntryLineForm, **options)

    def begin(self, texts: dict[str, str]) -> None:
        """The row to begin with: an item that is named already, or an empty one."""
        told_texts = MultiDict({f"{self.name}-n1-{name}": value for name, value in texts.items()})
        self.rows = [self._row("n1", told_texts if texts else None)]

    def know(self, store_id: UUID | None) -> None:
        """Tell each row what the store holds of its item, and in which units that is told."""
        rows = [row.form for row in self.rows]
        items = {row.item_id for row in rows if row.item_id is not None}
        if not items:
            return
        names().expect(items)
        conversions, packs = Conversions.of(items), packs_of(items)
        held = lots_of(store_id, items) if store_id is not None else {}
        for row in rows:
            row.conversions, row.packs = conversions, packs.get(row.item_id, ())
            row.held = held.get(row.item_id, ())
            row.lot.offer(row.held, row.symbol)
