"""Invitations and password resets by mail, written from the row alone."""

from typing import Literal
from uuid import UUID

from flask import current_app, render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from portal.access.links import link_address, link_secret
from portal.accounts.models import Account
from portal.db.base import db
from portal.jobs.queue import OUTSIDE_RETRIES, job
from portal.mail import send
from portal.tenancy.scope import enter_account
from portal.users.invitations import Invitation
from portal.users.models import User
from portal.users.sessions import PasswordReset


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


@job(retry=OUTSIDE_RETRIES, queue="mail", once_by=("invitation_id",), is_outgoing=True)
def deliver_invitation(invitation_id: str, account_id: str) -> None:
    """Mail an invitation that can still be accepted."""
    enter_account(UUID(account_id))
    invitation = db.session.get(Invitation, UUID(invitation_id))
    if invitation is None or not invitation.is_open:
        return
    account = db.session.get_one(Account, UUID(account_id))
    inviter = db.session.get(User, invitation.invited_by_id) if invitation.invited_by_id else None
    with force_locale((inviter and inviter.locale) or "en"):
        link = link_address("invitations.accept", link_secret("invitation", invitation.id, invitation.token_hash))
        text = render_template("mail/invitation.txt", account=account, inviter=inviter, link=link)
        # A chain chooses its name freely: it is no subject for mail to people who do not know it.
        subject = _("You are invited to GET INN")
    address = invitation.email
    db.session.rollback()
    send(address, subject, text)


def send_protection_note(user: User, event: Literal["reset", "off"]) -> None:
    """Mail somebody that their sign-in protection was reset, or that a part of it is off; nothing without mail."""
    if mail_is_configured():
        deliver_protection_note.queue(user_id=str(user.id), account_id=str(user.account_id), event=event)


@job(retry=OUTSIDE_RETRIES, queue="mail", is_outgoing=True)
def deliver_protection_note(user_id: str, account_id: str, event: str) -> None:
    """Mail somebody what became of their sign-in protection: a stranger's hand shows in the post of the owner."""
    enter_account(UUID(account_id))
    user = db.session.get(User, UUID(user_id))
    if user is None or not user.is_active:
        return
    with force_locale(user.locale or "en"):
        text = render_template("mail/protection.txt", user=user, event=event)
        subject = _("Your sign-in protection for GET INN")
    address = user.email
    db.session.rollback()
    send(address, subject, text)


@job(retry=OUTSIDE_RETRIES, queue="mail", once_by=("reset_id",), is_outgoing=True)
def deliver_password_reset(reset_id: str, account_id: str) -> None:
    """Mail a link to set a new password."""
    enter_account(UUID(account_id))
    reset = db.session.get(PasswordReset, UUID(reset_id))
    if reset is None or not reset.is_open:
        return
    with force_locale(reset.user.locale or "en"):
        link = link_address("passwords.reset", link_secret("password_reset", reset.id, reset.token_hash))
        text = render_template("mail/password_reset.txt", user=reset.user, link=link)
        subject = _("Set a new password for GET INN")
    address = reset.user.email
    db.session.rollback()
    send(address, subject, text)
