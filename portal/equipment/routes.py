"""The equipment of a store: its form with lines, and its CSV. It is shown on the store's own page."""

from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.accounts.export import recorded_export
from portal.accounts.models import Account
from portal.equipment.forms import EquipmentForm
from portal.equipment.listing import EQUIPMENT
from portal.equipment.models import StoreEquipment
from portal.stores.models import Store
from portal.tenancy.finding import get_or_404
from portal.web.costly import costly
from portal.web.fragments import document_page, form_page, redirect_after_post, toast
from portal.web.merging import will_save

equipment = Blueprint("equipment", __name__, url_prefix="/stores/<uuid:store_id>/equipment")


@equipment.route("/edit", methods=["GET", "POST"])
@requires(Permission.RESTAURANTS_EDIT)
def edit(store_id: UUID) -> Response:
    """Change the list as a whole; the buttons of its rows only show it again."""
    store = get_or_404(Store, store_id)
    lines = StoreEquipment.of_store(store, to_change=will_save())
    form = EquipmentForm(store, lines, Account.current().currency)
    if form.redrawn():
        return document_page(
            "equipment/edit.html", form, rows="equipment/_lines.html", amounts="equipment/_amounts.html", store=store
        )
    if form.accepted():
        StoreEquipment.change_list(store, lines, form.lines.data, form.currency)
        toast(_("The equipment of %(name)s was saved.", name=store.name))
        return redirect_after_post(url_for("account.stores.show", store_id=store.id))
    return form_page("equipment/edit.html", form, store=store)


@equipment.get("/export")
@requires(Permission.RESTAURANTS_SEE)
@costly
def export(store_id: UUID) -> Response:
    """The list as CSV."""
    store = get_or_404(Store, store_id)
    return recorded_export(EQUIPMENT, request.args, store.id)
