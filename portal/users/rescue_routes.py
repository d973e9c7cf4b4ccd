"""For people who cannot sign in: a link to a new password, and an end of factors that are lost."""

from uuid import UUID

from flask import Blueprint, abort, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.guards import asks_again, requires
from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.auth.factors.protection import reset_factors
from portal.auth.mailing import mail_is_configured, send_link
from portal.users.models import User
from portal.users.queries import find_person, membership_of
from portal.users.rescue import may_reset_factors, may_show_link
from portal.users.sessions import PasswordReset
from portal.web.fragments import redirect_after_post, toast

rescue = Blueprint("rescue", __name__, url_prefix="/users/<uuid:user_id>")


@rescue.post("/password-reset")
@requires(Permission.USERS_EDIT)
@asks_again
def offer_reset(user_id: UUID) -> Response | str:
    """Mail the person a link to a new password; without mail show it, once, to be handed over.

    Whoever holds the link can be that person: a support visit, which replaces no credentials, makes none, and no
    owner sees another owner's.
    """
    if not may(Permission.CREDENTIALS_REPLACE):
        abort(403)
    person = find_person(user_id)
    if not person.is_active:
        return refuse(person, _("Reactivate %(name)s first.", name=person.display_name))
    if mail_is_configured():
        send_link(PasswordReset.offer(person))
        toast(
            _(
                "A link to set a new password will be mailed to %(email)s. This page says when it was.",
                email=person.email,
            )
        )
        return redirect_after_post(url_for("account.users.show", user_id=person.id))
    if not may_show_link(person):
        return refuse(person, _("No owner sees the link of another owner. The people who run the portal can make it."))
    return render_template("users/password_reset.html", person=person, reset=PasswordReset.offer(person, "shown"))


@rescue.delete("/second-factor")
@requires(Permission.USERS_EDIT)
@asks_again
def reset_second_factor(user_id: UUID) -> Response:
    """Let somebody in by the password alone who has lost phone, passkeys and codes; every owner is told."""
    person = find_person(user_id)
    if not may_reset_factors(person, membership_of(person).owners):
        abort(403)
    reset_factors(person)
    toast(
        _(
            "%(name)s signs in by the password alone now, until they set their protection up again.",
            name=person.display_name,
        )
    )
    return redirect_after_post(url_for("account.users.show", user_id=person.id))


def refuse(person: User, reason: str) -> Response:
    """Back to the person's page, and why."""
    toast(reason, tone="bad")
    return redirect_after_post(url_for("account.users.show", user_id=person.id))
