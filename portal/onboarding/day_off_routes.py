"""Pages of the days on which nobody works."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.accounts.export import recorded_export
from portal.onboarding.days_off import DayOff
from portal.onboarding.forms import DayOffForm
from portal.onboarding.listing import DAYS_OFF
from portal.records.pages import added, record_form
from portal.tenancy.finding import get_or_404
from portal.web.costly import costly
from portal.web.fragments import list_page, redirect_after_post, toast
from portal.web.listing import read_page

days_off = Blueprint("days_off", __name__, url_prefix="/staff/days-off")
SEE, EDIT = Permission.STAFF_EDIT, Permission.STAFF_SET_UP


@days_off.get("")
@requires(SEE)
def index() -> str:
    """The days, the earliest first."""
    page = read_page(DAYS_OFF, request.args, url_for(".index"))
    words: dict[str, Any] = {"may_choose": False, "off_label": "", "off_class": ""}
    add_url = url_for(".new") if may(EDIT) else None
    return list_page(page, "days_off/index.html", may_remove=may(EDIT), add_url=add_url, **words)


@days_off.get("/export")
@requires(SEE)
@costly
def export() -> Response:
    """The days as a file."""
    return recorded_export(DAYS_OFF, request.args)


@days_off.route("/new", methods=["GET", "POST"])
@requires(EDIT)
def new() -> Response:
    """Add a day."""
    form = DayOffForm()
    if form.accepted():
        day = DayOff(day=form.day.data, name=form.name.data or "")
        day.open()
        return added(day)
    return record_form(form)


@days_off.delete("/<uuid:day_off_id>")
@requires(EDIT)
def remove(day_off_id: UUID) -> Response:
    """It is a day like others."""
    day = get_or_404(DayOff, day_off_id)
    day.remove()
    toast(_("%(name)s is no day off any more.", name=day.display_name))
    return redirect_after_post(url_for(".index"))
