"""Pages of stores."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.audit.export import recorded_export
from portal.audit.history import history_of
from portal.equipment.models import StoreEquipment, Totals
from portal.stores.forms import StoreForm
from portal.stores.listing import STORES
from portal.stores.models import Store
from portal.stores.queries import offered_restaurants
from portal.tenancy.finding import chosen_rows, get_or_404
from portal.web.fragments import form_page, list_page, redirect_after_post, redirect_back, toast, undo
from portal.web.listing import read_page
from portal.web.values import uuid_or_none

stores = Blueprint("stores", __name__, url_prefix="/stores")


@stores.get("")
@requires(Permission.RESTAURANTS_SEE)
def index() -> str:
    """The list."""
    return list_page(read_page(STORES, request.args, url_for(".index")), "stores/index.html")


@stores.get("/export")
@requires(Permission.RESTAURANTS_SEE)
def export() -> Response:
    """The list as CSV."""
    return recorded_export(STORES, request.args)


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
        return redirect_after_post(url_for(".show", store_id=store.id))
    return form_page("stores/new.html", form)


@stores.get("/<uuid:store_id>")
@requires(Permission.RESTAURANTS_SEE)
def show(store_id: UUID) -> str:
    """One store, what stands in it and its latest changes."""
    store = get_or_404(Store, store_id)
    equipment = StoreEquipment.of_store(store)
    return render_template(
        "stores/show.html",
        store=store,
        equipment=equipment,
        totals=Totals.of_list(equipment),
        history=history_of(store),
    )


@stores.route("/<uuid:store_id>/edit", methods=["GET", "POST"])
@requires(Permission.RESTAURANTS_EDIT)
def edit(store_id: UUID) -> Response:
    """Change a store."""
    store = get_or_404(Store, store_id)
    form = StoreForm(obj=store)
    form.offer(offered_restaurants(also=store.restaurant_id))
    if form.accepted():
        store.edit(**form.values())
        toast(_("%(name)s was saved.", name=store.name))
        return redirect_after_post(url_for(".show", store_id=store.id))
    return form_page("stores/edit.html", form, store=store)


@stores.post("/archival")
@requires(Permission.RESTAURANTS_EDIT)
def archive() -> Response:
    """Archive the chosen stores."""
    archived = [store for store in chosen_rows(Store) if store.archive()]
    toast(
        ngettext("%(num)s store was archived.", "%(num)s stores were archived.", len(archived)),
        **undo(url_for(".restore"), archived, {"_method": "DELETE"}),
    )
    return redirect_back(url_for(".index"))


@stores.delete("/archival")
@requires(Permission.RESTAURANTS_EDIT)
def restore() -> Response:
    """Restore the chosen stores."""
    restored = [store for store in chosen_rows(Store) if store.restore()]
    toast(
        ngettext("%(num)s store was restored.", "%(num)s stores were restored.", len(restored)),
        **undo(url_for(".archive"), restored),
    )
    return redirect_back(url_for(".index"))
