"""What is answered to somebody who is not, or no longer, signed in: the way to sign in, and back to what they did."""

from uuid import UUID

from flask import Flask, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from portal.access.guards import send_to_login
from portal.access.redirects import path_at
from portal.auth.forms import LoginForm
from portal.auth.kept_form import KeptForm
from portal.extensions import login_manager
from portal.web.fragments import nearest_page, redirect_after_post, toast, wants_fragment
from portal.web.sent_form import LOST, REVIEW


def install(app: Flask) -> None:
    """Answer whoever the guards do not know."""
    login_manager.unauthorized_handler(answer_stranger)


def answer_stranger() -> Response | tuple[str, int, dict[str, str]]:
    """To the log-in page and back; what was sent from a page of the portal waits there, sealed.

    A page whose button was pressed stays as it is, and says what happened.
    """
    if request.method in ("GET", "HEAD"):
        return send_to_login()
    if wants_fragment():
        here = path_at(request.host, request.headers.get("HX-Current-URL"))
        response = make_response(render_template("errors/_signed_out.html", next=here), 401)
        response.headers["HX-Reswap"] = "none"
        return response
    kept = KeptForm.now()
    if kept is None:
        return redirect(url_for("auth.login", next=nearest_page()), 303)
    form = LoginForm(formdata=MultiDict(), next=nearest_page(), kept=kept.seal())
    return make_response(render_template("auth/login.html", form=form, kept=kept), 401)


def go_on(person_id: UUID, wanted: str | None, sealed: str | None) -> Response:
    """Once somebody is signed in: to the form that waits for them, else to the page that was wanted."""
    kept = KeptForm.opened(sealed)
    if kept is not None and kept.is_of(person_id):
        review = (REVIEW, LOST if kept.has_lost else "1")
        return make_response(render_template("auth/go_on.html", sent=kept.sent, review=review))
    if sealed:
        toast(_("What was typed before is not shown: it is somebody else's, or older than an hour."), tone="warn")
    return redirect_after_post(wanted or url_for("auth.home"))
