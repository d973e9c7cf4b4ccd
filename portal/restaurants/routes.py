"""Pages of restaurants."""

from uuid import UUID

from flask import Blueprint, render_template
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.audit.history import history_of
from portal.deliveries.latest import LatestDeliveries
from portal.iiko.sync.sides import Side, pin_note
from portal.inventory.standing import StockStanding
from portal.invoices.places import supply_of_restaurant
from portal.onboarding.standing import PEOPLE_OF_RESTAURANT, standing_badge
from portal.purchase_orders.expected import ExpectedOrders
from portal.records.pages import added, record_form, saved
from portal.records.routes import archivable_routes
from portal.restaurants.forms import RestaurantForm
from portal.restaurants.listing import RESTAURANTS
from portal.restaurants.models import Restaurant
from portal.restaurants.page import restaurant_or_404
from portal.stores.queries import stores_of
from portal.tenancy.finding import get_or_404, require_whole_account

restaurants = Blueprint("restaurants", __name__, url_prefix="/restaurants")
SEE, EDIT = Permission.RESTAURANTS_SEE, Permission.RESTAURANTS_EDIT
archivable_routes(restaurants, RESTAURANTS, see=SEE, edit=EDIT, whole_account=True, importable=True)


@restaurants.route("/new", methods=["GET", "POST"])
@requires(EDIT)
def new() -> Response:
    """Add a restaurant."""
    require_whole_account()
    form = RestaurantForm()
    if form.accepted():
        restaurant = Restaurant(**form.values())
        restaurant.open()
        return added(restaurant)
    return record_form(form)


@restaurants.get("/<uuid:restaurant_id>")
@requires(SEE)
def show(restaurant_id: UUID) -> str:
    """One restaurant, its stores, its people and its latest changes."""
    restaurant, people = restaurant_or_404(restaurant_id)
    return render_template(
        "restaurants/show.html",
        restaurant=restaurant,
        people=people,
        stores=stores_of(restaurant.id),
        employees=PEOPLE_OF_RESTAURANT.all(place=restaurant.id) if may(Permission.STAFF_SEE) else [],
        standing_badge=standing_badge,
        supply=supply_of_restaurant(restaurant.id) if may(Permission.INVOICES_SEE) else [],
        side=Side.of(restaurant, Restaurant),
        history=history_of(restaurant),
        stock=StockStanding.of(restaurant_id=restaurant.id),
        expected=ExpectedOrders.of(restaurant_id=restaurant.id),
        deliveries=LatestDeliveries.of(restaurant_id=restaurant.id),
    )


@restaurants.route("/<uuid:restaurant_id>/edit", methods=["GET", "POST"])
@requires(EDIT)
def edit(restaurant_id: UUID) -> Response:
    """Change a restaurant."""
    restaurant = get_or_404(Restaurant, restaurant_id)
    form = RestaurantForm(obj=restaurant)
    if form.accepted():
        restaurant.edit(**form.values())
        return saved(restaurant)
    return record_form(form, restaurant, note=pin_note(restaurant))
