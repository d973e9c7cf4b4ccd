"""The form of a store's equipment."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.db.amounts import format_money
from portal.db.units import COUNTED, Unit
from portal.equipment.models import StoreEquipment, Totals, amount_of
from portal.stores.models import Store
from portal.web.forms import AtMost, EnumField, Required, TextField
from portal.web.lines import DocumentForm, LineForm, LinesField
from portal.web.numbers import MoneyField, QuantityField


class EquipmentLineForm(LineForm):
    """One kind of thing."""

    entity = StoreEquipment

    name = TextField(_l("Name"), [Required(), AtMost(200)])
    quantity = QuantityField(_l("Quantity"), [Required()], more_than=0)
    unit = EnumField(_l("Unit"), Unit, default=Unit.PIECE)
    price = MoneyField(_l("Price each"), at_least=0)
    comment = TextField(_l("Comment"), [AtMost(500)])
    currency = ""

    def reckon_in(self, currency: str) -> None:
        """A new line's currency; one that is stored keeps its own."""
        self.currency = self.line.currency if isinstance(self.line, StoreEquipment) else currency
        self.price.in_currency(self.currency)

    def validate(self, extra_validators: Any = None) -> bool:
        """There are no halves of what is counted."""
        self.quantity.only_whole(self.unit.data in COUNTED)
        return super().validate(extra_validators)

    @property
    def amount(self) -> Decimal | None:
        """Quantity times price; ``None`` while one of them is missing or no number."""
        faults = self.quantity.errors or self.price.errors
        return None if faults else amount_of(self.quantity.data, self.price.data, self.currency)

    @property
    def amount_text(self) -> str:
        """The amount, or only the currency that it will be in."""
        return self.currency if self.amount is None else format_money(self.amount, self.currency)


class EquipmentForm(DocumentForm):
    """The whole list of one store; ``currency`` is the chain's."""

    lines = LinesField(_l("Equipment"), line=EquipmentLineForm)

    def __init__(self, store: Store, lines: Sequence[StoreEquipment], currency: str) -> None:
        self.row = store
        super().__init__(lines=lines)
        self.currency = currency
        self._reckon()

    def _reckon(self) -> None:
        for row in self.lines.rows:
            row.form.reckon_in(self.currency)

    def redrawn(self) -> bool:
        """A row that was just added is in the chain's currency, too."""
        was_redrawn = super().redrawn()
        self._reckon()
        return was_redrawn

    @property
    def totals(self) -> Totals:
        """What the list comes to as it is filled in."""
        return Totals.of([row.form for row in self.lines.rows if not row.form.is_blank])
