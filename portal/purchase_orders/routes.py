"""Pages of orders: the list, one of them, the form with its lines, and the sheet to print."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.accounts.export import recorded_export
from portal.purchase_orders.forms import OrderForm
from portal.purchase_orders.listing import ORDERS
from portal.purchase_orders.models import PurchaseOrder
from portal.purchase_orders.order_page import OrderPage, may_touch
from portal.purchase_orders.proposal_page import low_rows, rows_of_order
from portal.tenancy.finding import get_or_404
from portal.web.costly import costly
from portal.web.fragments import document_page, form_page, list_page, redirect_after_post, toast
from portal.web.listing import read_page
from portal.web.merging import hold
from portal.web.navigation import belong_to
from portal.web.values import uuid_or_none

purchase_orders = Blueprint("purchase_orders", __name__, url_prefix="/orders")
purchase_orders.before_request(belong_to("supply"))
SEE, DRAFT = Permission.ORDERS_SEE, Permission.ORDERS_DRAFT
FORM = "purchase_orders/edit.html"


@purchase_orders.get("")
@requires(SEE)
def index() -> str:
    """The list."""
    page = read_page(ORDERS, request.args, url_for(".index"))
    words = {"off_label": "", "off_class": "", "add_url": url_for(".new") if may(DRAFT) else None}
    return list_page(page, "purchase_orders/index.html", may_choose=False, **words)


@purchase_orders.get("/export")
@requires(SEE)
@costly
def export() -> Response:
    """The list as a file."""
    return recorded_export(ORDERS, request.args)


@purchase_orders.route("/new", methods=["GET", "POST"])
@requires(DRAFT)
def new() -> Response:
    """Order something; ``supplier_id``, ``store_id``, ``like`` (an order) or ``from=low`` in the address fill it in."""
    like = _named(request.args.get("like"))
    told: dict[str, Any] = {key: uuid_or_none(request.args.get(key)) for key in ("supplier_id", "store_id")}
    if like is not None:
        told = {"supplier_id": like.supplier_id, "store_id": like.store_id}
    form = OrderForm(**told)
    if not form.is_submitted():
        _begin(form, like)
    if form.redrawn():
        return _redrawn(form)
    if form.accepted():
        order = PurchaseOrder(currency=form.currency, **form.head)
        order.open(form.lines.told)
        toast(_("%(name)s is a draft. Send it when it is ready.", name=order.po_number))
        return _to(order)
    return form_page(FORM, form, order=None)


@purchase_orders.get("/<uuid:purchase_order_id>")
@requires(SEE)
def show(purchase_order_id: UUID) -> str:
    """One order: its lines, what came of them, what was sent, its history."""
    page = OrderPage(get_or_404(PurchaseOrder, purchase_order_id), compares=True)
    return render_template("purchase_orders/show.html", page=page, order=page.order, history=page.history)


@purchase_orders.get("/<uuid:purchase_order_id>/sheet")
@requires(SEE)
def sheet(purchase_order_id: UUID) -> str:
    """The order on one sheet of paper."""
    page = OrderPage(get_or_404(PurchaseOrder, purchase_order_id))
    return render_template("purchase_orders/sheet.html", page=page, order=page.order)


@purchase_orders.route("/<uuid:purchase_order_id>/edit", methods=["GET", "POST"])
@requires(DRAFT)
def edit(purchase_order_id: UUID) -> Response:
    """Change an order of which nothing has come; one that was sent only by those who send."""
    order = get_or_404(PurchaseOrder, purchase_order_id)
    # Held before its lines are read: somebody else may be changing them.
    hold(order)
    if not order.is_changeable or not may_touch(order):
        toast(_("%(name)s is not a draft any more, and stays as it is.", name=order.po_number), tone="warn")
        return _to(order)
    form = OrderForm(order, order.lines)
    if form.redrawn():
        return _redrawn(form, order)
    if form.accepted():
        order.change(form.lines.told, **form.head)
        toast(_("%(name)s was saved.", name=order.po_number))
        return _to(order)
    return form_page(FORM, form, order=order)


def _begin(form: OrderForm, like: PurchaseOrder | None) -> None:
    if like is not None:
        form.begin(rows_of_order(like))
    elif request.args.get("from") == "low":
        form.begin(*low_rows(form.store_id.data, form.supplier_id.data))
    else:
        form.begin()


def _redrawn(form: OrderForm, order: PurchaseOrder | None = None) -> Response:
    rows, amounts = "purchase_orders/_lines.html", "purchase_orders/_amounts.html"
    return document_page(FORM, form, rows=rows, amounts=amounts, order=order)


def _named(text: str | None) -> PurchaseOrder | None:
    """The order that the address names; 404 for what is no id, as for another's."""
    return get_or_404(PurchaseOrder, uuid_or_none(text) or abort(404)) if text else None


def _to(order: PurchaseOrder) -> Response:
    return redirect_after_post(url_for("account.purchase_orders.show", purchase_order_id=order.id))
