"""Between the password and the second factor: a row at the server, its reference in the signed cookie of forms."""

import hashlib
import secrets

from flask import session as form_session
from sqlalchemy import select
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


def let_in(user: User) -> bool:
    """Sign somebody in whose password was right, or have them wait for their second factor: whether they are in.

    The person's account must be in scope.
    """
    if user.second_factor_since is not None:
        begin_pending(user)
        return False
    complete(user)
    return True


def begin_pending(user: User) -> None:
    """Note that the password was right; the browser gets the reference with this answer."""
    token = secrets.token_urlsafe(32)
    db.session.add(PendingSignIn(account_id=user.account_id, user_id=user.id, token_hash=_hash(token)))
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
