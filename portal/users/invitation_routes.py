"""Owners' pages of invitations."""

from uuid import UUID

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import asks_again, asks_again_if, requires
from portal.access.permissions import CREDENTIAL_ROLES, Permission
from portal.access.viewer import current_viewer
from portal.auth.mailing import mail_is_configured, send_link
from portal.users.assignable import restaurant_names
from portal.users.forms import InvitationForm
from portal.users.invitations import TOO_MANY, Invitation
from portal.users.models import AccessKept
from portal.users.queries import find_invitation_of_account
from portal.web.forms import is_sent
from portal.web.fragments import form_page, redirect_after_post, toast


def makes_owner() -> bool:
    """Whether the form that was sent invites to a role that handles the chain's secrets."""
    return is_sent() and request.form.get("role") in CREDENTIAL_ROLES


invitations = Blueprint("invitations", __name__, url_prefix="/users/invitations")


@invitations.route("/new", methods=["GET", "POST"])
@requires(Permission.USERS_EDIT)
@asks_again_if(makes_owner)
def new() -> Response:
    """Invite somebody."""
    form = InvitationForm()
    if form.accepted():
        try:
            return sent(Invitation.offer(**form.values(), invited_by_id=inviter_id()))
        except AccessKept as refusal:
            form.role.errors = [str(refusal.reason)]
    return form_page("users/new.html", form)


@invitations.get("/<uuid:invitation_id>")
@requires(Permission.USERS_EDIT)
def show(invitation_id: UUID) -> str:
    """One invitation and its link."""
    invitation = find_invitation_of_account(invitation_id)
    return render_template(
        "users/invitation.html",
        invitation=invitation,
        restaurants=restaurant_names(invitation.restaurant_ids),
        mail_is_configured=mail_is_configured(),
    )


@invitations.post("/<uuid:invitation_id>/renewal")
@requires(Permission.USERS_EDIT)
@asks_again
def renew(invitation_id: UUID) -> Response:
    """A new link on the same terms, mailed where mail is configured; the old one is dead."""
    invitation = find_invitation_of_account(invitation_id)
    if invitation.accepted_at is not None:
        toast(_("%(email)s has joined already.", email=invitation.email), tone="bad")
        return redirect_after_post(url_for(".show", invitation_id=invitation.id))
    if minutes := Invitation.minutes_to_wait():
        toast(TOO_MANY % {"minutes": minutes}, tone="bad")
        return redirect_after_post(url_for(".show", invitation_id=invitation.id))
    return sent(invitation.renew(inviter_id()))


@invitations.delete("/<uuid:invitation_id>")
@requires(Permission.USERS_EDIT)
def withdraw(invitation_id: UUID) -> Response:
    """Make the link useless."""
    invitation = find_invitation_of_account(invitation_id)
    invitation.withdraw()
    toast(_("The invitation of %(email)s was withdrawn.", email=invitation.email))
    return redirect_after_post(url_for("account.users.index"))


def sent(invitation: Invitation) -> Response:
    """To the new invitation's page, mailed or to be handed over."""
    if send_link(invitation):
        toast(_("%(email)s is invited. This page says when the mail was sent.", email=invitation.email))
    else:
        toast(_("%(email)s is invited. Hand the link over.", email=invitation.email))
    return redirect_after_post(url_for(".show", invitation_id=invitation.id))


def inviter_id() -> UUID | None:
    """The inviting member; superusers are nobody's members."""
    viewer = current_viewer()
    return None if viewer is None or viewer.is_superuser else viewer.id
