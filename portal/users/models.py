"""Members of an account, the restaurants assigned to them and the invitations of new ones."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint, false, text, true
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access.permissions import Role
from portal.accounts.models import Account
from portal.audit.models import Action
from portal.audit.recording import record
from portal.auth.links import link_address, link_secret, secret_hash
from portal.db.base import SCHEMA, TenantEntity, db
from portal.db.types import utc_now
from portal.tenancy.scope import require_scope

INVITATION_LIFETIME = timedelta(hours=72)
ROLE_CHECK = "role IN ('owner', 'manager', 'chef', 'viewer')"


class UserRestaurant(TenantEntity):
    """The assignment of one restaurant to one person."""

    __tablename__ = "user_restaurant"
    __table_args__ = (
        UniqueConstraint("account_id", "user_id", "restaurant_id"),
        ForeignKeyConstraint(
            ["account_id", "user_id"], [f"{SCHEMA}.user.account_id", f"{SCHEMA}.user.id"], ondelete="CASCADE"
        ),
        ForeignKeyConstraint(
            ["account_id", "restaurant_id"],
            [f"{SCHEMA}.restaurant.account_id", f"{SCHEMA}.restaurant.id"],
            ondelete="CASCADE",
        ),
        Index("ix_user_restaurant_restaurant_id", "account_id", "restaurant_id"),
    )

    user_id: Mapped[UUID]
    restaurant_id: Mapped[UUID]


class User(TenantEntity):
    """A person who signs in by e-mail; a member of one account, or a superuser."""

    __tablename__ = "user"
    __table_args__ = (
        CheckConstraint(ROLE_CHECK, name="role"),
        CheckConstraint("locale IN ('en', 'ru')", name="locale"),
        UniqueConstraint("account_id", "id"),
        Index("ix_user_account_id", "account_id", "is_active", "email", "id"),
        Index("ix_user_account_id_updated_at", "account_id", "updated_at", "id"),
        Index("ix_user_lower_email", text("lower(email)")),
    )

    email: Mapped[str] = mapped_column(unique=True)
    hashed_password: Mapped[str]
    full_name: Mapped[str | None]
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    is_superuser: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Where an older writer leaves it out, a trigger makes the first of an account its owner.
    role: Mapped[str] = mapped_column(default=Role.VIEWER)
    locale: Mapped[str | None]
    timezone: Mapped[str | None]
    last_signed_in_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(viewonly=True)
    assignments: Mapped[list[UserRestaurant]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def display_name(self) -> str:
        """The name where there is one, else the e-mail."""
        return self.full_name or self.email


class Invitation(TenantEntity):
    """A single-use offer to join an account, bound to one e-mail; at most 72 hours old.

    The link's secret is derived (``portal.auth.links``); only its hash is stored.
    """

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint(ROLE_CHECK, name="role"),
        ForeignKeyConstraint(
            ["account_id", "invited_by_id"],
            [f"{SCHEMA}.user.account_id", f"{SCHEMA}.user.id"],
            name="invitation_invited_by_fkey",
        ),
        Index("ix_invitation_account_id", "account_id", "created_at", "id"),
        Index("ix_invitation_invited_by", "account_id", "invited_by_id"),
    )

    email: Mapped[str]
    full_name: Mapped[str | None]
    role: Mapped[str]
    restaurant_ids: Mapped[list[UUID]] = mapped_column(ARRAY(PgUUID), default=list, server_default="{}")
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    # None where a superuser invited: they are nobody's member.
    invited_by_id: Mapped[UUID | None]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    @property
    def is_open(self) -> bool:
        """Whether it can still be accepted."""
        return self.accepted_at is None and self.revoked_at is None and self.expires_at > utc_now()

    @classmethod
    def offer(
        cls,
        email: str,
        role: Role,
        *,
        full_name: str | None = None,
        restaurant_ids: Sequence[UUID] = (),
        invited_by_id: UUID | None = None,
    ) -> "Invitation":
        """Invite somebody to the account in scope; ``link`` is what they need."""
        invitation = cls(
            id=uuid4(),
            account_id=require_scope().account_id,
            email=email.lower(),
            full_name=full_name,
            role=role,
            restaurant_ids=list(restaurant_ids),
            invited_by_id=invited_by_id,
            expires_at=utc_now() + INVITATION_LIFETIME,
        )
        invitation.token_hash = secret_hash(invitation._secret)
        db.session.add(invitation)
        told = {
            "role": str(role),
            "full_name": full_name,
            "restaurant_ids": [str(one) for one in restaurant_ids],
        }
        record(
            Action.INVITED,
            invitation,
            after={key: value for key, value in told.items() if value},
            label=email,
        )
        return invitation

    @property
    def link(self) -> str:
        """The whole address that lets the invited person in."""
        return link_address("invitations.accept", self._secret)

    @property
    def _secret(self) -> str:
        return link_secret("invitation", self.id)
