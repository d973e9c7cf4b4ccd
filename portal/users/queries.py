"""Reading people and invitations."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import abort
from sqlalchemy import func, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import joinedload

from portal.access.permissions import Role
from portal.db.base import db
from portal.db.types import utc_now
from portal.restaurants.models import Restaurant
from portal.tenancy.finding import get_or_404
from portal.users.invitations import Invitation
from portal.users.models import User, UserRestaurant
from portal.users.sessions import SESSION_LIMITS, UserSession

MAX_SHOWN = 50


@dataclass(frozen=True)
class Membership:
    """What a person's page says beside the person's own row."""

    sessions: int
    owners: int
    restaurants: list[tuple[str, str]]


def find_person(user_id: UUID) -> User:
    """The member with that id, or 404; superusers are nobody's members."""
    user = get_or_404(User, user_id)
    if user.is_superuser:
        abort(404)
    return user


def membership_of(user: User) -> Membership:
    """The person's live sessions, the chain's active owners and the restaurants assigned: one statement."""
    now = utc_now()
    sessions = select(func.count(UserSession.id)).where(
        UserSession.account_id == user.account_id,
        UserSession.user_id == user.id,
        UserSession.expires_at > now,
        UserSession.last_seen_at > now - SESSION_LIMITS.idle,
    )
    owners = select(func.count(User.id)).where(
        User.account_id == user.account_id, User.role == Role.OWNER, User.is_active, ~User.is_superuser
    )
    pair = func.jsonb_build_array(Restaurant.id, Restaurant.name)
    restaurants = (
        select(func.jsonb_agg(aggregate_order_by(pair, Restaurant.name, Restaurant.id)))
        .join(UserRestaurant, UserRestaurant.restaurant_id == Restaurant.id)
        .where(
            UserRestaurant.account_id == user.account_id,
            UserRestaurant.user_id == user.id,
            Restaurant.account_id == user.account_id,
        )
    )
    row = db.session.execute(select(*(each.scalar_subquery() for each in (sessions, owners, restaurants)))).one()
    return Membership(row[0], row[1], [(each[0], each[1]) for each in row[2] or []])


def waiting_invitations() -> Sequence[Invitation]:
    """The invitations that nobody has accepted or withdrawn, the newest first; those too old included."""
    query = select(Invitation).where(Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
    return db.session.scalars(query.order_by(Invitation.created_at.desc(), Invitation.id).limit(MAX_SHOWN)).all()


def find_invitation_of_account(invitation_id: UUID) -> Invitation:
    """The invitation of this account with who sent it, or 404."""
    query = select(Invitation).options(joinedload(Invitation.invited_by)).where(Invitation.id == invitation_id)
    invitation = db.session.scalars(query).first()
    if invitation is None:
        abort(404)
    return invitation


def is_member(email: str) -> bool:
    """Whether somebody of this account, deactivated or not, has the e-mail."""
    query = select(true()).select_from(User).where(func.lower(User.email) == email.lower(), ~User.is_superuser)
    return db.session.scalar(query.limit(1)) is not None
