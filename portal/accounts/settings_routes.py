"""A chain's own settings, for its owners."""

from flask import Blueprint, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.access.guards import asks_again, requires
from portal.access.permissions import Permission
from portal.accounts.forms import AccountForm
from portal.accounts.models import Account
from portal.audit.history import history_of
from portal.db.base import db
from portal.tenancy.scope import require_scope
from portal.web.fragments import form_page, redirect_after_post, toast
from portal.web.navigation import section

settings = Blueprint("settings", __name__, url_prefix="/settings")
section(settings, _l("Settings"), "settings", Permission.ACCOUNT_EDIT)


@settings.route("", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_EDIT)
def edit() -> Response:
    """What the chain is called, and its currency."""
    chain = db.session.get_one(Account, require_scope().account_id)
    form = AccountForm(obj=chain)
    if form.accepted():
        chain.change(**form.values())
        toast(_("The settings were saved."))
        return redirect_after_post(url_for(".edit"))
    return form_page("accounts/settings.html", form, edited=chain, history=history_of(chain))


@settings.post("/second-factor")
@requires(Permission.ACCOUNT_EDIT)
@asks_again
def demand_factor() -> Response:
    """Demand a second factor of everybody in the chain; whoever demands it has one."""
    if not (current_user.has_factor or current_user.is_superuser):
        toast(_("Switch your own sign-in protection on first: you would be the first to be asked."), tone="bad")
        return redirect_after_post(url_for("protection.show"))
    Account.current().demand_second_factor(True)
    toast(_("From now on everybody needs a second step to sign in. Whoever has none sets it up at their next click."))
    return redirect_after_post(url_for(".edit"))


@settings.delete("/second-factor")
@requires(Permission.ACCOUNT_EDIT)
@asks_again
def leave_factor() -> Response:
    """Leave it to each person."""
    Account.current().demand_second_factor(False)
    toast(_("Everybody decides for themselves whether signing in takes a second step."))
    return redirect_after_post(url_for(".edit"))
