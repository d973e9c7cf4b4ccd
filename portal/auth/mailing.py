"""Invitations, password resets and notes on sign-in protection by mail, written from the row alone."""

from typing import Literal
from uuid import UUID, uuid4

from flask import current_app, render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from portal.access.links import link_address, link_secret
from portal.accounts.models import Account
from portal.db.base import db
from portal.jobs.queue import OUTSIDE_RETRIES, Job, job
from portal.mail.delivering import deliver
from portal.mail.models import MailDelivery, MailKind, MailState
from portal.notices.raising import Subject, raise_notice
from portal.tenancy.scope import enter_account
from portal.users.invitations import Invitation
from portal.users.models import User
from portal.users.notices import MAIL_FAILED
from portal.users.sessions import PasswordReset


def mail_is_configured() -> bool:
    """Whether there is a server to hand mail to."""
    return current_app.config["PORTAL"].mail is not None


def send_link(row: Invitation | PasswordReset) -> bool:
    """Mail the link of ``row`` once the present transaction commits; false where mail is not configured."""
    if not mail_is_configured():
        return False
    db.session.flush()
    account_id = str(row.account_id)
    if isinstance(row, Invitation):
        MailDelivery.ask(MailKind.INVITATION, row.id, row.email)
        deliver_invitation.queue(invitation_id=str(row.id), account_id=account_id)
    else:
        MailDelivery.ask(MailKind.PASSWORD_RESET, row.id, db.session.get_one(User, row.user_id).email)
        deliver_password_reset.queue(reset_id=str(row.id), account_id=account_id)
    return True


@job(retry=OUTSIDE_RETRIES, queue="mail", once_by=("invitation_id",), is_outgoing=True)
def deliver_invitation(invitation_id: str, account_id: str) -> None:
    """Mail an invitation that can still be accepted."""
    enter_account(UUID(account_id))
    invitation = db.session.get(Invitation, UUID(invitation_id))
    if invitation is None or not invitation.is_open:
        return MailDelivery.drop(MailKind.INVITATION, UUID(invitation_id))
    delivery = MailDelivery.begin(MailKind.INVITATION, invitation.id, invitation.email)
    if delivery.has_ended:
        return None
    account = db.session.get_one(Account, UUID(account_id))
    inviter = db.session.get(User, invitation.invited_by_id) if invitation.invited_by_id else None
    with force_locale((inviter and inviter.locale) or "en"):
        link = link_address("invitations.accept", link_secret("invitation", invitation.id, invitation.token_hash))
        text = render_template("mail/invitation.txt", account=account, inviter=inviter, link=link)
        # A chain chooses its name freely: it is no subject for mail to people who do not know it.
        subject = _("You are invited to GET INN")
    about = Subject.of(invitation)
    return _go_on(deliver(delivery, subject, text), about, deliver_invitation, invitation_id=invitation_id)


def send_protection_note(user: User, event: Literal["reset", "off"]) -> None:
    """Mail somebody that their sign-in protection was reset, or that a part of it is off; nothing without mail."""
    if not mail_is_configured():
        return
    note_id = uuid4()
    MailDelivery.ask(MailKind.PROTECTION, note_id, user.email)
    ids = (str(note_id), str(user.id), str(user.account_id))
    deliver_protection_note.queue(note_id=ids[0], user_id=ids[1], account_id=ids[2], event=event)


@job(retry=OUTSIDE_RETRIES, queue="mail", once_by=("note_id",), is_outgoing=True)
def deliver_protection_note(user_id: str, account_id: str, event: str, note_id: str = "") -> None:
    """Mail somebody what became of their sign-in protection: a stranger's hand shows in the post of the owner.

    A job that the version before has queued names no note: its mail goes by the person.
    """
    enter_account(UUID(account_id))
    user, subject_id = db.session.get(User, UUID(user_id)), UUID(note_id or user_id)
    if user is None or not user.is_active:
        return MailDelivery.drop(MailKind.PROTECTION, subject_id)
    delivery = MailDelivery.begin(MailKind.PROTECTION, subject_id, user.email)
    if delivery.has_ended:
        return None
    with force_locale(user.locale or "en"):
        text = render_template("mail/protection.txt", user=user, event=event)
        subject = _("Your sign-in protection for GET INN")
    again = {"note_id": str(subject_id), "user_id": user_id, "event": event}
    return _go_on(deliver(delivery, subject, text), Subject.of(user), deliver_protection_note, **again)


@job(retry=OUTSIDE_RETRIES, queue="mail", once_by=("reset_id",), is_outgoing=True)
def deliver_password_reset(reset_id: str, account_id: str) -> None:
    """Mail a link to set a new password."""
    enter_account(UUID(account_id))
    reset = db.session.get(PasswordReset, UUID(reset_id))
    if reset is None or not reset.is_open:
        return MailDelivery.drop(MailKind.PASSWORD_RESET, UUID(reset_id))
    delivery = MailDelivery.begin(MailKind.PASSWORD_RESET, reset.id, reset.user.email)
    if delivery.has_ended:
        return None
    with force_locale(reset.user.locale or "en"):
        link = link_address("passwords.reset", link_secret("password_reset", reset.id, reset.token_hash))
        text = render_template("mail/password_reset.txt", user=reset.user, link=link)
        subject = _("Set a new password for GET INN")
    about = Subject.of(reset.user)
    return _go_on(deliver(delivery, subject, text), about, deliver_password_reset, reset_id=reset_id)


def _go_on(delivery: MailDelivery, about: Subject, again: Job, **arguments: str) -> None:
    """Try again later where that may help; the owners are told of what has failed for good."""
    if delivery.state == MailState.FAILED and delivery.fault is not None:
        raise_notice(MAIL_FAILED, about, fault=str(delivery.fault), mail=str(delivery.kind))
    elif not delivery.has_ended:
        seconds = int(delivery.pause.total_seconds())
        again.queue(in_seconds=seconds, account_id=str(delivery.account_id), **arguments)
