"""Between the password and the second factor: a row at the server, its reference in the signed cookie of forms."""

import hashlib
import secrets

from flask import session as form_session
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from portal.audit.models import Action
from portal.audit.recording import record
from portal.auth.sessions import start_session
from portal.db.base import db
from portal.db.types import utc_now
from portal.tenancy.scope import enter_account, system_scope
from portal.users.models import User
from portal.users.sessions import PendingSignIn

KEPT_AS = "pending_sign_in"


def let_in(user: User, kept_form: str | None = None) -> bool:
    """Sign somebody in whose password was right, or have them wait for their second factor: whether they are in.

    The person's account must be in scope. ``kept_form`` is a sealed form that waits with them.
    """
    if user.second_factor_since is not None:
        begin_pending(user, kept_form)
        return False
    complete(user)
    return True


def begin_pending(user: User, kept_form: str | None = None) -> None:
    """Note that the password was right; the browser gets the reference with this answer.

    One form at most waits for a person: whoever knows a password fills no disk with them.
    """
    token = secrets.token_urlsafe(32)
    if kept_form is not None:
        former = update(PendingSignIn).where(PendingSignIn.user_id == user.id)
        db.session.execute(former.values(kept_form=None))
    row = PendingSignIn(account_id=user.account_id, user_id=user.id, token_hash=_hash(token), kept_form=kept_form)
    db.session.add(row)
    form_session[KEPT_AS] = token


def find_pending() -> PendingSignIn | None:
    """The sign-in half way of this browser, its account entered; ``None`` where there is none, or it took too long."""
    token = form_session.get(KEPT_AS)
    if not isinstance(token, str):
        return None
    query = select(PendingSignIn).options(joinedload(PendingSignIn.user).joinedload(User.account))
    with system_scope("sign_in"):
        pending = db.session.scalars(query.where(PendingSignIn.token_hash == _hash(token))).first()
        is_usable = pending is not None and pending.expires_at > utc_now() and pending.user.may_sign_in
    if pending is None or not is_usable:
        return None
    enter_account(pending.account_id)
    return pending


def complete(user: User, factor: str | None = None) -> None:
    """Sign the person in; ``factor`` is the one that they passed."""
    start_session(user, has_passed_factor=factor is not None)
    record(Action.SIGNED_IN, user, after={"factor": factor} if factor else None, by=user)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
