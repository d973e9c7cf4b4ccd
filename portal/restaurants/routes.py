"""Pages of restaurants."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.audit.export import recorded_export
from portal.audit.history import history_of
from portal.restaurants.forms import RestaurantForm
from portal.restaurants.listing import RESTAURANTS
from portal.restaurants.models import Restaurant
from portal.restaurants.queries import with_people
from portal.stores.queries import stores_of
from portal.tenancy.finding import chosen_rows, get_or_404, require_whole_account
from portal.web.fragments import form_page, list_page, redirect_after_post, redirect_back, toast, undo
from portal.web.listing import read_page

restaurants = Blueprint("restaurants", __name__, url_prefix="/restaurants")


@restaurants.get("")
@requires(Permission.RESTAURANTS_SEE)
def index() -> str:
    """The list."""
    page = read_page(RESTAURANTS, request.args, url_for(".index"))
    return list_page(page, "restaurants/index.html")


@restaurants.get("/export")
@requires(Permission.RESTAURANTS_SEE)
def export() -> Response:
    """The list as CSV."""
    return recorded_export(RESTAURANTS, request.args)


@restaurants.route("/new", methods=["GET", "POST"])
@requires(Permission.RESTAURANTS_EDIT)
def new() -> Response:
    """Add a restaurant."""
    require_whole_account()
    form = RestaurantForm()
    if form.accepted():
        restaurant = Restaurant(**form.values())
        restaurant.open()
        toast(_("%(name)s was added.", name=restaurant.name))
        return redirect_after_post(url_for(".show", restaurant_id=restaurant.id))
    return form_page("restaurants/new.html", form)


@restaurants.get("/<uuid:restaurant_id>")
@requires(Permission.RESTAURANTS_SEE)
def show(restaurant_id: UUID) -> str:
    """One restaurant, its stores, its people and its latest changes."""
    restaurant = get_or_404(Restaurant, restaurant_id, *with_people())
    return render_template(
        "restaurants/show.html",
        restaurant=restaurant,
        stores=stores_of(restaurant.id),
        history=history_of(restaurant),
    )


@restaurants.route("/<uuid:restaurant_id>/edit", methods=["GET", "POST"])
@requires(Permission.RESTAURANTS_EDIT)
def edit(restaurant_id: UUID) -> Response:
    """Change a restaurant."""
    restaurant = get_or_404(Restaurant, restaurant_id)
    form = RestaurantForm(obj=restaurant)
    if form.accepted():
        restaurant.edit(**form.values())
        toast(_("%(name)s was saved.", name=restaurant.name))
        return redirect_after_post(url_for(".show", restaurant_id=restaurant.id))
    return form_page("restaurants/edit.html", form, restaurant=restaurant)


@restaurants.post("/archival")
@requires(Permission.RESTAURANTS_EDIT)
def archive() -> Response:
    """Archive the chosen restaurants."""
    archived = [restaurant for restaurant in chosen_rows(Restaurant) if restaurant.archive()]
    toast(
        ngettext("%(num)s restaurant was archived.", "%(num)s restaurants were archived.", len(archived)),
        **undo(url_for(".restore"), archived, {"_method": "DELETE"}),
    )
    return redirect_back(url_for(".index"))


@restaurants.delete("/archival")
@requires(Permission.RESTAURANTS_EDIT)
def restore() -> Response:
    """Restore the chosen restaurants."""
    restored = [restaurant for restaurant in chosen_rows(Restaurant) if restaurant.restore()]
    toast(
        ngettext("%(num)s restaurant was restored.", "%(num)s restaurants were restored.", len(restored)),
        **undo(url_for(".archive"), restored),
    )
    return redirect_back(url_for(".index"))
