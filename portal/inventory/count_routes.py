"""Pages of counts: beginning one, counting line by line, looking at what changes, posting it."""

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.accounts.export import recorded_export
from portal.inventory.count_page import CountPage, counted, followed, show_ended
from portal.inventory.counting import CountEnded, StoreIsCounted, abandon_count, add_line, post_count, start_count
from portal.inventory.forms import FoundForm, StartForm
from portal.inventory.listing import COUNTS
from portal.inventory.models import Stocktake, StocktakeItem
from portal.inventory.queries import kept_items
from portal.tenancy.finding import get_or_404
from portal.web.costly import costly
from portal.web.fragments import form_page, list_page, redirect_after_post, toast
from portal.web.listing import read_page
from portal.web.navigation import belong_to
from portal.web.proofs import shows_form
from portal.web.values import uuid_or_none

stocktakes = Blueprint("stocktakes", __name__, url_prefix="/counts")
stocktakes.before_request(belong_to("supply"))
SEE, RECEIVE = Permission.STOCK_SEE, Permission.STOCK_RECEIVE
stocktakes.register_error_handler(CountEnded, show_ended)


@stocktakes.get("")
@requires(SEE)
def index() -> str:
    """The list."""
    page = read_page(COUNTS, request.args, url_for(".index"))
    add_url = url_for(".new") if may(RECEIVE) else None
    return list_page(page, "stocktakes/index.html", may_choose=False, add_url=add_url, off_label="", off_class="")


@stocktakes.get("/export")
@requires(SEE)
@costly
def export() -> Response:
    """The list as a file."""
    return recorded_export(COUNTS, request.args)


@stocktakes.route("/new", methods=["GET", "POST"])
@requires(RECEIVE)
def new() -> Response:
    """Begin a count; ``store_id`` in the address chooses the store. One that is being counted leads to its count."""
    form = StartForm(store_id=uuid_or_none(request.args.get("store_id")))
    if form.accepted():
        store_id = form.store_id.data
        try:
            count = start_count(store_id, kept_items(store_id, form.category.data or None), form.note.data)
        except StoreIsCounted as refused:
            toast(str(refused.reason), tone="warn")
            count = refused.count
        return _to(count)
    return form_page("stocktakes/new.html", form)


@stocktakes.get("/<uuid:stocktake_id>")
@requires(SEE)
def show(stocktake_id: UUID) -> str:
    """One count: its lines to be filled in, or what it has changed."""
    count = get_or_404(Stocktake, stocktake_id)
    page = CountPage(count, typed_clock=request.args.get("clock", ""))
    return render_template("stocktakes/show.html", page=page, count=count, asked={})


@stocktakes.get("/<uuid:stocktake_id>/sheet")
@requires(SEE)
def sheet(stocktake_id: UUID) -> str:
    """The lines on paper, to be written on with a pen."""
    count = get_or_404(Stocktake, stocktake_id)
    return render_template("stocktakes/sheet.html", page=CountPage(count), count=count)


@stocktakes.get("/<uuid:stocktake_id>/following")
@requires(SEE)
def follow(stocktake_id: UUID) -> Response:
    """What others count meanwhile."""
    return followed(get_or_404(Stocktake, stocktake_id))


@stocktakes.post("/<uuid:stocktake_id>/lines")
@requires(RECEIVE)
@shows_form
def add(stocktake_id: UUID) -> Response:
    """An item that stands on the shelf and is not in the count."""
    count, form = get_or_404(Stocktake, stocktake_id), FoundForm()
    if form.accepted():
        line = add_line(count, form.inventory_item_id.data)
        return redirect_after_post(f"{url_for('.show', stocktake_id=count.id)}#line-{line.id}")
    return form_page("stocktakes/show.html", form, page=CountPage(count), count=count, asked={}, found=form)


@stocktakes.post("/<uuid:stocktake_id>/lines/<uuid:stocktake_item_id>")
@requires(RECEIVE)
@shows_form
def count_one(stocktake_id: UUID, stocktake_item_id: UUID) -> Response:
    """What was counted of one item."""
    count = get_or_404(Stocktake, stocktake_id)
    return counted(count, stocktake_item_id, get_or_404(StocktakeItem, stocktake_item_id))


@stocktakes.get("/<uuid:stocktake_id>/review")
@requires(RECEIVE)
def review(stocktake_id: UUID) -> Response | str:
    """What posting would change."""
    count = get_or_404(Stocktake, stocktake_id)
    page = CountPage(count, reveals=True)
    if not page.is_open:
        return redirect(url_for(".show", stocktake_id=count.id), 303)
    return render_template("stocktakes/review.html", page=page, count=count)


@stocktakes.post("/<uuid:stocktake_id>/posting")
@requires(RECEIVE)
def post(stocktake_id: UUID) -> Response:
    """Make the books say what was counted."""
    count = get_or_404(Stocktake, stocktake_id)
    post_count(count)
    toast(_("The count is posted: the books say what was counted."))
    return _to(count)


@stocktakes.post("/<uuid:stocktake_id>/abandonment")
@requires(RECEIVE)
def abandon(stocktake_id: UUID) -> Response:
    """Give it up."""
    count = get_or_404(Stocktake, stocktake_id)
    abandon_count(count)
    toast(_("The count is given up; nothing has changed."))
    return _to(count)


def _to(count: Stocktake) -> Response:
    return redirect_after_post(url_for("account.stocktakes.show", stocktake_id=count.id))
