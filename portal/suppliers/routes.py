"""Pages of suppliers."""

from uuid import UUID

from flask import Blueprint, render_template
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.audit.history import history_of
from portal.iiko.sync.sides import Side, pin_note
from portal.records.pages import added, record_form, saved
from portal.records.routes import archivable_routes
from portal.suppliers.forms import SupplierForm
from portal.suppliers.listing import SUPPLIERS
from portal.suppliers.models import Supplier
from portal.suppliers.supplier_page import SupplierPage
from portal.tenancy.finding import get_or_404
from portal.web.fragments import toast

suppliers = Blueprint("suppliers", __name__, url_prefix="/suppliers")
SEE, EDIT, SET_UP = Permission.CATALOGUE_SEE, Permission.CATALOGUE_EDIT, Permission.CATALOGUE_SET_UP
archivable_routes(
    suppliers,
    SUPPLIERS,
    see=SEE,
    edit=SET_UP,
    add=EDIT,
    in_navigation=False,
    importable=True,
    template="suppliers/index.html",
)


@suppliers.route("/new", methods=["GET", "POST"])
@requires(EDIT)
def new() -> Response:
    """Add a supplier."""
    form = SupplierForm()
    if form.accepted():
        supplier = Supplier(**form.values())
        supplier.open()
        tell_restored(form)
        return added(supplier)
    return record_form(form)


@suppliers.get("/<uuid:supplier_id>")
@requires(SEE)
def show(supplier_id: UUID) -> str:
    """One supplier: what is bought of it, what waits, its papers and its latest changes."""
    supplier = get_or_404(Supplier, supplier_id)
    return render_template(
        "suppliers/show.html",
        supplier=supplier,
        page=SupplierPage(supplier),
        side=Side.of(supplier),
        history=history_of(supplier),
    )


@suppliers.route("/<uuid:supplier_id>/edit", methods=["GET", "POST"])
@requires(EDIT)
def edit(supplier_id: UUID) -> Response:
    """Change a supplier."""
    supplier = get_or_404(Supplier, supplier_id)
    form = SupplierForm(obj=supplier)
    if form.accepted():
        supplier.edit(**form.values())
        tell_restored(form)
        return saved(supplier)
    return record_form(form, supplier, note=pin_note(supplier))


def tell_restored(form: SupplierForm) -> None:
    """A zero that was put back is shown."""
    if form.tax_id.is_restored:
        toast(_("The ИНН is %(number)s: the zero in front was missing.", number=form.tax_id.data), tone="neutral")
