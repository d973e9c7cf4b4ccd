"""Pages of deliveries: the list, the back door, one delivery."""

from uuid import UUID

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.accounts.export import recorded_export
from portal.deliveries.delivery_page import DeliveryPage
from portal.deliveries.door_page import answer, form_of
from portal.deliveries.listing import DELIVERIES
from portal.deliveries.models import Delivery
from portal.deliveries.rest_page import Rest
from portal.extensions import csrf
from portal.media.bucket import BucketUnavailable
from portal.purchase_orders.models import PurchaseOrder
from portal.purchase_orders.queries import expected_on
from portal.tenancy.finding import get_or_404
from portal.web.costly import costly
from portal.web.error_pages import show as show_error
from portal.web.fragments import list_page
from portal.web.listing import read_page
from portal.web.navigation import belong_to
from portal.web.stale_forms import demand_proof
from portal.web.values import uuid_or_none

deliveries = Blueprint("deliveries", __name__, url_prefix="/deliveries")
deliveries.before_request(belong_to("supply"))
SEE, RECEIVE = Permission.STOCK_SEE, Permission.STOCK_RECEIVE
# Five photos, and room to say that one is too large.
LARGEST_UPLOAD = 64 * 1024 * 1024


@deliveries.before_request
def take_uploads() -> Response | None:
    """Let large bodies in, from those alone who may receive: the guards have been passed, nothing was read yet."""
    if request.mimetype == "multipart/form-data":
        request.max_content_length = LARGEST_UPLOAD
    return demand_proof()


@deliveries.errorhandler(BucketUnavailable)
def wait_for_bucket(fault: BucketUnavailable) -> Response:
    """The files' store is away; nothing was changed."""
    current_app.logger.warning("the bucket does not take a photo of a delivery: %s", fault)
    return show_error(503, _("The files cannot be reached now"), _("Nothing was changed. Try again in a minute."))


@deliveries.get("")
@requires(SEE)
def index() -> str:
    """What came in."""
    page = read_page(DELIVERIES, request.args, url_for(".index"))
    words = {"may_choose": False, "add_url": None, "off_label": "", "off_class": ""}
    begins = (_("Receive without an order"), url_for(".new")) if may(RECEIVE) else None
    return list_page(page, "deliveries/index.html", begins=begins, **words)


@deliveries.get("/export")
@requires(SEE)
@costly
def export() -> Response:
    """The list as a file."""
    return recorded_export(DELIVERIES, request.args)


@deliveries.get("/expected")
@requires(RECEIVE)
def expected() -> str:
    """What is to come today; one press opens the order at the back door."""
    store_id = uuid_or_none(request.args.get("store_id"))
    return render_template("deliveries/expected.html", rows=expected_on(store_id=store_id), store_id=store_id)


@deliveries.route("/new", methods=["GET", "POST"])
@requires(RECEIVE)
@csrf.exempt
def new() -> Response:
    """Receive without an order; ``store_id`` and ``supplier_id`` in the address fill the form in."""
    return answer(form_of(None), None)


@deliveries.route("/orders/<uuid:purchase_order_id>", methods=["GET", "POST"])
@requires(RECEIVE)
@csrf.exempt
def receive_order(purchase_order_id: UUID) -> Response:
    """Receive an order: each row says "as ordered" until somebody changes it."""
    order = get_or_404(PurchaseOrder, purchase_order_id)
    return answer(form_of(order), order)


@deliveries.get("/<uuid:delivery_id>")
@requires(SEE)
def show(delivery_id: UUID) -> str:
    """One delivery: what came, what was ordered and billed of it, its papers."""
    page = DeliveryPage(get_or_404(Delivery, delivery_id))
    told = {"order": page.order, "page": page, "history": page.history, "rest": Rest.of(page.delivery)}
    return render_template("deliveries/show.html", delivery=page.delivery, **told)
