"""Mail: invitations and password resets, written from the row alone and handed to the SMTP server."""

import smtplib
import ssl
from email.message import EmailMessage
from uuid import UUID

from flask import current_app, render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from config import MailServer
from portal.accounts.models import Account
from portal.auth.links import link_address, link_secret
from portal.auth.models import PasswordReset
from portal.db.base import db
from portal.jobs.queue import OUTSIDE_RETRIES, job
from portal.tenancy.scope import enter_account
from portal.users.invitations import Invitation
from portal.users.models import User

TIMEOUT_SECONDS = 20


@job(retry=OUTSIDE_RETRIES)
def deliver_invitation(invitation_id: str, account_id: str) -> None:
    """Mail an invitation that can still be accepted."""
    enter_account(UUID(account_id))
    invitation = db.session.get(Invitation, UUID(invitation_id))
    if invitation is None or not invitation.is_open:
        return
    account = db.session.get_one(Account, UUID(account_id))
    inviter = db.session.get(User, invitation.invited_by_id) if invitation.invited_by_id else None
    with force_locale((inviter and inviter.locale) or "en"):
        link = link_address("invitations.accept", link_secret("invitation", invitation.id))
        text = render_template("mail/invitation.txt", account=account, inviter=inviter, link=link)
        subject = _("%(name)s invites you to GET INN", name=account.name)
    address = invitation.email
    db.session.rollback()
    send(address, subject, text)


@job(retry=OUTSIDE_RETRIES)
def deliver_password_reset(reset_id: str, account_id: str) -> None:
    """Mail a link to set a new password."""
    enter_account(UUID(account_id))
    reset = db.session.get(PasswordReset, UUID(reset_id))
    if reset is None or not reset.is_open:
        return
    with force_locale(reset.user.locale or "en"):
        link = link_address("passwords.reset", link_secret("password_reset", reset.id))
        text = render_template("mail/password_reset.txt", user=reset.user, link=link)
        subject = _("Set a new password for GET INN")
    address = reset.user.email
    db.session.rollback()
    send(address, subject, text)


def send(address: str, subject: str, text: str) -> None:
    """Hand one message to the configured server; no transaction is open meanwhile."""
    server: MailServer = current_app.config["PORTAL"].mail
    message = EmailMessage()
    message["From"], message["To"] = server.sender, address
    # A chain's name is part of it: whatever breaks a line there must not start a header.
    message["Subject"] = " ".join(subject.split())
    message.set_content(text)
    with _connect(server) as smtp:
        if server.username:
            smtp.login(server.username, server.password or "")
        smtp.send_message(message)


def _connect(server: MailServer) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_SECONDS, context=context)
    smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_SECONDS)
    if server.security == "starttls":
        smtp.starttls(context=context)
    return smtp
