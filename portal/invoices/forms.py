"""The forms of invoices: the paper with its lines, why it is no duplicate, cancelling, and decisions."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, RadioField, SelectField, ValidationError
from wtforms.validators import Optional

from portal.catalogue.supplier_items import recognise
from portal.db.types import utc_now
from portal.invoices.amount_page import sane
from portal.invoices.days import fault_of_day
from portal.invoices.duplicates import PRESET_REASONS
from portal.invoices.line_page import InvoiceLinesField
from portal.invoices.models import Invoice, InvoiceItem
from portal.invoices.naming_page import StoreField, names, packs_of
from portal.invoices.paper import Paper
from portal.invoices.reading_page import PaperTotals, lines_of
from portal.invoices.words import ExceptionState, InvoiceKind, InvoiceStatus
from portal.suppliers.fields import SupplierField
from portal.web.days import DayField
from portal.web.forms import AtMost, EnumField, LongTextField, PortalForm, Required, TextField, options
from portal.web.lines import DocumentForm
from portal.web.numbers import CurrencyField, MoneyField

MAX_NUMBER, MAX_REASON = 64, 500
NO_NUMBER = ("-", "–", "—")


class PricesField(SelectField):
    """Whether the prices on the paper hold VAT."""

    def __init__(self, label: Any, **settings: Any) -> None:
        choices = options([("1", _l("with VAT")), ("", _l("without VAT"))])
        super().__init__(label, coerce=lambda value: value in (True, "1"), choices=choices, default=True, **settings)


class InvoiceForm(DocumentForm):
    """A supplier's paper: what stands at its head, and its lines. ``currency`` is the chain's."""

    entity = Invoice

    supplier_id = SupplierField(_l("Supplier"))
    store_id = StoreField(_l("Store"))
    kind = EnumField(_l("Kind"), InvoiceKind, default=InvoiceKind.INVOICE)
    invoice_number = TextField(
        _l("Number"), [AtMost(MAX_NUMBER)], description=_l("As the paper has it; nothing where it has none.")
    )
    invoice_date = DayField(_l("Date"), [Required()], render_kw={"inputmode": "numeric"})
    due_date = DayField(_l("To be paid by"), render_kw={"inputmode": "numeric"})
    prices_include_vat = PricesField(_l("Prices on the paper"))
    stated_total = MoneyField(_l("Total on the paper"), description=_l("To compare with the lines."))
    currency = CurrencyField(_l("Currency"))
    lines = InvoiceLinesField(_l("Lines"))

    def __init__(self, invoice: Invoice | None, lines: Sequence[InvoiceItem], **given: Any) -> None:
        names().expect(line.inventory_item_id for line in lines)
        super().__init__(obj=invoice, lines=lines, **given)
        # Neither is missed where a paper has none.
        for field in (self.invoice_number, self.stated_total):
            field.flags.either_or = True
        self.lines.reckon()
        self._recognise()

    def process(self, formdata: Any = None, obj: Any = None, data: Any = None, **options: Any) -> None:
        """What the paper says of all rows is known before the rows are made."""
        sent = self.meta.wrap_formdata(self, formdata) if self.is_submitted() else None
        told = {name: sent.get(name) if sent else options.get(name) for name in ("kind", "currency")}
        prices = sent.get("prices_include_vat", "") if sent else options.get("prices_include_vat", True)
        if obj is not None and not sent:
            told, prices = {"kind": obj.kind, "currency": obj.currency}, obj.prices_include_vat
        self._fields["lines"].reckon_in(
            told["currency"] or "",
            includes_vat=prices in (True, "1"),
            is_credit=told["kind"] == InvoiceKind.CREDIT_NOTE,
        )
        super().process(formdata, obj, data, **options)

    def begin(self, told: Sequence[dict[str, str]]) -> None:
        """Rows to begin with: those of another paper, or an empty one."""
        self.lines.begin(told)
        self._recognise()

    def redrawn(self) -> bool:
        """Rows that were just added are looked at, too."""
        was_redrawn = super().redrawn()
        self._recognise()
        return was_redrawn

    def _recognise(self) -> None:
        """What the supplier's words are known for, and the units that each item is bought in."""
        rows = [row.form for row in self.lines.rows]
        asked = [row for row in rows if row.description.data and not row.inventory_item_id.data]
        supplier_id = self.supplier_id.data
        if supplier_id is not None and asked:
            known = recognise(supplier_id, [(row.description.data, row.unit_id.data) for row in asked])
            for row in asked:
                row.known = known.get((row.description.data, row.unit_id.data))
        items = {row.item_id for row in rows if row.item_id is not None}
        names().expect(items)
        packs = packs_of(items)
        for row in rows:
            row.packs = packs.get(row.item_id, [])

    def validate(self, extra_validators: Any = None) -> bool:
        """Each field, and that there is a line; a credit note gives money back."""
        valid = super().validate(extra_validators)
        told = [row for row in self.lines.rows if not row.form.is_blank or row.form.line]
        if not told:
            self.lines.errors, valid = [*self.lines.errors, _("Write at least one row.")], False
        elif valid and self.kind.data == InvoiceKind.CREDIT_NOTE and self.paper().total > 0:
            self.lines.errors, valid = [_("A credit note gives back more than it takes: look at the signs.")], False
        return valid

    def validate_invoice_number(self, field: Field) -> None:
        """Signs alone are no number, but for a dash, which says that there is none."""
        told = field.data or ""
        if told and told not in NO_NUMBER and not any(sign.isalnum() for sign in told):
            raise ValidationError(_("Write the number, or nothing where the paper has none."))

    def validate_invoice_date(self, field: Field) -> None:
        """A day that papers of today may have."""
        if field.data is not None and (fault := fault_of_day(field.data, utc_now().date())):
            raise ValidationError(fault)

    def find_doubt(self) -> str | None:
        """What is rarely meant, and lines that count already."""
        doubts = [
            _("It is to be paid before its own date.") if self._is_due_before() else None,
            _("Its lines count already: prices will be reckoned anew.") if self._changes_what_counts() else None,
        ]
        told = " ".join(filter(None, doubts))
        return _("%(doubt)s Send it once more if that is meant.", doubt=told) if told else None

    def _is_due_before(self) -> bool:
        dated, due = self.invoice_date.data, self.due_date.data
        return isinstance(dated, date) and isinstance(due, date) and due < dated

    def _changes_what_counts(self) -> bool:
        invoice = self.row
        if not isinstance(invoice, Invoice) or invoice.status == InvoiceStatus.DRAFT:
            return False
        kept = [row for row in self.lines.rows if row.form.line]
        stored = {row.form.line.id for row in kept}
        added = len(self.lines.data) - len(kept)
        removed = any(line.id not in stored for line in self.lines.stored)
        return bool(added or removed or any(_is_changed(row.form) for row in kept))

    def paper(self, document_id: UUID | None = None, duplicate_reason: str | None = None) -> Paper:
        """What was filled in, as a paper."""
        return Paper(
            supplier_id=self.supplier_id.data,
            store_id=self.store_id.data,
            number=self.invoice_number.data or "",
            invoice_date=self.invoice_date.data,
            due_date=self.due_date.data,
            kind=str(self.kind.data),  # type: ignore[arg-type]
            currency=self.currency.data,
            prices_include_vat=self.prices_include_vat.data,
            stated_total=self._signed(self.stated_total.data),
            lines=lines_of(self.lines.rows, is_credit=self.kind.data == InvoiceKind.CREDIT_NOTE),
            document_id=document_id,
            duplicate_reason=duplicate_reason,
        )

    def _signed(self, total: Decimal | None) -> Decimal | None:
        is_credit = total is not None and self.kind.data == InvoiceKind.CREDIT_NOTE
        return -abs(total) if total is not None and is_credit else total

    @property
    def totals(self) -> PaperTotals:
        """What the rows come to as they are filled in, beside what the paper says."""
        is_credit = self.kind.data == InvoiceKind.CREDIT_NOTE
        stated = self._signed(sane(self.stated_total))
        return PaperTotals.of(self.lines.rows, self.currency.data, stated, is_credit=is_credit)


