"""The page of supply: what waits for somebody, and what it costs."""

from flask import Blueprint, render_template, request
from flask_babel import lazy_gettext as _l

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.deliveries.latest import LatestDeliveries
from portal.purchase_orders.expected import ExpectedOrders
from portal.supply.today_page import SupplyToday, exceptions_url
from portal.web.costly import costly
from portal.web.navigation import section

supply = Blueprint("supply", __name__, url_prefix="/supply")
section(supply, _l("Supply"), "archive", Permission.INVOICES_SEE)


@supply.get("")
@requires(Permission.INVOICES_SEE)
@costly
def home() -> str:
    """What about supply waits for somebody, what rose, and what that has cost."""
    return render_template(
        "supply/home.html",
        today=SupplyToday(request.args.get("days", "")),
        exceptions_url=exceptions_url,
        expected=ExpectedOrders.of(),
        deliveries=LatestDeliveries.of(),
    )
