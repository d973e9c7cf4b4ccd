"""Pages of invoices: the list, one of them, and the form with its lines."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.accounts.export import recorded_export
from portal.invoices.entry_page import Entry, changed
from portal.invoices.invoice_page import InvoicePage
from portal.invoices.listing import INVOICES
from portal.invoices.models import Invoice
from portal.invoices.naming_page import suggested_items
from portal.tenancy.finding import get_or_404
from portal.web.costly import costly
from portal.web.fragments import list_page
from portal.web.listing import read_page

invoices = Blueprint("invoices", __name__, url_prefix="/invoices")
SEE, EDIT = Permission.INVOICES_SEE, Permission.INVOICES_EDIT


@invoices.get("")
@requires(SEE)
def index() -> str:
    """The list."""
    page = read_page(INVOICES, request.args, url_for(".index"))
    add_url, import_url = (url_for(".new"), url_for("account.invoice_files.index")) if may(EDIT) else (None, None)
    words = {"off_label": "", "off_class": "", "add_url": add_url, "import_url": import_url}
    return list_page(page, "invoices/index.html", may_choose=False, **words)


@invoices.get("/export")
@requires(SEE)
@costly
def export() -> Response:
    """The list as a file."""
    return recorded_export(INVOICES, request.args)


@invoices.get("/items")
@requires(EDIT)
def items() -> str:
    """What the field of an item suggests for what was typed in it."""
    typed = next((value for key, value in request.args.items() if key.endswith("inventory_item_id")), "")
    return render_template("invoices/_items.html", items=suggested_items(typed))


@invoices.route("/new", methods=["GET", "POST"])
@requires(EDIT)
def new() -> Response:
    """Enter a paper; ``supplier_id``, ``store_id``, ``document_id`` or ``credit_of`` in the address fill it in."""
    entry = Entry.of_new(request.args)
    return entry.answer()


@invoices.get("/<uuid:invoice_id>")
@requires(SEE)
def show(invoice_id: UUID) -> str:
    """One invoice: the paper, its lines, what waits for a decision, photos and history."""
    page = InvoicePage(get_or_404(Invoice, invoice_id))
    return render_template("invoices/show.html", page=page, invoice=page.invoice, history=page.history)


@invoices.route("/<uuid:invoice_id>/edit", methods=["GET", "POST"])
@requires(EDIT)
def edit(invoice_id: UUID) -> Response:
    """Change a paper; one that is cancelled, or that iiko keeps, is read only."""
    return changed(get_or_404(Invoice, invoice_id))
