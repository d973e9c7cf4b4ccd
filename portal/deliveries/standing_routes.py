"""What is done with a delivery later: taken back, its invoice named, photos added, what was sent back credited."""

from uuid import UUID

from flask import Blueprint, abort, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.accounts.models import Account
from portal.deliveries.delivery_page import DeliveryPage
from portal.deliveries.door_page import add_photos as add_photos_to
from portal.deliveries.door_page import photos_answer
from portal.deliveries.forms import PhotosForm, ReversalForm
from portal.deliveries.models import Delivery
from portal.deliveries.photos import photos_of, remove_photo
from portal.deliveries.receiving import link, reverse
from portal.deliveries.rest_page import Rest, RestForm
from portal.deliveries.returning import draft_credit_note
from portal.deliveries.routes import take_uploads, wait_for_bucket
from portal.extensions import csrf
from portal.invoices.models import Invoice
from portal.media.bucket import BucketUnavailable
from portal.tenancy.finding import get_or_404
from portal.web.fragments import form_page, redirect_after_post, toast
from portal.web.navigation import belong_to
from portal.web.proofs import shows_form
from portal.web.values import uuid_or_none

delivery_standing = Blueprint("delivery_standing", __name__, url_prefix="/deliveries/<uuid:delivery_id>")
delivery_standing.before_request(belong_to("supply"))
delivery_standing.before_request(take_uploads)
delivery_standing.register_error_handler(BucketUnavailable, wait_for_bucket)


@delivery_standing.route("/reversal", methods=["GET", "POST"])
@requires(Permission.STOCK_EDIT)
def take_back(delivery_id: UUID) -> Response:
    """Take a delivery back from order and store, and say why."""
    delivery = get_or_404(Delivery, delivery_id)
    if (stays := delivery.reason_to_stay) is not None:
        toast(str(stays), tone="warn")
        return redirect(_address(delivery), 303)
    form = ReversalForm()
    if form.accepted():
        reverse(delivery, form.reason.data or "")
        toast(_("It is reversed: order and stock are as they were."))
        return redirect_after_post(_address(delivery))
    return form_page("deliveries/reverse.html", form, delivery=delivery, here=_address(delivery))


@delivery_standing.post("/rest")
@requires(Permission.STOCK_RECEIVE)
@shows_form
def say_rest(delivery_id: UUID) -> Response:
    """Say when the rest of its order comes, or that it does not, and why."""
    delivery, form = get_or_404(Delivery, delivery_id), RestForm()
    rest = Rest.of(delivery, form)
    if rest is None:
        toast(_("Nothing more of this order is awaited here, or it is not yours to say."), tone="warn")
        return redirect_after_post(_address(delivery))
    if form.accepted():
        toast(rest.say())
        return redirect_after_post(_address(delivery))
    page = DeliveryPage(delivery)
    told = {"page": page, "delivery": delivery, "history": page.history, "rest": rest}
    return form_page("deliveries/show.html", form, **told)


@delivery_standing.post("/invoice")
@requires(Permission.INVOICES_EDIT)
def name_invoice(delivery_id: UUID) -> Response:
    """Say which invoice is its paper."""
    delivery = get_or_404(Delivery, delivery_id)
    invoice = get_or_404(Invoice, uuid_or_none(request.form.get("invoice_id")) or abort(404))
    link(delivery, invoice)
    toast(_("They are compared: what does not agree stands on the invoice."))
    return redirect_after_post(_address(delivery))


@delivery_standing.delete("/invoice")
@requires(Permission.INVOICES_EDIT)
def forget_invoice(delivery_id: UUID) -> Response:
    """It is the paper of something else."""
    delivery = get_or_404(Delivery, delivery_id)
    link(delivery, None)
    toast(_("They are compared no more."))
    return redirect_after_post(_address(delivery))


@delivery_standing.post("/photos")
@requires(Permission.STOCK_RECEIVE)
@csrf.exempt
def add_photos(delivery_id: UUID) -> Response:
    """Add photos of its paper."""
    return add_photos_to(PhotosForm(), get_or_404(Delivery, delivery_id))


@delivery_standing.delete("/photos/<uuid:document_id>")
@requires(Permission.STOCK_RECEIVE)
def forget_photo(delivery_id: UUID, document_id: UUID) -> Response:
    """Remove a photo that shows something else; those who receive what they have taken themselves."""
    delivery = get_or_404(Delivery, delivery_id)
    photo = next((each for each in photos_of(delivery.id) if each.id == document_id), None) or abort(404)
    remove_photo(photo, delivery)
    return photos_answer(delivery)


@delivery_standing.post("/credit-note")
@requires(Permission.INVOICES_EDIT)
def credit(delivery_id: UUID) -> Response:
    """A draft of the credit note over what was sent back."""
    delivery = get_or_404(Delivery, delivery_id)
    note = draft_credit_note(delivery, Account.current().currency)
    return redirect_after_post(url_for("account.invoices.edit", invoice_id=note.id))


def _address(delivery: Delivery) -> str:
    return url_for("account.deliveries.show", delivery_id=delivery.id)
