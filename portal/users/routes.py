"""Owners' pages of the people of a chain."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from portal.access.guards import asks_again, asks_again_if, requires
from portal.access.permissions import Permission
from portal.accounts.export import recorded_export
from portal.accounts.models import Account
from portal.audit.history import history_of
from portal.users.forms import AccessForm
from portal.users.listing import USERS
from portal.users.models import AccessKept
from portal.users.queries import find_person, membership_of, waiting_invitations
from portal.users.rescue import may_reset_factors
from portal.web.costly import costly
from portal.web.forms import is_sent
from portal.web.fragments import form_page, fragment, list_page, redirect_after_post, toast, wants_fragment
from portal.web.listing import read_page
from portal.web.merging import hold, will_save
from portal.web.navigation import section

users = Blueprint("users", __name__, url_prefix="/users")
section(users, _l("People"), "users", Permission.USERS_EDIT)


@users.get("")
@requires(Permission.USERS_EDIT)
def index() -> str:
    """The list, below the invitations that wait."""
    page = read_page(USERS, request.args, url_for(".index"))
    invitations = [] if wants_fragment() else waiting_invitations()
    words = {"off_label": _("Deactivated"), "off_class": "table__off", "add_url": url_for("account.invitations.new")}
    return list_page(page, "users/index.html", invitations=invitations, may_choose=False, **words)


@users.get("/export")
@requires(Permission.USERS_EDIT)
@costly
def export() -> Response:
    """The list as CSV."""
    return recorded_export(USERS, request.args)


@users.get("/restaurants")
@requires(Permission.USERS_EDIT)
def restaurants() -> str:
    """The checklist of restaurants, narrowed by what is searched for; what is ticked stays."""
    form = AccessForm(formdata=request.args)
    form.restaurant_ids.offer()
    return fragment("users/_restaurants.html", form=form)


@users.get("/<uuid:user_id>")
@requires(Permission.USERS_EDIT)
def show(user_id: UUID) -> str:
    """One person."""
    person = find_person(user_id)
    standing, history = membership_of(person), history_of(person)
    may_reset = may_reset_factors(person, standing.owners)
    return render_template(
        "users/show.html", person=person, standing=standing, history=history, may_reset_factors=may_reset
    )


@users.route("/<uuid:user_id>/edit", methods=["GET", "POST"])
@requires(Permission.USERS_EDIT)
@asks_again_if(is_sent)
def edit(user_id: UUID) -> Response:
    """Role and restaurants."""
    # Of all people of a chain at once, for a change may look at its owners: two at a time could wait for each other.
    if will_save():
        hold(Account.current())
    person = find_person(user_id)
    form = AccessForm(role=person.role, restaurant_ids=[str(one) for one in person.restaurant_ids])
    form.row, form.is_stranded = person, person.is_stranded
    if form.accepted():
        try:
            person.change_access(**form.values(), limited=form.is_limited)
        except AccessKept as refusal:
            form.role.errors = [str(refusal.reason)]
        else:
            toast(_("%(name)s was saved.", name=person.display_name))
            return redirect_after_post(url_for(".show", user_id=person.id))
    return form_page("users/edit.html", form, person=person)


@users.post("/<uuid:user_id>/activation")
@requires(Permission.USERS_EDIT)
def activate(user_id: UUID) -> Response:
    """Let the person in again."""
    person = find_person(user_id)
    person.activate()
    toast(_("%(name)s can sign in again.", name=person.display_name))
    return redirect_after_post(url_for(".show", user_id=person.id))


@users.delete("/<uuid:user_id>/activation")
@requires(Permission.USERS_EDIT)
@asks_again
def deactivate(user_id: UUID) -> Response:
    """Lock the person out at once."""
    person = find_person(user_id)
    person.deactivate()
    undo = url_for(".activate", user_id=person.id)
    toast(_("%(name)s is deactivated and signed out everywhere.", name=person.display_name), undo_url=undo)
    return redirect_after_post(url_for(".show", user_id=person.id))
