"""Pages of stock: what stores hold, one item in a store, and what the fields of items suggest."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.accounts.export import recorded_export
from portal.inventory.listing import STOCK
from portal.inventory.models import StockBalance
from portal.inventory.stock_page import StockPage
from portal.invoices.naming_page import suggested_items
from portal.tenancy.finding import get_or_404
from portal.web.costly import costly
from portal.web.fragments import list_page
from portal.web.listing import read_page
from portal.web.navigation import belong_to

stock = Blueprint("stock", __name__, url_prefix="/stock")
stock.before_request(belong_to("supply"))
SEE, RECEIVE = Permission.STOCK_SEE, Permission.STOCK_RECEIVE


@stock.get("")
@requires(SEE)
def index() -> str:
    """What stores hold."""
    page = read_page(STOCK, request.args, url_for(".index"))
    words = {"may_choose": False, "add_url": None, "off_label": "", "off_class": ""}
    begins = (_("Start a count"), url_for("account.stocktakes.new")) if may(RECEIVE) else None
    return list_page(page, "inventory/index.html", begins=begins, **words)


@stock.get("/export")
@requires(SEE)
@costly
def export() -> Response:
    """The list as a file."""
    return recorded_export(STOCK, request.args)


@stock.get("/items")
@requires(RECEIVE)
def items() -> str:
    """What the field of an item suggests for what was typed in it."""
    typed = next((value for key, value in request.args.items() if key.endswith("inventory_item_id")), "")
    return render_template("invoices/_items.html", items=suggested_items(typed))


@stock.get("/<uuid:inventory_stock_id>")
@requires(SEE)
def show(inventory_stock_id: UUID) -> str:
    """One item in one store: lots, what they come to and why, the latest movements."""
    page = StockPage(get_or_404(StockBalance, inventory_stock_id))
    return render_template("inventory/show.html", page=page, balance=page.balance, item=page.item)
