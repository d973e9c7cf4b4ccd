"""Pages of stores."""

from uuid import UUID

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.audit.history import history_of
from portal.deliveries.latest import LatestDeliveries
from portal.equipment.models import StoreEquipment, Totals
from portal.iiko.sync.sides import Side, pin_note
from portal.inventory.standing import StockStanding
from portal.invoices.places import supply_of_store
from portal.purchase_orders.expected import ExpectedOrders
from portal.records.pages import added, record_form, saved
from portal.records.routes import archivable_routes
from portal.stores.forms import StoreForm
from portal.stores.listing import STORES
from portal.stores.models import Store
from portal.tenancy.finding import get_or_404
from portal.web.values import uuid_or_none

stores = Blueprint("stores", __name__, url_prefix="/stores")
SEE, EDIT = Permission.RESTAURANTS_SEE, Permission.RESTAURANTS_EDIT
archivable_routes(stores, STORES, see=SEE, edit=EDIT, importable=True)


@stores.route("/new", methods=["GET", "POST"])
@requires(EDIT)
def new() -> Response:
    """Add a store; ``restaurant_id`` in the address chooses its restaurant beforehand."""
    form = StoreForm(restaurant_id=uuid_or_none(request.args.get("restaurant_id")))
    if form.accepted():
        store = Store(**form.values())
        store.open()
        return added(store, restaurant_id=store.restaurant_id)
    return record_form(form)


@stores.get("/<uuid:store_id>")
@requires(SEE)
def show(store_id: UUID) -> str:
    """One store, what stands in it and its latest changes."""
    store = get_or_404(Store, store_id)
    equipment = StoreEquipment.of_store(store)
    return render_template(
        "stores/show.html",
        store=store,
        equipment=equipment,
        supply=supply_of_store(store.id) if may(Permission.INVOICES_SEE) else [],
        side=Side.of(store),
        totals=Totals.of(equipment),
        stock=StockStanding.of(store_id=store.id),
        expected=ExpectedOrders.of(store_id=store.id),
        deliveries=LatestDeliveries.of(store_id=store.id),
        history=history_of(store),
    )


@stores.route("/<uuid:store_id>/edit", methods=["GET", "POST"])
@requires(EDIT)
def edit(store_id: UUID) -> Response:
    """Change a store."""
    store = get_or_404(Store, store_id)
    form = StoreForm(obj=store)
    if form.accepted():
        store.edit(**form.values())
        return saved(store)
    return record_form(form, store, note=pin_note(store))
