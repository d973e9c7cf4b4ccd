"""How far an order comes: told to the supplier, awaited on another day, closed, cancelled, opened again."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.purchase_orders.forms import BY_MAIL, EndForm, ExpectationForm, ReopenForm, SendForm
from portal.purchase_orders.mailing import mail_is_configured, mail_order
from portal.purchase_orders.models import PurchaseOrder
from portal.purchase_orders.order_page import OrderPage, may_touch
from portal.purchase_orders.words import OrderStatus
from portal.tenancy.finding import get_or_404
from portal.web.forms import PortalForm
from portal.web.fragments import form_page, redirect_after_post, toast
from portal.web.merging import hold
from portal.web.navigation import belong_to

order_standing = Blueprint("order_standing", __name__, url_prefix="/orders/<uuid:purchase_order_id>")
order_standing.before_request(belong_to("supply"))
EDIT, DRAFT = Permission.ORDERS_EDIT, Permission.ORDERS_DRAFT
QUESTION = "purchase_orders/question.html"


@order_standing.route("/sending", methods=["GET", "POST"])
@requires(EDIT)
def send(purchase_order_id: UUID) -> Response:
    """Tell the supplier: by mail from here, or by a text to copy and a sheet to print."""
    order = get_or_404(PurchaseOrder, purchase_order_id)
    if order.has_ended or order.status == OrderStatus.RECEIVED:
        return _to(order)
    page, may_mail = OrderPage(order), mail_is_configured()
    # Without an address the other way is the likely one.
    way = {} if page.email and may_mail else {"way": "hand"}
    form = SendForm(may_mail=may_mail, text=page.text, email=page.email, **way)
    if form.accepted():
        return _told(order, form)
    return form_page("purchase_orders/send.html", form, page=page, order=order, here=_address(order))


def _told(order: PurchaseOrder, form: SendForm) -> Response:
    text, address = (form.text.data or "").replace("\r\n", "\n"), form.address
    if form.way.data == BY_MAIL and address:
        mail_order(order, text, address)
        toast(_("%(name)s is on its way to %(email)s.", name=order.po_number, email=address))
    else:
        order.send(text)
        toast(_("%(name)s is noted as sent.", name=order.po_number))
    return _to(order)


@order_standing.route("/expectation", methods=["GET", "POST"])
@requires(EDIT)
def expect(purchase_order_id: UUID) -> Response:
    """Say when it, or the rest of it, is to come."""
    order = get_or_404(PurchaseOrder, purchase_order_id)
    form = ExpectationForm(obj=order)

    def keep() -> None:
        order.expect(form.expected_delivery_date.data)
        toast(_("%(name)s is expected on another day.", name=order.po_number))

    texts = {
        "title": _("When %(name)s is to come", name=order.po_number),
        "text": _("What has not come yet is expected on that day, and is late after it."),
        "submit": _("Save"),
        "crumb": _("Another day"),
    }
    return _asked(order, form, keep, texts, is_open=order.is_awaited)


@order_standing.route("/closing", methods=["GET", "POST"])
@requires(EDIT)
def close(purchase_order_id: UUID) -> Response:
    """Await nothing more of it, and say why."""
    order = get_or_404(PurchaseOrder, purchase_order_id)
    form = EndForm()

    def keep() -> None:
        order.close(form.reason.data or "")
        toast(_("%(name)s is closed: nothing more of it is awaited.", name=order.po_number))

    texts = {
        "title": _("Close %(name)s", name=order.po_number),
        "text": _("What has come stays as it is. What has not is awaited no more, and is late no more."),
        "submit": _("Close the order"),
    }
    return _asked(order, form, keep, texts, is_open=order.is_awaited)


@order_standing.route("/cancellation", methods=["GET", "POST"])
@requires(DRAFT)
def cancel(purchase_order_id: UUID) -> Response:
    """Take it back before anything came, and say why; who drafts only takes drafts back."""
    order = get_or_404(PurchaseOrder, purchase_order_id)
    # Held before it is asked whether it is a draft: somebody else may be sending it.
    hold(order)
    form = EndForm()

    def keep() -> None:
        order.cancel(form.reason.data or "")
        toast(_("%(name)s is cancelled.", name=order.po_number))

    was_sent = order.status == OrderStatus.SENT
    texts = {
        "title": _("Cancel %(name)s", name=order.po_number),
        "text": _("The supplier was told of it: tell them that it is cancelled.") if was_sent else "",
        "submit": _("Cancel the order"),
    }
    return _asked(order, form, keep, texts, is_open=order.is_changeable and may_touch(order))


@order_standing.route("/reopening", methods=["GET", "POST"])
@requires(EDIT)
def reopen(purchase_order_id: UUID) -> Response:
    """Await it again, after a question."""
    order = get_or_404(PurchaseOrder, purchase_order_id)

    def keep() -> None:
        order.reopen()
        toast(_("%(name)s is open again.", name=order.po_number))

    texts = {
        "title": _("Open %(name)s again", name=order.po_number),
        "text": _("It was ended: %(reason)s. What has not come of it is awaited again.", reason=order.closed_reason),
        "submit": _("Open it again"),
    }
    return _asked(order, ReopenForm(), keep, texts, is_open=order.has_ended)


def _asked(
    order: PurchaseOrder, form: PortalForm, keep: Callable[[], None], texts: dict[str, Any], *, is_open: bool
) -> Response:
    """The question, or what follows from the answer; back to the order where nothing is to be asked any more."""
    if not is_open:
        return redirect(_address(order), 303)
    if form.accepted():
        keep()
        return _to(order)
    return form_page(QUESTION, form, order=order, here=_address(order), **{"crumb": texts["submit"], **texts})


def _to(order: PurchaseOrder) -> Response:
    return redirect_after_post(_address(order))


def _address(order: PurchaseOrder) -> str:
    return url_for("account.purchase_orders.show", purchase_order_id=order.id)
