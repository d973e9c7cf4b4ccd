"""Pages of stores."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.audit.history import history_of
from portal.records.routes import archivable_routes
from portal.stores.forms import StoreForm
from portal.stores.listing import STORES
from portal.stores.models import Store
from portal.stores.queries import offered_restaurants
from portal.tenancy.finding import find
from portal.web.fragments import form_page, see_other, toast
from portal.web.values import uuid_or_none

stores = Blueprint("stores", __name__, url_prefix="/stores")
archivable_routes(stores, STORES, see=Permission.RESTAURANTS_SEE, edit=Permission.RESTAURANTS_EDIT)


@stores.route("/new", methods=["GET", "POST"])
@requires(Permission.RESTAURANTS_EDIT)
def new() -> Response:
    """Add a store; ``restaurant_id`` in the address chooses its restaurant beforehand."""
    wanted = uuid_or_none(request.args.get("restaurant_id"))
    form = StoreForm(restaurant_id=str(wanted or ""))
    form.offer(offered_restaurants(also=wanted))
    if form.accepted():
        store = Store(**form.values())
        store.open()
        toast(_("%(name)s was added.", name=store.name))
        return see_other(url_for(".show", store_id=store.id))
    return form_page("stores/new.html", form)


@stores.get("/<uuid:store_id>")
@requires(Permission.RESTAURANTS_SEE)
def show(store_id: UUID) -> str:
    """One store and its latest changes."""
    store = find(Store, store_id)
    return render_template("stores/show.html", store=store, history=history_of(store))


@stores.route("/<uuid:store_id>/edit", methods=["GET", "POST"])
@requires(Permission.RESTAURANTS_EDIT)
def edit(store_id: UUID) -> Response:
    """Change a store."""
    store = find(Store, store_id)
    form = StoreForm(obj=store)
    form.offer(offered_restaurants(also=store.restaurant_id))
    if form.accepted():
        store.edit(**form.values())
        toast(_("%(name)s was saved.", name=store.name))
        return see_other(url_for(".show", store_id=store.id))
    return form_page("stores/edit.html", form, store=store)
