"""The page of an error; for htmx a toast, so that no fragment holds a page."""

import logging

from flask import make_response, render_template
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response

from portal.access.viewer import go_home
from portal.db.base import db
from portal.telemetry.context import request_id
from portal.web.fragments import wants_fragment

log = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = "5"

MESSAGES = {
    400: (_l("This request cannot be understood"), _l("Go back, reload the page and try again. What you typed may still be there.")),
    401: (_l("Sign in first"), _l("Your session has ended. Sign in and carry on where you were.")),
    403: (_l("Not yours to see"), _l("Your role does not include this page. An owner of your chain can change your role.")),
    404: (_l("Nothing here"), _l("The address is wrong, or what was here is not open to you.")),
    405: (_l("Not like this"), _l("This address does not answer to that kind of request. Go back and use the button on the page.")),
    409: (_l("Somebody was faster"), _l("This has changed since you opened it. Reload the page and look at what is there now.")),
    413: (_l("Too large"), _l("What you sent is larger than the portal accepts. Choose a smaller file.")),
    415: (_l("Not this kind"), _l("The portal cannot read this kind of data.")),
    422: (_l("Something is not right"), _l("Go back and check what you filled in.")),
    429: (_l("Too many tries"), _l("Wait five minutes, then try again.")),
    500: (_l("Our fault"), _l("Something broke on our side. Nothing was changed. Try again in a moment.")),
    503: (_l("Back in a moment"), _l("The portal is busy or being updated. Nothing was changed. Try again in a minute.")),
}  # fmt: skip

WITHIN = (403, 404)


def give_up() -> None:
    """Roll back; a connection that is lost cannot, and leaves the pool."""
    try:
        db.session.rollback()
    except DBAPIError:
        db.session().invalidate()


def show(status: int, title: object = None, text: object = None) -> Response:
    """The page, or for htmx the toast, of a status; whoever meets a pause is told when to come again."""
    response = _rendered(status, title, text)
    if status == 503:
        response.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return response


def _rendered(status: int, title: object, text: object) -> Response:
    known_title, known_text = MESSAGES.get(status, MESSAGES[400 if status < 500 else 500])
    context = {"status": status, "title": title or known_title, "text": text or known_text}
    # What is told to support and stands in every line of the log that this request has written.
    context["number"] = request_id() if status >= 500 else None
    try:
        if wants_fragment():
            response = make_response(render_template("errors/_toast.html", **context), status)
            response.headers["HX-Reswap"] = "none"
            return response
        # Whoever is signed in keeps the way on; what may be down is not asked for a navigation.
        is_within = status in WITHIN and go_home()
        template = "errors/within.html" if is_within else "errors/error.html"
        return make_response(render_template(template, **context), status)
    except Exception:
        log.exception("the error page itself failed")
        return make_response(f"{status} {known_title}", status)
