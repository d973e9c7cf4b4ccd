"""Accepting an invitation: from the secret of a link to a signed-in member."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from portal.access.links import secret_hash
from portal.auth.passwords import hash_password
from portal.auth.sessions import start_session
from portal.db.base import db
from portal.tenancy.scope import enter_account, system_scope
from portal.users.assignable import restaurant_names
from portal.users.invitations import Invitation
from portal.users.models import User


class AddressTaken(Exception):
    """Somebody signs in with this e-mail already, in this chain or another."""


def find_invitation(secret: str, *, lock: bool = False) -> Invitation | None:
    """The open invitation behind a link, its account entered; ``None`` for any other."""
    query = (
        select(Invitation)
        .options(joinedload(Invitation.account), joinedload(Invitation.invited_by))
        .where(Invitation.token_hash == secret_hash(secret))
    )
    if lock:
        query = query.with_for_update(of=Invitation).execution_options(populate_existing=True)
    with system_scope("link"):
        invitation = db.session.scalars(query).first()
        is_usable = invitation is not None and invitation.is_open and invitation.account.is_active
    if invitation is None or not is_usable:
        return None
    enter_account(invitation.account_id)
    return None if invitation.is_outdated else invitation


def is_taken(email: str) -> bool:
    """Whether anybody anywhere signs in with the e-mail."""
    with system_scope("link"):
        query = select(User.id).where(User.has_email(email)).limit(1)
        return db.session.scalar(query) is not None


def join(secret: str, full_name: str, password: str) -> User | None:
    """Accept an invitation and sign the new member in; ``None`` where the link is no longer good.

    It is not where every restaurant that it was limited to is gone: the person would see nothing. Raises
    ``AddressTaken``.
    """
    db.session.rollback()  # hashing takes long: hold no transaction meanwhile
    hashed = hash_password(password)
    invitation = find_invitation(secret, lock=True)
    if invitation is None or (invitation.restaurant_ids and not restaurant_names(invitation.restaurant_ids)):
        return None
    if is_taken(invitation.email):
        raise AddressTaken
    try:
        with db.session.begin_nested():
            user = invitation.accept(full_name, hashed)
    except IntegrityError as error:
        raise AddressTaken from error
    start_session(user)
    return user
