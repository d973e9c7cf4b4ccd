"""Adding a chain: the account, and the invitation of its first owner."""

from collections.abc import Callable, Sequence
from uuid import uuid4

from flask import abort
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.access.permissions import Role
from portal.accounts.models import Account
from portal.auth.mailing import send_link
from portal.db.base import db
from portal.db.types import utc_now
from portal.tenancy.scope import enter_account
from portal.users.invitations import Invitation
from portal.users.models import has_active_owner

_beginnings: list[Callable[[], object]] = []


def begin_with(give: Callable[[], object]) -> None:
    """What every new chain begins with, once it is entered: rooms above this one say it."""
    if give not in _beginnings:
        _beginnings.append(give)


def open_account(name: str, slug: str, description: str | None, owner_email: str, owner_name: str | None) -> Account:
    """The new chain, entered, with its first owner invited; 409 where somebody took the address meanwhile."""
    account = Account(id=uuid4(), name=name, slug=slug, description=description, is_active=True)
    enter_account(account.id)
    try:
        account.open()
    except IntegrityError:
        db.session.rollback()
        abort(409)
    for give in _beginnings:
        give()
    invitation = Invitation.offer(owner_email, Role.OWNER, full_name=owner_name)
    send_link(invitation)
    return account


def offered_ownerships() -> Sequence[Invitation]:
    """The invitations of the account in scope that wait for its first owner; later ones are the owners' own."""
    if has_active_owner():
        return ()
    query = select(Invitation).where(
        Invitation.role == Role.OWNER,
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > utc_now(),
    )
    return db.session.scalars(query.order_by(Invitation.created_at, Invitation.id)).all()
