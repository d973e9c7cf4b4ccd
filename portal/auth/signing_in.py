"""Signing in, which starts from an e-mail address outside of any account."""

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.audit.models import Action
from portal.audit.recording import record
from portal.auth.decoys import decoy_hash
from portal.auth.devices import known_device
from portal.auth.passwords import hash_password, needs_rehash, verify_password
from portal.auth.sessions import start_session
from portal.auth.throttle import password_guess
from portal.db.base import db
from portal.tenancy.scope import enter_account, system_scope
from portal.users.models import User


def find_user(email: str) -> User | None:
    """The active person behind an e-mail; the exact spelling wins where an older writer left two."""
    with system_scope("sign_in"):
        user = db.session.scalars(
            select(User)
            .options(joinedload(User.account))
            .where(User.has_email(email), User.is_active)
            .order_by((User.email == email).desc(), User.created_at)
            .limit(1)
        ).first()
        is_open = user is not None and (user.is_superuser or user.account.is_active)
    return user if is_open else None


def sign_in(email: str, password: str) -> User | None:
    """Sign a person in, or ``None``: alike, and in the same time, for unknown and for wrong.

    Raises ``TooManyRequests`` when guesses are throttled.
    """
    device = known_device(email)
    guess = password_guess(email, request.remote_addr, device)
    guess.count()
    user = find_user(email)
    stored = user.hashed_password if user else decoy_hash(email)
    db.session.rollback()  # hashing takes long: hold no transaction meanwhile
    if not verify_password(stored, password, is_stranger=device is None):
        return None
    user = find_user(email)
    if user is None or user.hashed_password != stored:
        return None
    enter_account(user.account_id)
    guess.was_right()
    if needs_rehash(user.hashed_password):
        user.hashed_password = hash_password(password)
    start_session(user)
    record(Action.SIGNED_IN, user, by=user)
    return user
