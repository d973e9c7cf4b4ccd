"""Signing in, which starts from an e-mail address outside of any account."""

from dataclasses import dataclass

from flask import request
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from portal.attacks.models import AttackKind
from portal.attacks.noting import note_attack
from portal.auth.decoys import decoy_hash
from portal.auth.devices import known_device
from portal.auth.factors.passkeys import SIGN_IN, AnswerRefused, owner_of, use_passkey
from portal.auth.factors.proving import Proof
from portal.auth.failed_sign_ins import KnownPerson, note_failed_sign_in
from portal.auth.passwords import hash_password, needs_rehash, verify_password
from portal.auth.pending import complete, let_in
from portal.auth.throttle import password_guess
from portal.db.base import db
from portal.telemetry.context import add_email_to_log
from portal.tenancy.scope import enter_account, system_scope
from portal.users.models import User
from portal.users.sessions import PendingSignIn


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


@dataclass(frozen=True, slots=True)
class SignIn:
    """Whose password was right, and whether that was enough."""

    user: User
    is_complete: bool


def sign_in(email: str, password: str, kept_form: str | None = None) -> SignIn | None:
    """Sign a person in, or ``None``: alike, and in the same time, for unknown and for wrong.

    Raises ``TooManyRequests`` when guesses are throttled. ``kept_form`` waits for the second factor, too.
    """
    add_email_to_log(email)
    device = known_device(email)
    guess = password_guess(email, request.remote_addr, device)
    guess.count()
    user = find_user(email)
    stored = user.hashed_password if user else decoy_hash(email)
    person = KnownPerson(user.account_id, user.id) if user else None
    db.session.rollback()  # hashing takes long: hold no transaction meanwhile
    if not verify_password(stored, password, is_stranger=device is None):
        note_failed_sign_in(person)
        return None
    user = find_user(email)
    if user is None or user.hashed_password != stored:
        return None
    enter_account(user.account_id)
    guess.was_right()
    if needs_rehash(user.hashed_password):
        user.hashed_password = hash_password(password)
    return SignIn(user, is_complete=let_in(user, kept_form))


def sign_in_by_passkey(answer: str) -> User | None:
    """Sign somebody in by a passkey alone: possession, and a finger, a face or a PIN; ``None`` where it is refused."""
    try:
        user = owner_of(answer)
        enter_account(user.account_id)
        use_passkey(user.id, answer, SIGN_IN)
    except AnswerRefused:
        note_attack(AttackKind.FACTOR_REFUSED)
        return None
    complete(user, "passkey")
    return user


def sign_in_by_factor(pending: PendingSignIn, proof: Proof) -> str | None:
    """Complete a sign-in by the second factor: by which, or ``None`` where it is wrong.

    Raises ``TooManyRequests`` after too many wrong ones.
    """
    pending_id, user_id = pending.id, pending.user_id
    factor = proof.prove(pending.user, f"factor:{pending_id}")
    # Somebody may have been deactivated meanwhile, or another tab have come first.
    still = db.session.get(PendingSignIn, pending_id, populate_existing=True, with_for_update=True)
    if factor is None or still is None:
        return None
    db.session.delete(still)
    complete(db.session.get_one(User, user_id), factor)
    return factor
