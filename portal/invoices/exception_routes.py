"""What about invoices waits for a decision: the list by money at stake, and the decision with its reason."""

from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.access.redirects import safe_path
from portal.accounts.export import recorded_export
from portal.invoices.alert_page import alerts
from portal.invoices.duplicates_page import beside
from portal.invoices.forms import DecisionForm
from portal.invoices.listing import EXCEPTIONS
from portal.invoices.models import Invoice, InvoiceException
from portal.invoices.words import ExceptionState
from portal.tenancy.finding import get_or_404
from portal.web.costly import costly
from portal.web.fragments import form_page, list_page, redirect_after_post, toast
from portal.web.listing import read_page
from portal.web.proofs import shows_form

exceptions = Blueprint("exceptions", __name__, url_prefix="/invoices/exceptions")
SEE, EDIT = Permission.INVOICES_SEE, Permission.INVOICES_EDIT


@exceptions.get("")
@requires(SEE)
def index() -> str:
    """The list, what costs most first."""
    page = read_page(EXCEPTIONS, request.args, url_for(".index"))
    return list_page(page, "invoices/exceptions/index.html", may_choose=False, add_url=None, off_label="", off_class="")


@exceptions.get("/export")
@requires(SEE)
@costly
def export() -> Response:
    """The list as a file."""
    return recorded_export(EXCEPTIONS, request.args)


@exceptions.get("/<uuid:invoice_exception_id>")
@requires(SEE)
def show(invoice_exception_id: UUID) -> Response:
    """One exception with its papers, and the form of the decision for those who decide."""
    return _page(get_or_404(InvoiceException, invoice_exception_id))


@exceptions.post("/<uuid:invoice_exception_id>/decision")
@requires(EDIT)
@shows_form
def decide(invoice_exception_id: UUID) -> Response:
    """Decide, and say why; a later decision takes the place of an earlier one."""
    exception = get_or_404(InvoiceException, invoice_exception_id)
    form = DecisionForm(row=exception)
    if not form.accepted():
        return _page(exception, form)
    exception.decide(ExceptionState(form.state.data), form.reason.data or "")
    toast(_("Decided: %(state)s.", state=exception.state.label))
    return redirect_after_post(_back())


def _page(exception: InvoiceException, form: DecisionForm | None = None) -> Response:
    [alert] = alerts([exception], exception.invoice.currency)
    form = form or DecisionForm(formdata=None)
    other = get_or_404(Invoice, alert.other.id) if alert.other else None
    sides = beside(exception.invoice, other) if other and other.id != exception.invoice_id else ()
    told = {"exception": exception, "invoice": exception.invoice, "alert": alert, "sides": sides, "back": _back()}
    return form_page("invoices/exceptions/show.html", form, **told)


def _back() -> str:
    """The page that the decision was asked for on: the invoice, else the list."""
    return safe_path(request.args.get("then")) or url_for(".index")
