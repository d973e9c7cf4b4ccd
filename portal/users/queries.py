"""Reading people and invitations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from flask import abort
from sqlalchemy import Select, func, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import joinedload

from portal.db.base import db
from portal.db.types import utc_now
from portal.mail.models import MailDelivery, MailKind, MailState
from portal.mail.smtp import MailFault
from portal.restaurants.models import Restaurant
from portal.tenancy.finding import get_or_404
from portal.tenancy.scope import require_scope
from portal.users.invitations import Invitation
from portal.users.models import User, UserRestaurant, active_owners
from portal.users.sessions import SESSION_LIMITS, PasswordReset, UserSession

MAX_SHOWN = 50
MAX_ASKED = 3


@dataclass(frozen=True)
class Membership:
    """What a person's page says beside the person's own row."""

    sessions: int
    owners: int
    restaurants: list[tuple[str, str]]
    # What became of the last link for a new password that was mailed lately.
    reset_mail: MailDelivery | None


def find_person(user_id: UUID) -> User:
    """The member with that id, or 404; superusers are nobody's members."""
    user = get_or_404(User, user_id)
    if user.is_superuser:
        abort(404)
    return user


def owner_names(account_id: UUID) -> Select[tuple[str]]:
    """What the first few active owners are called: whom to ask for what an owner alone may do."""
    name = func.coalesce(func.nullif(User.full_name, ""), User.email).label("name")
    return active_owners().with_only_columns(name).where(User.account_id == account_id).order_by(name).limit(MAX_ASKED)


def owners_to_ask() -> list[str]:
    """The names of the first few owners of the account in scope."""
    return list(db.session.scalars(owner_names(require_scope().account_id)))


def membership_of(user: User) -> Membership:
    """The person's live sessions, the chain's active owners, restaurants assigned, last reset's mail: one statement."""
    now = utc_now()
    sessions = select(func.count(UserSession.id)).where(
        UserSession.account_id == user.account_id,
        UserSession.user_id == user.id,
        UserSession.expires_at > now,
        UserSession.last_seen_at > now - SESSION_LIMITS.idle,
    )
    owners = active_owners().with_only_columns(func.count()).where(User.account_id == user.account_id)
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
    parts = (sessions, owners, restaurants, _last_reset_mail(user))
    row = db.session.execute(select(*(each.scalar_subquery() for each in parts))).one()
    mail = None if row[3] is None else _read_mail(*row[3])
    return Membership(row[0], row[1], [(each[0], each[1]) for each in row[2] or []], mail)


def _last_reset_mail(user: User) -> Select[tuple[Any]]:
    m = MailDelivery
    told = func.jsonb_build_array(m.email, m.state, m.fault, func.extract("epoch", m.sent_at))
    of_user = (
        m.account_id == user.account_id,
        m.kind == MailKind.PASSWORD_RESET,
        PasswordReset.account_id == user.account_id,
        PasswordReset.user_id == user.id,
    )
    query = select(told).join(PasswordReset, PasswordReset.id == m.subject_id).where(*of_user)
    return query.order_by(PasswordReset.created_at.desc()).limit(1)


def _read_mail(email: str, state: str, fault: str | None, sent_at: float | None) -> MailDelivery:
    moment = None if sent_at is None else datetime.fromtimestamp(sent_at, UTC)
    fault_read = None if fault is None else MailFault.read(fault)
    return MailDelivery(email=email, state=MailState.read(state), fault=fault_read, sent_at=moment)


def waiting_invitations() -> Sequence[Invitation]:
    """The invitations that nobody has accepted or withdrawn, the newest first; those too old included."""
    query = select(Invitation).options(joinedload(Invitation.mail))
    query = query.where(Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))
    return db.session.scalars(query.order_by(Invitation.created_at.desc(), Invitation.id).limit(MAX_SHOWN)).all()


def find_invitation_of_account(invitation_id: UUID) -> Invitation:
    """The invitation of this account with who sent it, or 404."""
    wanted = (joinedload(Invitation.invited_by), joinedload(Invitation.mail))
    invitation = db.session.scalars(select(Invitation).options(*wanted).where(Invitation.id == invitation_id)).first()
    if invitation is None:
        abort(404)
    return invitation


def is_member(email: str) -> bool:
    """Whether somebody of this account, deactivated or not, has the e-mail."""
    query = select(true()).select_from(User).where(User.has_email(email), ~User.is_superuser)
    return db.session.scalar(query.limit(1)) is not None
