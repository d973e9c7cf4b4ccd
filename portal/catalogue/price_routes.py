"""Pages of prices: all of them, and one with how it came about."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.accounts.export import recorded_export
from portal.catalogue.listing import PRICES
from portal.catalogue.price_page import PriceView, names_of_filters
from portal.catalogue.prices import ItemPrice
from portal.tenancy.finding import get_or_404
from portal.web.costly import costly
from portal.web.fragments import list_page
from portal.web.listing import read_page

prices = Blueprint("prices", __name__, url_prefix="/prices")
SEE = Permission.CATALOGUE_SEE


@prices.get("")
@requires(SEE)
def index() -> str:
    """The prices that stand, the newest first."""
    page = read_page(PRICES, request.args, url_for(".index"))
    words = {"may_choose": False, "add_url": None, "off_label": "", "off_class": ""}
    return list_page(page, "prices/index.html", named=names_of_filters(page), **words)


@prices.get("/export")
@requires(SEE)
@costly
def export() -> Response:
    """What the filters show as CSV."""
    return recorded_export(PRICES, request.args)


@prices.get("/<uuid:item_price_id>")
@requires(SEE)
def show(item_price_id: UUID) -> str:
    """One price beside the one before, both with their papers."""
    price = PriceView.find(get_or_404(ItemPrice, item_price_id))
    return render_template("prices/show.html", price=price)
