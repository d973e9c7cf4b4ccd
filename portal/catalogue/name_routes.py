"""What suppliers call an item, and the prices that were agreed."""

from uuid import UUID

from flask import Blueprint, abort, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.catalogue.forms import SupplierItemForm
from portal.catalogue.models import InventoryItem
from portal.catalogue.names import SupplierItem
from portal.tenancy.finding import get_or_404
from portal.web.fragments import form_page, redirect_after_post, toast

supplier_items = Blueprint("supplier_items", __name__, url_prefix="/items/<uuid:inventory_item_id>/names")
EDIT = Permission.CATALOGUE_EDIT


@supplier_items.route("/new", methods=["GET", "POST"])
@requires(EDIT)
def new(inventory_item_id: UUID) -> Response:
    """Say what a supplier calls the item."""
    item = get_or_404(InventoryItem, inventory_item_id)
    form = SupplierItemForm()
    if form.accepted():
        name = SupplierItem(inventory_item_id=item.id, **form.values())
        name.open()
        toast(_("“%(name)s” is known as %(item)s from now on.", name=name.description, item=item.name))
        return _to_item(item)
    return form_page("items/name.html", form, item=item, name=None)


@supplier_items.route("/<uuid:supplier_item_id>/edit", methods=["GET", "POST"])
@requires(EDIT)
def edit(inventory_item_id: UUID, supplier_item_id: UUID) -> Response:
    """Change what a supplier calls the item, or what was agreed."""
    item, name = _found(inventory_item_id, supplier_item_id)
    form = SupplierItemForm(obj=name)
    if form.accepted():
        name.edit(**form.values())
        toast(_("%(name)s was saved.", name=name.display_name))
        return _to_item(item)
    return form_page("items/name.html", form, item=item, name=name)


@supplier_items.delete("/<uuid:supplier_item_id>")
@requires(EDIT)
def remove(inventory_item_id: UUID, supplier_item_id: UUID) -> Response:
    """Forget that a supplier calls the item so."""
    item, name = _found(inventory_item_id, supplier_item_id)
    # With the name would go what was agreed.
    name.agreed_price is None or may(Permission.CATALOGUE_SET_UP) or abort(403)
    name.remove()
    toast(_("“%(name)s” is not recognised any more.", name=name.description))
    return _to_item(item)


def _found(item_id: UUID, name_id: UUID) -> tuple[InventoryItem, SupplierItem]:
    item, name = get_or_404(InventoryItem, item_id), get_or_404(SupplierItem, name_id)
    if name.inventory_item_id != item.id:
        abort(404)
    return item, name


def _to_item(item: InventoryItem) -> Response:
    return redirect_after_post(url_for("account.items.show", inventory_item_id=item.id) + "#names")
