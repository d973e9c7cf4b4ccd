"""Entering and changing a paper: the form, what it begins with, and the question whether it is there already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import abort, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.accounts.models import Account
from portal.db.amounts import format_money
from portal.documents.models import Document
from portal.invoices.amount_page import rate_text
from portal.invoices.changing import change, restore
from portal.invoices.duplicates import DuplicateFound
from portal.invoices.duplicates_page import DuplicatesPage
from portal.invoices.entering import enter
from portal.invoices.forms import InvoiceForm, ReasonForm
from portal.invoices.models import Invoice, InvoiceItem
from portal.invoices.naming_page import names
from portal.invoices.paper import Paper
from portal.invoices.queries import lines_of
from portal.invoices.words import InvoiceKind, InvoiceSource, InvoiceStatus
from portal.tenancy.finding import get_or_404
from portal.web.fragments import document_page, form_page, redirect_after_post, toast
from portal.web.lines import MAX_ROWS
from portal.web.merging import hold
from portal.web.numbers import typed
from portal.web.values import uuid_or_none

AS_DRAFT = "as_draft"


@dataclass
class Entry:
    """One paper in its form: a new one, or ``invoice``; ``document`` is the file that it is typed from."""

    form: InvoiceForm
    invoice: Invoice | None = None
    document: Document | None = None
    reason: ReasonForm = field(default_factory=ReasonForm)

    @classmethod
    def of_new(cls, args: Mapping[str, str]) -> "Entry":
        """A new paper, filled in with what the address names; 404 where it names what is not there."""
        document = _named(Document, args.get("document_id"))
        credited = _named(Invoice, args.get("credit_of"))
        told: dict[str, Any] = {"currency": Account.current().currency, "kind": InvoiceKind.INVOICE}
        told |= {key: uuid_or_none(args.get(key)) for key in ("supplier_id", "store_id")}
        if document is not None:
            told |= {"supplier_id": document.supplier_id, "store_id": document.store_id}
        if credited is not None:
            same = ("supplier_id", "store_id", "currency", "prices_include_vat")
            told |= {key: getattr(credited, key) for key in same} | {"kind": InvoiceKind.CREDIT_NOTE}
        form = InvoiceForm(None, [], **told)
        if not form.is_submitted():
            form.begin(_returned(stored_lines(credited)) if credited is not None else [])
        return cls(form, document=document)

    def answer(self) -> Response:
        """What follows from the request: the form, its rows alone, the question, or the paper's own page."""
        if self.form.redrawn():
            return document_page(
                "invoices/edit.html",
                self.form,
                rows="invoices/_lines.html",
                amounts="invoices/_amounts.html",
                **self._context(),
            )
        if self.form.accepted():
            try:
                return self._kept(self._keep())
            except DuplicateFound as found:
                return self._page(DuplicatesPage(found, self.paper(), self.document))
        return self._page()

    def paper(self) -> Paper:
        """What was filled in, and the reason that was given."""
        document_id = self.invoice.document_id if self.invoice else self.document.id if self.document else None
        return self.form.paper(document_id, self.reason.reason)

    def _keep(self) -> Invoice:
        as_draft = AS_DRAFT in request.form
        if self.invoice is None:
            return enter(self.paper(), as_draft=as_draft)
        change(self.invoice, self.paper(), as_draft=as_draft)
        return self.invoice

    def _kept(self, invoice: Invoice) -> Response:
        """To the paper's page; why it is only a draft is said."""
        if invoice.status == InvoiceStatus.DRAFT and AS_DRAFT not in request.form:
            totals = self.form.totals
            told = {"paper": totals.stated, "lines": totals.total}
            words = {name: format_money(amount, invoice.currency) for name, amount in told.items()}
            text = _("Kept as a draft: the paper says %(paper)s, its lines come to %(lines)s.", **words)
            toast(text, tone="warn")
        else:
            toast(_("%(name)s was saved.", name=invoice.display_name))
        return redirect_after_post(url_for("account.invoices.show", invoice_id=invoice.id))

    def _page(self, found: DuplicatesPage | None = None) -> Response:
        if found is None:
            return form_page("invoices/edit.html", self.form, **self._context())
        return make_response(render_template("invoices/edit.html", form=self.form, **self._context(found)), 409)

    def _context(self, found: DuplicatesPage | None = None) -> dict[str, Any]:
        return {"invoice": self.invoice, "document": self.document, "found": found, "reason": self.reason}


def changed(invoice: Invoice) -> Response:
    """The form of a stored paper; of one that is read only its page, and why."""
    # Held before its lines are read: somebody else may be changing them.
    hold(invoice)
    lines = stored_lines(invoice)
    if (reason := reason_to_stay(invoice, len(lines))) is None:
        return Entry(InvoiceForm(invoice, lines), invoice).answer()
    toast(reason, tone="warn")
    return redirect_after_post(url_for("account.invoices.show", invoice_id=invoice.id))


def reason_to_stay(invoice: Invoice, count: int) -> str | None:
    """Why a paper of so many lines is read only, in words; ``None`` where it may be changed."""
    if invoice.status == InvoiceStatus.CANCELLED:
        return _("%(name)s is cancelled, and stays as it is. Enter the paper anew.", name=invoice.display_name)
    if invoice.source == InvoiceSource.IIKO:
        return _("%(name)s comes from iiko. Change it there: it follows by itself.", name=invoice.display_name)
    if count > MAX_ROWS:
        return _("This paper has more than %(number)s rows. Cancel it and import its file anew.", number=MAX_ROWS)
    return None


def brought_back(invoice: Invoice, reason: ReasonForm) -> Response:
    """To the page of a cancelled invoice that counts again, or the question whether it is there already."""
    here = url_for("account.invoices.show", invoice_id=invoice.id)
    try:
        is_back = restore(invoice, reason.reason)
    except DuplicateFound as found:
        told = {"invoice": invoice, "found": DuplicatesPage(found, found.paper), "reason": reason, "here": here}
        return make_response(render_template("invoices/restore.html", **told), 409)
    if is_back:
        toast(_("%(name)s counts again, with the prices that it brought.", name=invoice.display_name))
    return redirect_after_post(here)


def _named(entity: Any, text: str | None) -> Any:
    """The row that the address names; 404 for what is no id, as for another's."""
    if not text:
        return None
    return get_or_404(entity, uuid_or_none(text) or abort(404))


def _returned(lines: Sequence[InvoiceItem]) -> list[dict[str, str]]:
    """The lines of a paper as they are given back: as if they had been typed."""
    known = names()
    known.expect(line.inventory_item_id for line in lines)
    found = []
    for line in lines:
        item, unit = known.item_of(line.inventory_item_id), known.unit_of(line.unit_id)
        found.append(
            {
                "description": line.description,
                "inventory_item_id": item.name if item is not None and item.is_active else "",
                "quantity": typed(-line.quantity),
                "unit_id": unit.name if unit is not None else "",
                "unit_price": typed(line.unit_price),
                "vat_rate": rate_text(line.vat_rate),
                "line_total": typed(-line.line_total),
                "discount": typed(-line.discount) if line.discount else "",
                "vat_amount": typed(-line.vat_amount) if line.vat_rate is not None else "",
            }
        )
    return found


def stored_lines(invoice: Invoice) -> list[InvoiceItem]:
    """The lines of one paper."""
    return lines_of([invoice.id])[invoice.id]
