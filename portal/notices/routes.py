"""The bell: what happened, and noting what of it was read."""

from uuid import UUID

from flask import Blueprint, abort, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.access.guards import requires
from portal.access.permissions import Permission
from portal.access.viewer import current_visit
from portal.notices.page import NoticesPage, read_moment
from portal.notices.queries import LATEST, mark_all_read, mark_read, newest_notices
from portal.notices.reading import find_notice, visible_kinds
from portal.web.fragments import fragment, redirect_after_post, redirect_back, toast, wants_fragment

notices = Blueprint("notices", __name__, url_prefix="/notices")


@notices.get("")
@requires(Permission.OVERVIEW_SEE)
def index() -> str:
    """What happened in the chain, the newest first."""
    page = NoticesPage(request.args, current_user, visible_kinds())
    if wants_fragment():
        return fragment("notices/_list.html", page=page)
    return render_template("notices/index.html", page=page)


@notices.get("/latest")
@requires(Permission.OVERVIEW_SEE)
def latest() -> str:
    """The newest few, for the panel of the bell."""
    lines = newest_notices(current_user, visible_kinds(), most=LATEST)
    return fragment("notices/_latest.html", lines=lines)


@notices.post("/reading")
@requires(Permission.OVERVIEW_SEE)
def read_all() -> Response:
    """Everything that began until the newest notice that the person was shown is read."""
    refuse_visitors()
    mark_all_read(current_user, read_moment(request.form.get("until", "")) or abort(422))
    toast(_("All notices are marked as read."))
    return redirect_back(url_for(".index"))


@notices.post("/<uuid:notice_id>/reading")
@requires(Permission.OVERVIEW_SEE)
def read(notice_id: UUID) -> Response:
    """One notice is read; on to what it is about, unless the person stays."""
    refuse_visitors()
    line = find_notice(notice_id)
    mark_read(current_user, notice_id)
    return redirect_back(url_for(".index")) if "stay" in request.form else redirect_after_post(line.link)


def refuse_visitors() -> None:
    """403 for support on a visit: what the chain's people have read is their own."""
    if current_visit() is not None:
        abort(403)
