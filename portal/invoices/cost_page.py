"""What the lines of an invoice cost, and how that and its total came about."""

from collections.abc import Sequence
from decimal import Decimal
from functools import cached_property

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.catalogue.explaining import Explanation, Input
from portal.catalogue.settings import SupplySettings
from portal.db.amounts import DASH, NO_BREAK_SPACE, format_money, format_quantity, rounded
from portal.invoices.models import Invoice, InvoiceItem
from portal.invoices.naming_page import Named, names

# More numbers in one formula help nobody.
MAX_ADDENDS = 8


class Costs:
    """What the lines of one invoice cost for one base unit of their items."""

    def __init__(self, invoice: Invoice) -> None:
        self.invoice = invoice

    @cached_property
    def is_vat_recovered(self) -> bool:
        """Whether the chain deducts the VAT that it pays, so that it costs nothing."""
        return SupplySettings.current().vat_recoverable

    def of(self, line: InvoiceItem) -> Decimal:
        """What a line costs."""
        return line.line_total - line.vat_amount if self.is_vat_recovered else line.line_total

    def per_base(self, line: InvoiceItem) -> Decimal | None:
        """What one base unit costs, as it is shown: two decimals, four below one."""
        if not line.base_quantity:
            return None
        price = self.of(line) / line.base_quantity
        return rounded(price, 2 if abs(price) >= 1 else 4)

    def told(self, line: InvoiceItem) -> str:
        """That with its currency and unit; a dash where no conversion leads to the base unit."""
        price, unit = self.per_base(line), self._base(line)
        if price is None or unit is None:
            return DASH
        return f"{format_money(price, self.invoice.currency)} / {unit.name}"

    def explain(self, line: InvoiceItem) -> Explanation | None:
        """How it came about: what the line costs, divided by what it holds."""
        unit, item = self._base(line), names().item_of(line.inventory_item_id)
        if unit is None or item is None or not line.base_quantity:
            return None
        cost = format_money(self.of(line), self.invoice.currency)
        held = f"{format_quantity(abs(line.base_quantity))}{NO_BREAK_SPACE}{unit.name}"
        inputs = [
            Input(_("Total with VAT"), format_money(line.line_total, self.invoice.currency)),
            Input(_("VAT"), format_money(line.vat_amount, self.invoice.currency)),
            Input(_("Quantity"), self._quantity(line)),
            Input(_("In the unit of the item"), held),
        ]
        return Explanation(
            title=_("Price of one %(unit)s of %(item)s", unit=unit.name, item=item.name),
            formula=f"{cost} ÷ {held} = {self.told(line)}",
            inputs=inputs,
            when=line.updated_at,
            note=self.vat_note,
        )

    @property
    def vat_note(self) -> str:
        """Whether VAT is in what a line costs."""
        if self.is_vat_recovered:
            return _("The VAT is deducted, so it is no part of the cost.")
        return _("The VAT is not deducted, so it is part of the cost.")

    def explain_total(self, lines: Sequence[InvoiceItem]) -> Explanation:
        """How the total came about: the sum of the lines, each with its VAT."""
        currency, total = self.invoice.currency, self.invoice.total_amount
        addends = [format_money(line.line_total, currency) for line in lines]
        left = ngettext("the total of %(num)s line", "the totals of %(num)s lines", len(lines))
        formula = " + ".join(addends) if len(addends) <= MAX_ADDENDS else left
        inputs = [Input(_("VAT in it"), format_money(self.invoice.vat_total, currency))]
        if self.invoice.stated_total is not None:
            inputs.append(Input(_("Total on the paper"), format_money(self.invoice.stated_total, currency)))
        return Explanation(
            title=_("Total of the invoice"),
            formula=f"{formula or DASH} = {format_money(total, currency)}",
            inputs=inputs,
            when=self.invoice.updated_at,
            note=_("The total is the sum of the lines, VAT in it; what the paper says is kept beside it."),
        )

    def _base(self, line: InvoiceItem) -> Named | None:
        item = names().item_of(line.inventory_item_id)
        return names().unit_of(item.unit_id) if item else None

    def _quantity(self, line: InvoiceItem) -> str:
        unit = names().unit_of(line.unit_id)
        told = format_quantity(line.quantity)
        return f"{told}{NO_BREAK_SPACE}{unit.name}" if unit else told
