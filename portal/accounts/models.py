"""Accounts and the superusers' visits to them."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import SCHEMA, Entity, TenantEntity
from portal.db.types import utc_now

if TYPE_CHECKING:
    from portal.users.models import User

VISIT_IDLE_LIMIT = timedelta(minutes=60)


class Account(Entity):
    """A chain, or (``is_operator``) the company that runs the portal and employs the superusers."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("slug ~ '^[a-z0-9]([a-z0-9-]{0,58}[a-z0-9])?$'", name="slug"),
        Index("ix_account_name", "name", "id"),
        Index("ix_account_created_at", "created_at", "id"),
    )

    name: Mapped[str]
    description: Mapped[str | None] = mapped_column(Text)
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    slug: Mapped[str] = mapped_column(unique=True)
    is_operator: Mapped[bool] = mapped_column(default=False, server_default=false())

    def rename(self, name: str, description: str | None) -> None:
        """Change what people read; the address stays."""
        self.name, self.description = name, description

    def deactivate(self) -> None:
        """Lock everybody out from their next request on."""
        self.is_active = False

    def reactivate(self) -> None:
        """Let everybody in again."""
        self.is_active = True


class SuperuserVisit(TenantEntity):
    """A superuser's stay in an account: seen by its owner, ended by leaving or by an idle hour."""

    __tablename__ = "superuser_visit"
    __table_args__ = (
        Index("ix_superuser_visit_account_id", "account_id", "started_at"),
        Index("ix_superuser_visit_user_id", "user_id", "account_id"),
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey(f"{SCHEMA}.user.id", ondelete="CASCADE"))
    reason: Mapped[str | None]
    started_at: Mapped[datetime] = mapped_column(default=utc_now)
    last_seen_at: Mapped[datetime] = mapped_column(default=utc_now)
    ended_at: Mapped[datetime | None]

    user: Mapped["User"] = relationship(viewonly=True)

    def end(self) -> None:
        """Leave; a second time changes nothing."""
        self.ended_at = self.ended_at or utc_now()
