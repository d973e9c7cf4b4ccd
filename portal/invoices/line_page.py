"""The rows of an invoice's form: what is typed in each, what it comes to, and what follows from the rest of the row."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from portal.db.amounts import format_money, rounded
from portal.db.lines import Line
from portal.invoices.amount_page import PRICE, UNCHOSEN, DiscountField, RateField, ReckonedField, rate_text, sane
from portal.invoices.arithmetic import Amounts, line_amounts, vat_within
from portal.invoices.models import InvoiceItem
from portal.invoices.naming_page import ItemField, UnitField, names
from portal.invoices.pasted_page import pasted_rows
from portal.web.forms import AtMost, TextField
from portal.web.line_merging import Row
from portal.web.lines import MAX_ROWS, LineForm, LinesField
from portal.web.numbers import QuantityField

MAX_DESCRIPTION, MAX_UNITS = 500, 12


class InvoiceLineForm(LineForm):
    """One line of the paper."""

    entity = InvoiceItem

    description = TextField(_l("As the paper has it"), [AtMost(MAX_DESCRIPTION)])
    inventory_item_id = ItemField(_l("Our item"))
    quantity = QuantityField(_l("Quantity"))
    unit_id = UnitField(_l("Unit"))
    unit_price = ReckonedField(_l("Price"), column=PRICE, at_least=0)
    vat_rate = RateField(_l("VAT rate"))
    line_total = ReckonedField(_l("Total"))
    discount = DiscountField(_l("Discount"))
    vat_amount = ReckonedField(_l("VAT"))
    currency, includes_vat, is_credit = "", True, False
    # What the supplier's words are known for where no item is chosen, and the packs that the item is bought in.
    known: Any = None
    packs: Sequence[str] = ()

    @property
    def item_id(self) -> UUID | None:
        """The item that was chosen, else the one that the supplier's words are known for."""
        chosen: UUID | None = self.inventory_item_id.data
        return chosen or (self.known.inventory_item_id if self.known and not self.inventory_item_id.errors else None)

    @property
    def told_description(self) -> str:
        """What the paper calls it; nothing typed: what we do."""
        item = names().item_of(self.item_id)
        return self.description.data or (item.name if item else "")

    @property
    def unit_choices(self) -> list[str]:
        """What the field of the unit suggests: the units that the item is bought in, then the first of all."""
        return list(dict.fromkeys([*self.packs, *(unit.name for unit in names().units)]))[:MAX_UNITS]

    @property
    def note(self) -> str | None:
        """Which item the supplier's words are known for."""
        item = names().item_of(self.known.inventory_item_id) if self.known and self.item_id else None
        return _("Known as: %(name)s", name=item.name) if item else None

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        for field in self:
            field.flags.either_or = True

    @property
    def is_blank(self) -> bool:
        """A rate or a unit alone, as a new row takes them over from the one before, is nothing."""
        told = (self.description, self.inventory_item_id, self.quantity, self.unit_price, self.line_total)
        return not any(field.raw_data and str(field.raw_data[0]).strip() for field in told)

    def reckon(self) -> None:
        """Fill in what nobody typed: the total from the price, or the price from the total; and the VAT."""
        price, total, vat = self.unit_price, self.line_total, self.vat_amount
        is_priced = price.is_typed or (price.raw_data is None and price.data is not None)
        amounts = self._amounts_of_price() if is_priced else None
        total.reckon(amounts.total if amounts else None)
        if amounts is None or total.data != amounts.total:
            amounts = self._amounts_of_total()
        vat.reckon(amounts.vat if amounts else None)
        price.reckon(None if is_priced or amounts is None else self._price_of(amounts))

    def _amounts_of_price(self) -> Amounts | None:
        quantity, price, discount = map(sane, (self.quantity, self.unit_price, self.discount))
        rate = self.vat_rate.data
        if not quantity or price is None or discount is None or rate == UNCHOSEN:
            return None
        amounts = line_amounts(abs(quantity), price, abs(discount), rate, self.includes_vat)
        return amounts if quantity > 0 else Amounts(-amounts.net, -amounts.vat, -amounts.total)

    def _amounts_of_total(self) -> Amounts | None:
        total, rate = sane(self.line_total), self.vat_rate.data
        vat = sane(self.vat_amount) if self.vat_amount.is_typed else None
        if total is None or rate == UNCHOSEN:
            return None
        vat = vat_within(total, rate) if vat is None else vat
        return Amounts(total - vat, vat, total)

    def _price_of(self, amounts: Amounts) -> Decimal | None:
        quantity, discount = sane(self.quantity), sane(self.discount)
        if not quantity or discount is None:
            return None
        priced = amounts.total if self.includes_vat else amounts.net
        return rounded((abs(priced) + abs(discount)) / abs(quantity), PRICE.scale)

    def validate(self, extra_validators: Any = None) -> bool:
        """The row by itself; how many may be less than nothing on a credit note alone."""
        valid = super().validate(extra_validators)
        for field, fault in self._faults():
            if fault and not field.errors:
                field.errors, valid = [fault], False
        return valid

    def _faults(self) -> list[tuple[Any, str | None]]:
        rate, vat = self.vat_rate.data, self.vat_amount
        has_name = self.description.data or self.inventory_item_id.data
        is_without_price = self.unit_price.data is None
        return [
            (self.description, None if has_name else _("Fill this in.")),
            (self.quantity, self._fault_of_quantity()),
            (self.unit_price, _("Write the price, or the total of the row.") if is_without_price else None),
            (self.vat_rate, _("Choose the rate, or no VAT.") if rate == UNCHOSEN else None),
            (vat, _("Without VAT there is no amount of it.") if rate is None and vat.data else None),
            (self.line_total, self._fault_of_sign(self.line_total.data)),
            (self.discount, self._fault_of_sign(self.discount.data)),
        ]

    def _fault_of_quantity(self) -> str | None:
        quantity = self.quantity.data
        if quantity is None:
            return _("Fill this in.")
        if quantity == 0:
            return _("This cannot be 0.")
        return self._fault_of_sign(quantity)

    def _fault_of_sign(self, value: Decimal | None) -> str | None:
        is_return = value is not None and value < 0 and not self.is_credit
        return _("Enter it as a credit note.") if is_return else None

    @property
    def amount_text(self) -> str:
        """What the row comes to."""
        total, vat = sane(self.line_total), sane(self.vat_amount)
        if total is None:
            return ""
        told = format_money(total, self.currency)
        return told if not vat else _("%(total)s, VAT %(vat)s", total=told, vat=format_money(vat, self.currency))


