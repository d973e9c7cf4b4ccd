"""The page behind an invitation's link."""

from flask import Blueprint, Response, make_response, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from portal.access.guards import public
from portal.attacks.models import AttackKind
from portal.attacks.noting import note_attack
from portal.auth.forms import JoinForm
from portal.auth.joining import AddressTaken, find_invitation, is_taken, join
from portal.users.invitations import Invitation
from portal.web.fragments import form_page, redirect_after_post, toast

invitations = Blueprint("invitations", __name__, url_prefix="/invitation")


@invitations.after_request
def keep_address_secret(response: Response) -> Response:
    """The address is a secret: no other page is told of it."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@invitations.route("/<secret:secret>", methods=["GET", "POST"])
@public
def accept(secret: str) -> BaseResponse:
    """Who invites where; name and password make the person a member. Looking at it changes nothing."""
    invitation = find_invitation(secret)
    if invitation is None:
        return dead_link()
    if is_taken(invitation.email):
        return taken(invitation)
    form = JoinForm(invitation.email, invitation.full_name)
    if form.accepted():
        try:
            user = join(secret, form.full_name.data or "", form.password.data or "")
        except AddressTaken:
            return taken(invitation)
        if user is None:
            return dead_link()
        toast(_("Welcome, %(name)s.", name=user.display_name))
        return redirect_after_post(url_for("auth.home"))
    return form_page("auth/join.html", form, invitation=invitation)


def taken(invitation: Invitation) -> BaseResponse:
    """409: the e-mail has access already."""
    return make_response(render_template("auth/join_taken.html", email=invitation.email), 409)


def dead_link() -> BaseResponse:
    """404: used, withdrawn, too old, or never made."""
    note_attack(AttackKind.LINK_REFUSED)
    return make_response(render_template("auth/join_dead.html"), 404)
