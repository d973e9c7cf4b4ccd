"""Notices of an account, and what each person has seen of them and wants by mail."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import SCHEMA, TenantEntity

NOW = text("timezone('utc', clock_timestamp())")
UNRESOLVED = text("resolved_at IS NULL")


class Notice(TenantEntity):
    """Something that people with a permission should know of; one row while it lasts, however often it is raised.

    It says what it is by kind and parameters: each reader gets it in their own language. ``opened_at`` is when it
    began, ``at`` when it was last raised or resolved. Written by ``portal.notices.raising`` alone.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("account_id", "id"),
        ForeignKeyConstraint(
            ["account_id", "restaurant_id"],
            [f"{SCHEMA}.restaurant.account_id", f"{SCHEMA}.restaurant.id"],
            ondelete="CASCADE",
        ),
        Index("uix_notice_unresolved", "account_id", "kind", "entity_id", unique=True, postgresql_where=UNRESOLVED),
        Index("ix_notice_kind", "account_id", "kind", "at", "id"),
        Index("ix_notice_unresolved", "account_id", "permission", "opened_at", postgresql_where=UNRESOLVED),
        Index("ix_notice_unmailed", "opened_at", postgresql_where=text("mailed_at IS NULL AND resolved_at IS NULL")),
        Index(
            "ix_notice_restaurant_id",
            "account_id",
            "restaurant_id",
            postgresql_where=text("restaurant_id IS NOT NULL"),
        ),
        Index("ix_notice_updated_at", "updated_at"),
    )

    kind: Mapped[str]
    # As it was when the notice was raised: the count of unread ones asks for it.
    permission: Mapped[str]
    entity: Mapped[str]
    entity_id: Mapped[UUID]
    entity_label: Mapped[str]
    # None concerns the whole chain.
    restaurant_id: Mapped[UUID | None]
    parameters: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    opened_at: Mapped[datetime] = mapped_column(server_default=NOW)
    at: Mapped[datetime] = mapped_column(server_default=NOW)
    resolved_at: Mapped[datetime | None]
    # When the portal decided who gets it by mail.
    mailed_at: Mapped[datetime | None]
    repetitions: Mapped[int] = mapped_column(default=1, server_default="1")


def person_key() -> ForeignKeyConstraint:
    """The composite key that keeps a person's rows in the person's own account."""
    return ForeignKeyConstraint(
        ["account_id", "user_id"], [f"{SCHEMA}.user.account_id", f"{SCHEMA}.user.id"], ondelete="CASCADE"
    )


class NoticeReader(TenantEntity):
    """What one person has seen, and what they want by mail at once; people without a row have chosen nothing."""

    __tablename__ = "notice_reader"
    __table_args__ = (UniqueConstraint("account_id", "user_id"), person_key())

    user_id: Mapped[UUID]
    # Whatever began until then is read; before the first time: until the person joined.
    seen_until: Mapped[datetime | None]
    mailed_kinds: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default="{}")


class NoticeMark(TenantEntity):
    """One notice that one person has read, beyond what they have seen anyway."""

    __tablename__ = "notice_mark"
    __table_args__ = (
        UniqueConstraint("account_id", "user_id", "notice_id"),
        person_key(),
        ForeignKeyConstraint(
            ["account_id", "notice_id"], [f"{SCHEMA}.notice.account_id", f"{SCHEMA}.notice.id"], ondelete="CASCADE"
        ),
        Index("ix_notice_mark_notice_id", "account_id", "notice_id"),
    )

    user_id: Mapped[UUID]
    notice_id: Mapped[UUID]
