"""A person's sessions at the server, and the links that reset a password."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKeyConstraint, Index, Text, delete, select, update
from sqlalchemy.dialects.postgresql import INET
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access.links import link_address, link_secret, secret_hash
from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import SCHEMA, TenantEntity, db
from portal.db.tables import table_args
from portal.db.types import utc_now

RESET_LIFETIME = timedelta(hours=1)
# A link that is mailed again is good for as long as it takes to read a mail.
LEAST_RESET_LIFE = timedelta(minutes=15)
PENDING_LIFETIME = timedelta(minutes=10)
# For so long after somebody proved that it is them, nothing grave asks again.
CONFIRMED_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class SessionLimits:
    """How long a session lasts: unused, and in all."""

    idle: timedelta
    absolute: timedelta

    @classmethod
    def of(cls, is_superuser: bool) -> "SessionLimits":
        """Those of a superuser, or of a member."""
        return SUPERUSER_LIMITS if is_superuser else SESSION_LIMITS


SESSION_LIMITS = SessionLimits(idle=timedelta(days=7), absolute=timedelta(days=30))
SUPERUSER_LIMITS = SessionLimits(idle=timedelta(hours=1), absolute=timedelta(hours=24))


CASCADE = {"user_id": "CASCADE"}


def user_key() -> ForeignKeyConstraint:
    """The composite key that keeps a person's rows in the person's own account."""
    return ForeignKeyConstraint(
        ["account_id", "user_id"], [f"{SCHEMA}.user.account_id", f"{SCHEMA}.user.id"], ondelete="CASCADE"
    )


class UserSession(TenantEntity, label=_l("Session"), plural=_l("Sessions")):
    """A signed-in browser. The cookie holds a random reference, the row its hash."""

    __tablename__ = "user_session"
    __table_args__ = (user_key(), Index("ix_user_session_user_id", "account_id", "user_id", "last_seen_at"))

    user_id: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    last_seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    ip_address: Mapped[str | None] = mapped_column(INET)
    user_agent: Mapped[str | None]
    # When the second factor was passed; none for people without one.
    factor_at: Mapped[datetime | None]
    # When the person last proved in this session that it is them.
    confirmed_at: Mapped[datetime | None]

    @classmethod
    def end_all(cls, user_id: UUID, *, but: UUID | None = None) -> int:
        """End all sessions of a person (but one): their cookies are dead at the next request.

        So are sign-ins half way.
        """
        db.session.execute(delete(PendingSignIn).where(PendingSignIn.user_id == user_id))
        query = delete(cls).where(cls.user_id == user_id)
        if but is not None:
            query = query.where(cls.id != but)
        return int(db.session.execute(query).rowcount)  # type: ignore[attr-defined]

    def end(self) -> None:
        """Sign that browser out: its cookie is dead at the next request."""
        record(Action.SESSION_ENDED, self, label=str(self.ip_address or self.display_name))
        db.session.delete(self)


class PendingSignIn(TenantEntity, label=_l("Sign-in half way")):
    """A right password that waits for the second factor, and no session yet.

    The browser holds a random reference, the row its hash.
    """

    __tablename__ = "pending_sign_in"
    __table_args__ = table_args("pending_sign_in", references={"user_id": "user"}, archivable=False, on_delete=CASCADE)

    user_id: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime] = mapped_column(default=lambda: utc_now() + PENDING_LIFETIME)
    # What the person had typed when their last session ended, sealed (``portal/auth/kept_form.py``).
    kept_form: Mapped[str | None] = mapped_column(Text)

    user: Mapped[Any] = relationship("User", viewonly=True)


class PasswordReset(TenantEntity, label=_l("Link for a new password")):
    """A single-use link to set a new password; at most an hour old."""

    __tablename__ = "password_reset"
    __table_args__ = (user_key(), Index("ix_password_reset_user_id", "account_id", "user_id"))

    user_id: Mapped[UUID]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    # Typed by name alone: a person ends sessions and links, so the class stands above these.
    user: Mapped[Any] = relationship("User", viewonly=True)

    @property
    def is_open(self) -> bool:
        """Whether it can still be used."""
        return self.used_at is None and self.expires_at > utc_now()

    @classmethod
    def offer(cls, user: TenantEntity, handed_over: str = "mailed") -> "PasswordReset":
        """A new link for a person; older ones are spent.

        The log says whether it was ``mailed`` to them, or ``shown`` to whoever asked: who saw it can act as them.
        """
        cls.spend_all(user.id)
        reset = cls(id=uuid4(), account_id=user.account_id, user_id=user.id, expires_at=utc_now() + RESET_LIFETIME)
        reset.token_hash = secret_hash(reset._secret)
        db.session.add(reset)
        record(Action.PASSWORD_RESET_OFFERED, user, after={"handed_over": handed_over})
        return reset

    @classmethod
    def open_or_new(cls, user: TenantEntity) -> "PasswordReset":
        """The link that is open for a while yet, or a new one."""
        good = (cls.user_id == user.id, cls.used_at.is_(None), cls.expires_at > utc_now() + LEAST_RESET_LIFE)
        return db.session.scalars(select(cls).where(*good).order_by(cls.expires_at.desc())).first() or cls.offer(user)

    @classmethod
    def spend_all(cls, user_id: UUID) -> None:
        """Make every link of a person useless."""
        db.session.execute(update(cls).where(cls.user_id == user_id, cls.used_at.is_(None)).values(used_at=utc_now()))

    @property
    def link(self) -> str:
        """The whole address where the person sets a new password."""
        return link_address("passwords.reset", self._secret)

    @property
    def _secret(self) -> str:
        return link_secret("password_reset", self.id, self.token_hash)
