"""What becomes of every exception that a view lets through."""

import logging

import psycopg
from flask import Flask, g, make_response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from portal.access.guards import VisitRequired
from portal.access.viewer import current_account
from portal.auth.kept_form import KeptForm
from portal.auth.passwords import HashingBusy
from portal.db.faults import cause_of, is_passing
from portal.db.states import MoveRefused
from portal.tenancy.finding import NothingChosen
from portal.users.queries import owners_to_ask
from portal.web.costly import TooManyAtOnce, show_full
from portal.web.error_pages import give_up, show
from portal.web.fragments import nearest_page, redirect_back, toast, wants_fragment
from portal.web.proofs import is_review

log = logging.getLogger(__name__)

# What PostgreSQL says of a value that no form caught: too large, not representable, not text.
_BAD_VALUE_STATES = ("22",)
# Somebody else has just stored what may be there only once.
_UNIQUE_VIOLATION = "23505"
# A view that wrote for a request that could only look.
_READ_ONLY = "25006"
_UNSURE = _l("The portal was cut off while it was saving. Look whether it is there before you send it again.")


def install(app: Flask) -> None:
    """Answer every error with a page of its own."""
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(VisitRequired, offer_visit)
    app.register_error_handler(NothingChosen, ask_for_choice)
    app.register_error_handler(MoveRefused, tell_refusal)
    app.register_error_handler(HashingBusy, show_busy)
    app.register_error_handler(TooManyAtOnce, show_full)
    app.register_error_handler(DBAPIError, show_database_error)
    app.register_error_handler(PoolExhausted, show_database_error)
    app.register_error_handler(psycopg.Error, show_database_error)  # lists are read past SQLAlchemy
    app.register_error_handler(Exception, show_fault)


def show_http_error(error: HTTPException) -> Response:
    """The page of a status."""
    response = show(error.code or 500, text=_whom_to_ask() if error.code == 403 else None)
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _whom_to_ask() -> str | None:
    """What a member of the chain is told who may not do what an owner may."""
    if current_account() is None:
        return None
    names = ", ".join(owners_to_ask())
    return _("Your role does not include this. Ask an owner of your chain: %(names)s.", names=names) if names else None


def offer_visit(error: VisitRequired) -> Response:
    """A superuser may open a visit to the account they came to; htmx is sent to the page that offers it.

    A form that was sent there, as after a session with its visits had ended, waits for the visit to begin.
    """
    if wants_fragment():
        return redirect_back(f"/accounts/{g.visitable_account.slug}/")
    asked = request.full_path if request.query_string else request.path
    told = {"account_to_visit": g.visitable_account, "wanted": asked if request.method == "GET" else None}
    kept = KeptForm.now() if request.method != "GET" else None
    sealed = kept.seal() if kept else None
    return make_response(render_template("errors/visit.html", **told, kept=sealed, is_missing=False), 403)


def ask_for_choice(error: NothingChosen) -> Response:
    """Back to the list, which stands above the address of what is done to its rows."""
    toast(_("Choose at least one row first."), tone="warn")
    return redirect_back(request.path.rpartition("/")[0])


def tell_refusal(error: MoveRefused) -> Response:
    """Back to where it was asked for, nothing changed, and why."""
    give_up()
    toast(str(error.reason), tone="bad")
    return redirect_back(nearest_page())


def show_busy(error: HashingBusy) -> Response:
    """Too many people sign in at once."""
    return show(503)


def show_database_error(error: DBAPIError | psycopg.Error | PoolExhausted) -> Response:
    """A value that cannot be stored is the sender's; a lost database is a pause; the rest is our fault."""
    cause = cause_of(error)
    state = getattr(cause, "sqlstate", None) or ""
    if state.startswith(_BAD_VALUE_STATES):
        give_up()
        return show(422)
    if state == _READ_ONLY and is_review():
        give_up()
        return show(400)
    if state == _UNIQUE_VIOLATION:
        give_up()
        return show(409)
    if is_passing(error):
        log.error("the database cannot do it now: %s %s at %s", type(cause).__name__, state, request.url_rule)
        give_up()
        return show(503, text=_UNSURE if g.get("is_commit_lost") and request.method == "POST" else None)
    return show_fault(error)


def show_fault(error: Exception) -> Response:
    """A fault of ours. The log names the route: an address may carry the secret of a link."""
    log.exception("fault at %s %s", request.method, request.url_rule)
    give_up()
    return show(500)
