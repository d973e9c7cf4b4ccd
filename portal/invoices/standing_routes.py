"""How far an invoice has come: paid or not, and cancelled with a reason."""

from uuid import UUID

from flask import Blueprint, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.invoices.entry_page import brought_back
from portal.invoices.forms import CancellationForm, ReasonForm
from portal.invoices.models import Invoice
from portal.invoices.words import InvoiceStatus
from portal.tenancy.finding import get_or_404
from portal.web.fragments import form_page, redirect_after_post, toast, undo
from portal.web.proofs import shows_form

invoice_standing = Blueprint("invoice_standing", __name__, url_prefix="/invoices/<uuid:invoice_id>")
EDIT = Permission.INVOICES_EDIT


@invoice_standing.post("/payment")
@requires(EDIT)
def pay(invoice_id: UUID) -> Response:
    """Note that it was paid."""
    invoice = get_or_404(Invoice, invoice_id)
    if invoice.mark_paid():
        way_back = undo(url_for(".pay", invoice_id=invoice.id), [invoice], {"_method": "DELETE"})
        toast(_("%(name)s is noted as paid.", name=invoice.display_name), **way_back)
    return _to(invoice)


@invoice_standing.delete("/payment")
@requires(EDIT)
def take_payment_back(invoice_id: UUID) -> Response:
    """It was not paid after all."""
    invoice = get_or_404(Invoice, invoice_id)
    if invoice.mark_unpaid():
        toast(_("%(name)s is not noted as paid any more.", name=invoice.display_name))
    return _to(invoice)


@invoice_standing.route("/cancellation", methods=["GET", "POST"])
@requires(EDIT)
def cancel(invoice_id: UUID) -> Response:
    """Cancel an invoice, and say why; what that changes is told before."""
    invoice = get_or_404(Invoice, invoice_id)
    if invoice.status is InvoiceStatus.CANCELLED:
        return redirect(_address(invoice), 303)
    form = CancellationForm(row=invoice)
    if form.accepted():
        invoice.cancel(form.reason.data or "")
        toast(_("%(name)s is cancelled; the prices that it brought are taken back.", name=invoice.display_name))
        return _to(invoice)
    return form_page("invoices/cancel.html", form, invoice=invoice, here=_address(invoice))


@invoice_standing.delete("/cancellation")
@requires(EDIT)
@shows_form
def bring_back(invoice_id: UUID) -> Response:
    """Bring a cancelled invoice back with its prices; asked first where another took its place."""
    return brought_back(get_or_404(Invoice, invoice_id), ReasonForm())


def _to(invoice: Invoice) -> Response:
    return redirect_after_post(_address(invoice))


def _address(invoice: Invoice) -> str:
    return url_for("account.invoices.show", invoice_id=invoice.id)
