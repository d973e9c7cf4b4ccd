"""A new password by a link: asked for, mailed or handed over, used once."""

from uuid import UUID, uuid4

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.access.links import secret_hash
from portal.access.viewer import Viewer
from portal.auth.devices import known_device
from portal.auth.mailing import send_link
from portal.auth.passwords import hash_password, verify_password
from portal.auth.pending import let_in
from portal.auth.signing_in import SignIn, find_user
from portal.auth.throttle import present_password_guess, reset_request
from portal.db.base import db
from portal.jobs.queue import job
from portal.telemetry.context import add_email_to_log
from portal.tenancy.scope import enter_account, system_scope
from portal.users.models import User
from portal.users.sessions import PasswordReset, UserSession


def ask_for_reset(email: str) -> None:
    """Mail a link to the person behind an e-mail; nobody learns whether there is one.

    What is done here is the same for both, so that the time of the answer tells nothing either; the rest is a job.
    Raises ``TooManyRequests`` where one e-mail, or one address, asks too often.
    """
    add_email_to_log(email)
    reset_request(email, request.remote_addr, known_device(email)).count()
    user = find_user(email)
    user_id, account_id = (user.id, user.account_id) if user else (uuid4(), uuid4())
    answer_reset_request.queue(user_id=str(user_id), account_id=str(account_id))


@job()
def answer_reset_request(user_id: str, account_id: str) -> None:
    """Mail the person a link; the one that is open already, so that asking again does not spoil the first mail."""
    enter_account(UUID(account_id))
    user = db.session.get(User, UUID(user_id))
    if user is not None and user.may_sign_in:
        send_link(PasswordReset.open_or_new(user))


def find_reset(secret: str, *, lock: bool = False) -> PasswordReset | None:
    """The open offer behind a link, its account entered; ``None`` for one spent, too old or of a closed account."""
    query = (
        select(PasswordReset)
        .options(joinedload(PasswordReset.user).joinedload(User.account))
        .where(PasswordReset.token_hash == secret_hash(secret))
    )
    if lock:
        query = query.with_for_update(of=PasswordReset).execution_options(populate_existing=True)
    with system_scope("link"):
        reset = db.session.scalars(query).first()
        is_usable = reset is not None and reset.is_open and reset.user.may_sign_in
    if reset is None or not is_usable:
        return None
    enter_account(reset.account_id)
    return reset


def redeem_reset(secret: str, password: str) -> SignIn | None:
    """Set the new password, end every session and sign the person in here; ``None`` where the link is spent.

    Who has a second factor must pass it here, too: a link in the mail is worth a password, not more.
    """
    db.session.rollback()  # hashing takes long: hold no transaction meanwhile
    hashed = hash_password(password)
    reset = find_reset(secret, lock=True)
    if reset is None:
        return None
    user: User = reset.user
    PasswordReset.spend_all(user.id)
    user.set_password(hashed)
    UserSession.end_all(user.id)
    return SignIn(user, is_complete=let_in(user))


def proved_hash(viewer: Viewer, typed: str) -> str | None:
    """The stored hash, where what was typed is the present person's password; no transaction is open afterwards.

    Raises ``TooManyRequests``: somebody at an unlocked screen must not be able to guess on. Right ones count as well:
    nobody is asked so often.
    """
    present_password_guess(str(viewer.id)).count()
    stored = db.session.get_one(User, viewer.id).hashed_password
    db.session.rollback()  # hashing takes long: hold no transaction meanwhile
    return stored if verify_password(stored, typed) else None


def change_password(viewer: Viewer, current: str, new: str) -> bool:
    """Set a new password and end the other sessions; false where the current one is wrong. Raises TooManyRequests."""
    stored = proved_hash(viewer, current)
    if stored is None:
        return False
    hashed = hash_password(new)
    user = db.session.get_one(User, viewer.id, with_for_update=True)
    if user.hashed_password != stored:
        return False
    user.set_password(hashed)
    PasswordReset.spend_all(user.id)
    UserSession.end_all(user.id, but=viewer.session_id)
    return True
