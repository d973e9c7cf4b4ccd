"""Whether the portal can send mail, and the sending of links where it can."""

from typing import Literal

from flask import current_app

from portal.auth.models import PasswordReset
from portal.db.base import db
from portal.mail import deliver_invitation, deliver_password_reset
from portal.users.invitations import Invitation


def mail_is_configured() -> bool:
    """Whether there is a server to hand mail to."""
    return current_app.config["PORTAL"].mail is not None


def send_link(kind: Literal["invitation", "password_reset"], row: Invitation | PasswordReset) -> bool:
    """Mail the link of ``row`` once the present transaction commits; false where mail is not configured."""
    if not mail_is_configured():
        return False
    db.session.flush()
    account_id = str(row.account_id)
    if kind == "invitation":
        deliver_invitation.queue(invitation_id=str(row.id), account_id=account_id)
    else:
        deliver_password_reset.queue(reset_id=str(row.id), account_id=account_id)
    return True
