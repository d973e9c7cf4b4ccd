"""The rows of the form of the back door: what came of an item, what of it was sent back and why, its lot."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import HiddenField, SelectField

from portal.db.amounts import NO_BREAK_SPACE, format_quantity
from portal.deliveries.models import DeliveryItem
from portal.deliveries.receipt import ReceivedLine
from portal.deliveries.words import RejectionReason
from portal.invoices.naming_page import ItemField, UnitField, names, packs_of
from portal.purchase_orders.models import PurchaseOrderItem
from portal.web.days import DayField
from portal.web.forms import AtMost, TextField, options
from portal.web.lines import LineForm, LinesField
from portal.web.numbers import QuantityField, typed
from portal.web.values import uuid_or_none

MAX_UNITS = 12


class ReceivedLineForm(LineForm):
    """One row; of an order's line ``order_line_id`` says which, and what it awaits stands in it already."""

    entity = DeliveryItem

    order_line_id = HiddenField()
    inventory_item_id = ItemField(_l("Item"))
    quantity = QuantityField(_l("Came"), at_least=0)
    unit_id = UnitField(_l("Unit"))
    rejected_quantity = QuantityField(_l("Sent back"), at_least=0)
    rejection_reason = SelectField(_l("Why"), default="")
    lot_number = TextField(_l("Lot"), [AtMost(64)])
    expiry_date = DayField(_l("Best before"), render_kw={"inputmode": "numeric"})
    packs: Sequence[str] = ()
    order_line: PurchaseOrderItem | None = None

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.rejection_reason.choices = options([("", _l("Choose…")), *RejectionReason.choices()])
        for field in self:
            field.flags.either_or = True

    @property
    def is_ordered(self) -> bool:
        """Whether it is a line of the order."""
        return self.order_line is not None

    def take_order_line(self, line: PurchaseOrderItem) -> None:
        """It is this line of the order, and its item that line's, whatever the item is called by now."""
        self.order_line, field, item = line, self.inventory_item_id, names().item_of(line.inventory_item_id)
        field.data, field.raw_data, field.process_errors = line.inventory_item_id, [item.name if item else ""], []

    @property
    def is_blank(self) -> bool:
        """A unit alone is nothing."""
        typed_in = (self.inventory_item_id, self.quantity)
        return not any(field.raw_data and str(field.raw_data[0]).strip() for field in typed_in)

    @property
    def is_marked(self) -> bool:
        """Whether it says more than how much came, so that the rest is to be seen at once."""
        rest = (self.rejected_quantity, self.rejection_reason, self.lot_number, self.expiry_date)
        return any(field.data or field.errors for field in rest)

    @property
    def unit_choices(self) -> list[str]:
        """What the field of the unit suggests."""
        return list(dict.fromkeys([*self.packs, *(unit.name for unit in names().units)]))[:MAX_UNITS]

    @property
    def item_name(self) -> str:
        """The item, as a row of an order shows it."""
        item = names().item_of(self.inventory_item_id.data)
        return item.name if item else ""

    @property
    def told_unit_id(self) -> UUID | None:
        """The unit that was named, else the order's, else the item's own."""
        item = names().item_of(self.inventory_item_id.data)
        chosen: UUID | None = self.unit_id.data
        return chosen or (self.order_line.unit_id if self.order_line else None) or (item.unit_id if item else None)

    def received(self) -> ReceivedLine | None:
        """What came; ``None`` where nothing did."""
        quantity, item, unit_id = self.quantity.data, names().item_of(self.inventory_item_id.data), self.told_unit_id
        if not quantity or item is None or unit_id is None:
            return None
        rejected = self.rejected_quantity.data or Decimal(0)
        return ReceivedLine(
            item_id=item.id,
            quantity=quantity,
            unit_id=unit_id,
            order_line_id=self.order_line.id if self.order_line else None,
            rejected=rejected,
            rejection_reason=RejectionReason(self.rejection_reason.data) if rejected else None,
            lot_number=self.lot_number.data or None,
            expiry_date=self.expiry_date.data or None,
        )

    def validate(self, extra_validators: Any = None) -> bool:
        """The row by itself: no more is sent back than came, and not without a reason."""
        valid = super().validate(extra_validators)
        if self.inventory_item_id.data is None and not self.inventory_item_id.errors:
            self.inventory_item_id.errors, valid = [_("Fill this in.")], False
        if self.quantity.data is None and not self.quantity.errors and not self.is_ordered:
            self.quantity.errors, valid = [_("Fill this in.")], False
        rejected, came = self.rejected_quantity.data, self.quantity.data or Decimal(0)
        if valid and rejected and rejected > came:
            self.rejected_quantity.errors, valid = [_("No more can be sent back than came.")], False
        if valid and rejected and not self.rejection_reason.data:
            self.rejection_reason.errors, valid = [_("Say why.")], False
        return valid

    @property
    def amount_text(self) -> str:
        """What stays, where something is sent back."""
        came, rejected = self.quantity.data, self.rejected_quantity.data
        if came is None or not rejected or rejected > came:
            return ""
        unit = names().unit_of(self.told_unit_id)
        told = format_quantity(came - rejected) + (f"{NO_BREAK_SPACE}{unit.name}" if unit else "")
        return _("%(kept)s stays", kept=told)


class ReceivedLinesField(LinesField):
    """The rows."""

    def __init__(self, label: Any = None, **settings: Any) -> None:
        super().__init__(label, line=ReceivedLineForm, **settings)

    def begin(self, ordered: Sequence[Any]) -> None:
        """The rows to begin with: what the order still awaits, "as ordered"; without one an empty row."""
        known = names()
        known.expect(line.inventory_item_id for line in ordered)
        items = [known.item_of(line.inventory_item_id) for line in ordered]
        known.expect_named(item.name for item in items if item is not None)
        self.rows = [self._row(f"o{place}", self._texts(f"o{place}", line)) for place, line in enumerate(ordered, 1)]
        if not ordered:
            self.rows = [self._row("n1")]

    def _texts(self, key: str, line: Any) -> MultiDict[str, str]:
        item, unit = names().item_of(line.inventory_item_id), names().unit_of(line.unit_id)
        told = {
            "order_line_id": str(line.id),
            "inventory_item_id": item.name if item else "",
            "quantity": typed(max(line.quantity - line.received_quantity, Decimal(0))),
            "unit_id": unit.name if unit else "",
        }
        return MultiDict({f"{self.name}-{key}-{name}": value for name, value in told.items()})

    def know(self, ordered: Sequence[PurchaseOrderItem]) -> None:
        """Tell each row which line of the order it is, and the units that its item is bought in."""
        names().expect(line.inventory_item_id for line in ordered)
        by_id: dict[UUID | None, PurchaseOrderItem] = {line.id: line for line in ordered}
        for row in self.rows:
            if (line := by_id.get(uuid_or_none(row.form.order_line_id.data))) is not None:
                row.form.take_order_line(line)
        items: set[UUID] = {row.form.inventory_item_id.data for row in self.rows if row.form.inventory_item_id.data}
        names().expect(items)
        packs = packs_of(items)
        for row in self.rows:
            row.form.packs = packs.get(row.form.inventory_item_id.data, ())
