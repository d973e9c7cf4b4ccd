"""What the page of an invoice shows: the paper's head, its lines with what about them is to be decided, and how its
numbers came about."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import and_, select

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.audit.history import history_of
from portal.catalogue.explaining import Explanation
from portal.db.amounts import NO_BREAK_SPACE, format_money, format_quantity
from portal.db.base import db
from portal.deliveries.photos import photographed_deliveries
from portal.documents.models import Document
from portal.documents.verbs import photos_of
from portal.invoices.alert_page import Alert, alerts_of
from portal.invoices.arithmetic import is_rate_of
from portal.invoices.cost_page import Costs
from portal.invoices.listing import STATUS_TONES
from portal.invoices.models import Invoice, InvoiceItem
from portal.invoices.naming_page import names
from portal.invoices.words import DuplicateReason, InvoiceKind, InvoiceSource, InvoiceStatus
from portal.restaurants.models import Restaurant
from portal.stores.models import Store
from portal.suppliers.models import Supplier
from portal.web.language import choose_locale, when
from portal.web.navigation import page_of
from portal.web.times import typed_day


@dataclass(frozen=True)
class LineShown:
    """One line of the paper in words; ``item_url`` leads to the item of ours that it is."""

    line: InvoiceItem
    item: str | None
    item_url: str | None
    quantity: str
    price: str
    rate: str
    cost: str
    explanation: Explanation | None
    alerts: Sequence[Alert]


class InvoicePage:
    """One invoice; what its parts need is read once for all of them."""

    def __init__(self, invoice: Invoice) -> None:
        self.invoice = invoice
        self.alerts = alerts_of(invoice)
        self.photos = photos_of([invoice.id])[invoice.id]
        # What came by it, as far as the person sees deliveries.
        self.deliveries = photographed_deliveries(invoice.id) if may(Permission.STOCK_SEE) else []
        self.history = history_of(invoice)

    @cached_property
    def lines(self) -> list[LineShown]:
        """The lines in the paper's order."""
        rows, known = list(self.invoice.lines), names()
        known.expect(row.inventory_item_id for row in rows)
        by_line: dict[UUID | None, list[Alert]] = defaultdict(list)
        for alert in self.alerts:
            by_line[alert.line_id].append(alert)
        costs = Costs(self.invoice)
        return [self._shown(row, costs, by_line[row.id]) for row in rows]

    def _shown(self, row: InvoiceItem, costs: Costs, alerts: Sequence[Alert]) -> LineShown:
        item, unit = names().item_of(row.inventory_item_id), names().unit_of(row.unit_id)
        told = format_quantity(row.quantity)
        return LineShown(
            line=row,
            item=item.name if item else None,
            item_url=page_of("inventory_item", row.inventory_item_id),
            quantity=f"{told}{NO_BREAK_SPACE}{unit.name}" if unit else told,
            price=format_money(row.unit_price, self.invoice.currency),
            rate=rate_words(row.vat_rate),
            cost=costs.told(row),
            explanation=costs.explain(row),
            alerts=alerts,
        )

    @cached_property
    def place(self) -> Any:
        """The names of the supplier, the restaurant and the store, in one statement."""
        same = and_(Restaurant.account_id == Store.account_id, Restaurant.id == Store.restaurant_id)
        query = (
            select(Supplier.name.label("supplier"), Restaurant.name.label("restaurant"), Store.name.label("store"))
            .select_from(Store)
            .join(Restaurant, same)
            .join(Supplier, Supplier.account_id == Store.account_id)
        )
        is_it = (Store.id == self.invoice.store_id, Supplier.id == self.invoice.supplier_id)
        return db.session.execute(query.where(*is_it)).one()

    @property
    def total_explained(self) -> Explanation:
        """How the total came about."""
        return Costs(self.invoice).explain_total([shown.line for shown in self.lines])

    @property
    def open_alerts(self) -> list[Alert]:
        """What waits for a decision, what costs most first."""
        return sorted((each for each in self.alerts if each.is_open), key=lambda each: -each.money)

    @property
    def decided_alerts(self) -> list[Alert]:
        """What was decided, or ended by itself."""
        return [each for each in self.alerts if not each.is_open]

    @property
    def facts(self) -> list[tuple[str, Any]]:
        """The head of the paper."""
        invoice, locale = self.invoice, choose_locale()
        told: list[tuple[str, Any]] = [
            (_("Number"), invoice.invoice_number or _("without a number")),
            (_("Date"), typed_day(invoice.invoice_date, locale)),
            (_("To be paid by"), typed_day(invoice.due_date, locale) if invoice.due_date else None),
            (_("Kind"), InvoiceKind(invoice.kind).label),
            (_("Source"), InvoiceSource(invoice.source).label),
            (_("Prices on the paper"), _("with VAT") if invoice.prices_include_vat else _("without VAT")),
        ]
        if odd := self._rates_of_other_years():
            note = _(
                "%(rates)s: not a rate of that day. 22 %% is the standard one since 2026, 20 %% was before.", rates=odd
            )
            told.append((_("Note on VAT"), note))
        if invoice.duplicate_reason:
            reason = DuplicateReason.read(invoice.duplicate_reason)
            told.append((invoice.words.fields["duplicate_reason"], reason.label))
        if invoice.status is InvoiceStatus.CANCELLED:
            told.append((invoice.words.fields["cancel_reason"], invoice.cancel_reason))
            told.append((_("Cancelled"), when(invoice.cancelled_at)))
        return told

    def _rates_of_other_years(self) -> str:
        """The rates that were not in force on the day, where the paper is in roubles: worth a note, never a refusal."""
        if self.invoice.currency != "RUB":
            return ""
        rates = {shown.line.vat_rate for shown in self.lines if shown.line.vat_rate is not None}
        return ", ".join(rate_words(rate) for rate in sorted(rates) if not is_rate_of(rate, self.invoice.invoice_date))

    @property
    def totals(self) -> list[tuple[str, str]]:
        """The total, its VAT by rate, and what the paper says where that is something else."""
        invoice = self.invoice
        vat: dict[Decimal | None, Decimal] = {}
        for shown in self.lines:
            vat[shown.line.vat_rate] = vat.get(shown.line.vat_rate, Decimal()) + shown.line.vat_amount
        told = [
            (_("VAT %(rate)s", rate=rate_words(rate)), format_money(amount, invoice.currency))
            for rate, amount in vat.items()
            if rate is not None
        ]
        net = invoice.total_amount - invoice.vat_total
        told.append((_("Without VAT"), format_money(net, invoice.currency)))
        if invoice.stated_total is not None and invoice.stated_total != invoice.total_amount:
            told.append((_("Total on the paper"), format_money(invoice.stated_total, invoice.currency)))
        return told

    @property
    def tone(self) -> str:
        """The look of the status."""
        return STATUS_TONES[self.invoice.status.value]

    @property
    def document(self) -> Document | None:
        """The file that it came from, where that is no photo of it."""
        if self.invoice.document_id is None:
            return None
        return db.session.get(Document, self.invoice.document_id)

    @property
    def credit_url(self) -> str:
        """The form of a credit note that gives it back."""
        return url_for("account.invoices.new", credit_of=self.invoice.id)


def rate_words(rate: Decimal | None) -> str:
    """A rate of VAT as papers write it."""
    return str(_("no VAT")) if rate is None else f"{format_quantity(rate)}{NO_BREAK_SPACE}%"
