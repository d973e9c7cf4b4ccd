"""The journal of stock: every movement, what was entered together, and taking it back."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.accounts.export import recorded_export
from portal.db.states import MoveRefused
from portal.inventory.booking import undo
from portal.inventory.listing import MOVEMENTS
from portal.inventory.models import StockMovement
from portal.inventory.stock_page import MovementPage
from portal.tenancy.finding import get_or_404
from portal.web.costly import costly
from portal.web.fragments import list_page, redirect_after_post, toast
from portal.web.listing import read_page
from portal.web.navigation import belong_to

movements = Blueprint("movements", __name__, url_prefix="/stock/movements")
movements.before_request(belong_to("supply"))
SEE, EDIT = Permission.STOCK_SEE, Permission.STOCK_EDIT


@movements.get("")
@requires(SEE)
def index() -> str:
    """The journal, the latest first."""
    page = read_page(MOVEMENTS, request.args, url_for(".index"))
    words = {"may_choose": False, "add_url": None, "off_label": "", "off_class": "", "begins": (None, None)}
    return list_page(page, "inventory/movements.html", **words)


@movements.get("/export")
@requires(SEE)
@costly
def export() -> Response:
    """The journal as a file."""
    return recorded_export(MOVEMENTS, request.args)


@movements.get("/<uuid:stock_movement_id>")
@requires(SEE)
def show(stock_movement_id: UUID) -> str:
    """One movement, and what was entered together with it."""
    page = MovementPage(get_or_404(StockMovement, stock_movement_id))
    return render_template("inventory/movement.html", page=page, movement=page.movement)


@movements.post("/<uuid:stock_movement_id>/undoing")
@requires(EDIT)
def take_back(stock_movement_id: UUID) -> Response:
    """Book the opposite of the movement and of all that was entered together with it."""
    page = MovementPage(get_or_404(StockMovement, stock_movement_id))
    if (reason := page.reason_to_stay) is not None:
        raise MoveRefused(reason)
    undo(page.movement.group_id)
    toast(_("It is taken back. Both stay in the journal."))
    return redirect_after_post(url_for(".show", stock_movement_id=stock_movement_id))