class InvoiceLinesField(LinesField):
    """The lines of an invoice; rows may be pasted, and a new row takes the rate of VAT over from the one before."""

    rows: list[Row]
    currency, includes_vat, is_credit = "", True, False

    def __init__(self, label: Any = None, **options: Any) -> None:
        super().__init__(label, line=InvoiceLineForm, **options)
        self.stored: list[Line] = []
        self.pasted = self.fault = ""

    def reckon_in(self, currency: str, *, includes_vat: bool, is_credit: bool) -> None:
        """What the paper says of all rows."""
        self.currency, self.includes_vat, self.is_credit = currency, includes_vat, is_credit

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """The rows, and beside them what was pasted and not yet taken over."""
        super().process(formdata, data, extra_filters)
        self.stored = list(data) if isinstance(data, Sequence) else []
        self.pasted = formdata.get(f"{self.name}-pasted", "") if formdata is not None else ""

    def _row(self, key: str, formdata: Any = None, line: Line | None = None) -> Row:
        row = super()._row(key, formdata, line)
        self._tell(row.form)
        return row

    def _tell(self, form: InvoiceLineForm) -> None:
        form.currency, form.includes_vat, form.is_credit = self.currency, self.includes_vat, self.is_credit
        form.reckon()

    def begin(self, told: Sequence[dict[str, str]]) -> None:
        """Rows to begin with; an empty one where nothing is told."""
        self.fill(told)
        if not self.rows:
            self.rows = [self._row("n1")]

    def reckon(self) -> None:
        """Reckon all rows anew, when something was taken over from others."""
        for row in self.rows:
            row.form.reckon()

    def obey(self) -> bool:
        """As of every document, and take over rows that were pasted."""
        before = len(self.rows)
        if self.command.partition(":")[0] == "paste":
            self.paste()
        is_obeyed = super().obey()
        if self.command == "add" and len(self.rows) > before > 0:
            self._follow(self.rows[-1], self.rows[-2].form.vat_rate.data)
        return is_obeyed

    def paste(self) -> None:
        """Make rows of the pasted text: after those that hold something, in place of one that is empty."""
        found = pasted_rows(self.pasted)
        self.rows = [row for row in self.rows if row.form.line or not row.form.is_blank]
        if not found:
            self.fault = _("There are no rows in it. Copy them with what they are called, how many, and the price.")
        elif len(self.rows) + len(found) > MAX_ROWS:
            self.fault = _("At most %(number)s rows. Import a longer paper as a file.", number=MAX_ROWS)
        else:
            rate = next((row.form.vat_rate.data for row in reversed(self.rows)), UNCHOSEN)
            self.fill(found, rate)
            self.pasted = ""

    def fill(self, told: Sequence[dict[str, str]], rate: Any = UNCHOSEN) -> None:
        """Add rows as if those texts had been typed; ``rate`` where they tell none."""
        place = len(self.rows)
        for number, texts in enumerate(told):
            key = f"p{place + number}x{len(self.rows)}"
            values = {"vat_rate": rate_text(rate), **texts}
            self.rows.append(self._row(key, MultiDict({f"{self.name}-{key}-{name}": v for name, v in values.items()})))
        if self.rows:
            self.rows[-1].is_target = True

    def _follow(self, row: Row, rate: Any) -> None:
        row.form.vat_rate.data = rate
        row.form.reckon()