def _is_changed(row: Any) -> bool:
    return any(row[name].data != getattr(row.line, name) for name in row.line.__filled__)


class ReasonForm(PortalForm):
    """Why a paper that looks like another one is entered all the same; it is sent with the paper's own form."""

    duplicate_kind = RadioField(
        _l("Why it is entered all the same"),
        choices=options([(each, each.label) for each in PRESET_REASONS]),
        validators=[Optional()],
    )
    duplicate_words = TextField(_l("In other words"), [AtMost(MAX_REASON)])

    @property
    def reason(self) -> str | None:
        """The words, else the word of the choice."""
        chosen = self.duplicate_kind.data
        return self.duplicate_words.data or (chosen if chosen in PRESET_REASONS else None)


class CancellationForm(PortalForm):
    """Why an invoice is cancelled."""

    reason = LongTextField(_l("Why it is cancelled"), [Required(), AtMost(MAX_REASON)], render_kw={"rows": 2})


class DecisionForm(PortalForm):
    """What becomes of an exception, and why."""

    state = RadioField(
        _l("Decision"),
        choices=options([(state, state.label) for state in ExceptionState if state != ExceptionState.OPEN]),
        validators=[Required(_l("Choose what becomes of it."))],
    )
    reason = TextField(_l("Reason"), [Required(), AtMost(MAX_REASON)])
