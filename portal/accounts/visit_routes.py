"""Entering a chain as a superuser, and leaving it."""

from flask import Blueprint, make_response, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.access.guards import superuser_only
from portal.access.redirects import safe_path
from portal.accounts.chain_page import enter_by_slug
from portal.accounts.models import Account, ReasonMissing, SuperuserVisit
from portal.auth.signed_out_page import go_on
from portal.web.fragments import redirect_after_post, toast
from portal.web.values import storable

visits = Blueprint("visits", __name__, url_prefix="/accounts")
MAX_REASON = 200


@visits.post("/<slug:visited_slug>/visit")
@superuser_only
def start(visited_slug: str) -> Response:
    """Enter the chain, at the page that was asked for."""
    account = enter_by_slug(visited_slug)
    try:
        SuperuserVisit.start(current_user, reason_given())
    except ReasonMissing:
        return ask_for_reason(account)
    wanted = safe_path(request.form.get("next")) or ""
    home = url_for("account.overview.index", account_slug=account.slug)
    return go_on(current_user.id, wanted if wanted.startswith(home) else home, request.form.get("kept"))


@visits.delete("/<slug:visited_slug>/visit")
@superuser_only
def end(visited_slug: str) -> Response:
    """Leave the chain, in every tab."""
    account = enter_by_slug(visited_slug)
    for visit in SuperuserVisit.open_ones(current_user):
        visit.end(current_user)
    toast(_("The visit to %(name)s has ended.", name=account.name))
    return redirect_after_post(url_for("accounts.index"))


def ask_for_reason(account: Account) -> Response:
    """The page of the visit, which says what is missing."""
    sent = {"wanted": request.form.get("next"), "kept": request.form.get("kept")}
    return make_response(render_template("errors/visit.html", account_to_visit=account, is_missing=True, **sent), 422)


def reason_given() -> str | None:
    """What the superuser gave as the reason, if anything."""
    return storable(request.form.get("reason", "")).strip()[:MAX_REASON] or None
