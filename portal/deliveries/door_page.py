"""The back door: the form of what comes in, and what is answered when it is sent."""

from collections.abc import Sequence

from flask import make_response, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.db.base import db
from portal.db.states import MoveRefused
from portal.deliveries.forms import REOPEN, WITHOUT, FreeReceiptForm, PhotosForm, ReceiptForm
from portal.deliveries.models import Delivery
from portal.deliveries.photos import attach_photo, may_remove, photos_of, too_many
from portal.deliveries.queries import last_receipt, lines_of_orders
from portal.deliveries.receiving import OrderOver, find_delivery, receive
from portal.documents.contents import DocumentRefused
from portal.documents.verbs import MAX_PHOTOS
from portal.purchase_orders.models import PurchaseOrder
from portal.purchase_orders.references import place_of
from portal.web.fragments import document_page, form_page, fragment, redirect_after_post, toast, wants_fragment
from portal.web.values import uuid_or_none

TEMPLATE = "deliveries/door.html"


def form_of(order: PurchaseOrder | None) -> ReceiptForm:
    """The form for an order, every row as ordered; or for what comes without one."""
    if order is None:
        store_id, supplier_id = (uuid_or_none(request.args.get(name)) for name in ("store_id", "supplier_id"))
        return FreeReceiptForm(store_id=store_id, supplier_id=supplier_id)
    form = ReceiptForm(ordered=[row[0] for row in lines_of_orders([order.id])])
    form.order = order
    if not form.is_submitted():
        latest = last_receipt(order.id)
        form.known.data = str(latest.count if latest is not None else 0)
    return form


def answer(form: ReceiptForm, order: PurchaseOrder | None) -> Response:
    """The page, or what became of what was sent."""
    if form.redrawn():
        amounts = {"rows": "deliveries/_rows.html", "amounts": "deliveries/_amounts.html"}
        return document_page(TEMPLATE, form, order=order, place=_place(order), **amounts)
    if form.is_submitted() and (former := find_delivery(uuid_or_none(form.request_key.data))) is not None:
        toast(_("This was received already: it was sent twice. Nothing was received again."), tone="warn")
        return _to(former)
    if form.accepted():
        try:
            return _received(form, order)
        except OrderOver as over:
            # Nothing typed is lost: the page asks, and is sent once more.
            db.session.rollback()
            form.is_over, form.over.errors = True, [str(over.reason)]
        except MoveRefused as refused:
            db.session.rollback()
            form.lines.errors = [str(refused.reason)]
    return form_page(TEMPLATE, form, order=order, place=_place(order))


def _place(order: PurchaseOrder | None) -> str:
    """Where it is brought to."""
    if order is None:
        return ""
    store = place_of(order.store_id)
    return f"{store.restaurant.name} · {store.name}"


def _received(form: ReceiptForm, order: PurchaseOrder | None) -> Response:
    wanted = None if form.over.data == WITHOUT else order
    delivery = receive(wanted, form.receipt(), reopening=form.over.data == REOPEN)
    for refusal in keep_photos(form, delivery):
        toast(refusal, tone="bad")
    toast(_("It is received."))
    return _to(delivery)


def keep_photos(form: PhotosForm, delivery: Delivery) -> list[str]:
    """Keep the photos that can be kept; of the others why not, and the delivery stands."""
    refusals = []
    for name, data in form.photos:
        try:
            attach_photo(data, name, delivery)
        except DocumentRefused as refusal:
            refusals.append(refusal.sentence)
    return list(dict.fromkeys(refusals))


def add_photos(form: PhotosForm, delivery: Delivery) -> Response:
    """Keep more photos, and show what is there now; nothing of what makes too many is kept."""
    if not form.accepted():
        return photos_answer(delivery, [str(each) for each in form.files.errors])
    if not form.photos:
        return photos_answer(delivery, [_("Choose at least one file.")])
    if len(photos_of(delivery.id)) + len(form.photos) > MAX_PHOTOS:
        return photos_answer(delivery, [too_many()])
    return photos_answer(delivery, keep_photos(form, delivery))


def photos_answer(delivery: Delivery, errors: Sequence[str] = ()) -> Response:
    """The photos of a delivery: the section for htmx, its page for others."""
    if wants_fragment():
        told = {"photos": photos_of(delivery.id), "errors": errors, "may_remove": may_remove}
        return make_response(fragment("deliveries/_photos.html", delivery=delivery, **told))
    for error in errors:
        toast(error, tone="bad")
    return redirect_after_post(url_for("account.deliveries.show", delivery_id=delivery.id) + "#photos")


def _to(delivery: Delivery) -> Response:
    return redirect_after_post(url_for("account.deliveries.show", delivery_id=delivery.id))
