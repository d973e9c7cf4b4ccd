"""Pages of positions, and of what scenarios call restaurants."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.records.pages import added, record_form, record_page, saved
from portal.records.routes import archivable_routes
from portal.staff.forms import RestaurantCodeForm, StaffPositionForm
from portal.staff.listing import CODES, POSITIONS
from portal.staff.models import RestaurantCode, StaffPosition
from portal.tenancy.finding import get_or_404
from portal.web.fragments import list_page, redirect_after_post, toast
from portal.web.listing import read_page
from portal.web.values import uuid_or_none

positions = Blueprint("positions", __name__, url_prefix="/staff/positions")
codes = Blueprint("codes", __name__, url_prefix="/staff/codes")
SEE, EDIT = Permission.STAFF_SEE, Permission.STAFF_SET_UP
archivable_routes(positions, POSITIONS, see=SEE, edit=EDIT, in_navigation=False, template="positions/index.html")


@positions.route("/new", methods=["GET", "POST"])
@requires(EDIT)
def new() -> Response:
    """Add a position."""
    form = StaffPositionForm()
    if form.accepted():
        position = StaffPosition(**form.values())
        position.open()
        return added(position)
    return record_form(form)


@positions.get("/<uuid:staff_position_id>")
@requires(SEE)
def show(staff_position_id: UUID) -> str:
    """One position and its latest changes."""
    return record_page(get_or_404(StaffPosition, staff_position_id), ("code", "is_kitchen"), EDIT)


@positions.route("/<uuid:staff_position_id>/edit", methods=["GET", "POST"])
@requires(EDIT)
def edit(staff_position_id: UUID) -> Response:
    """Change a position."""
    position = get_or_404(StaffPosition, staff_position_id)
    form = StaffPositionForm(obj=position)
    if form.accepted():
        position.edit(**form.values())
        return saved(position)
    return record_form(form, position)


@codes.get("", endpoint="index")
@requires(EDIT)
def all_codes() -> str:
    """What scenarios call the restaurants."""
    page = read_page(CODES, request.args, url_for(".index"))
    words: dict[str, Any] = {"may_choose": False, "off_label": "", "off_class": ""}
    return list_page(page, "codes/index.html", may_remove=may(EDIT), add_url=url_for(".new"), **words)


@codes.route("/new", methods=["GET", "POST"], endpoint="new")
@requires(EDIT)
def new_code() -> Response:
    """Add a code; ``restaurant_id`` in the address chooses its restaurant beforehand."""
    form = RestaurantCodeForm(restaurant_id=uuid_or_none(request.args.get("restaurant_id")))
    if form.accepted():
        code = RestaurantCode(**form.values())
        code.open()
        return added(code, restaurant_id=code.restaurant_id)
    return record_form(form)


@codes.delete("/<uuid:restaurant_code_id>")
@requires(EDIT)
def remove(restaurant_code_id: UUID) -> Response:
    """Forget a code."""
    code = get_or_404(RestaurantCode, restaurant_code_id)
    code.remove()
    toast(_("%(name)s is no code any more.", name=code.code))
    return redirect_after_post(url_for(".index"))
