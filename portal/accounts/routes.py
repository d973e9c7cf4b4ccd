"""The superusers' pages of chains."""

from flask import Blueprint, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.access.guards import asks_again, asks_again_if, superuser_only
from portal.accounts.chain_page import enter_by_slug, export_accounts, offered_accounts, read_accounts
from portal.accounts.creation import offered_ownerships, open_account
from portal.accounts.forms import AccountForm, NewAccountForm
from portal.accounts.listing import format_size
from portal.channels.status import read_health
from portal.web.costly import costly
from portal.web.forms import is_sent
from portal.web.fragments import form_page, fragment, list_page, redirect_after_post, toast, wants_fragment
from portal.web.listing.declaration import format_count

accounts = Blueprint("accounts", __name__, url_prefix="/accounts")


@accounts.get("")
@superuser_only
def index() -> str:
    """The list."""
    page = read_accounts(request.args, url_for(".index"))
    words = {"format_count": format_count, "format_size": format_size, "read_health": read_health}
    return list_page(page, "accounts/index.html", **words)


@accounts.get("/export")
@superuser_only
@costly
def export() -> Response:
    """The list as CSV."""
    return export_accounts(request.args)


@accounts.get("/switcher")
@superuser_only
def switcher() -> Response | str:
    """What the dialog shows; while a person types, only the entries that fit."""
    if not wants_fragment():
        return redirect_after_post(url_for(".index"))
    search = request.args.get("q")
    offered = offered_accounts(search or "", current_user.id)
    template = "accounts/_switcher.html" if search is None else "accounts/_switcher_list.html"
    return fragment(template, offered=offered)


@accounts.route("/new", methods=["GET", "POST"])
@superuser_only
@asks_again_if(is_sent)
def new() -> Response:
    """Add a chain and invite its first owner."""
    form = NewAccountForm()
    if form.accepted():
        account = open_account(**form.values())
        toast(_("%(name)s was added. Its first owner needs the invitation.", name=account.name))
        return redirect_after_post(url_for(".edit", edited_slug=account.slug))
    return form_page("accounts/new.html", form)


@accounts.route("/<slug:edited_slug>/edit", methods=["GET", "POST"])
@superuser_only
def edit(edited_slug: str) -> Response:
    """One chain: what it is called, who was invited to own it, whether it is open."""
    account = enter_by_slug(edited_slug)
    form = AccountForm(obj=account)
    if form.accepted():
        account.change(**form.values())
        toast(_("%(name)s was saved.", name=account.name))
        return redirect_after_post(url_for(".edit", edited_slug=account.slug))
    return form_page("accounts/edit.html", form, edited=account, invitations=offered_ownerships())


@accounts.post("/<slug:edited_slug>/activation")
@superuser_only
def activate(edited_slug: str) -> Response:
    """Let everybody in again."""
    account = enter_by_slug(edited_slug)
    account.activate()
    toast(_("%(name)s is active again.", name=account.name))
    return redirect_after_post(url_for(".edit", edited_slug=account.slug))


@accounts.delete("/<slug:edited_slug>/activation")
@superuser_only
@asks_again
def deactivate(edited_slug: str) -> Response:
    """Lock everybody out at once."""
    account = enter_by_slug(edited_slug)
    account.deactivate()
    toast(_("%(name)s is deactivated. Nobody of it can sign in.", name=account.name))
    return redirect_after_post(url_for(".edit", edited_slug=account.slug))
