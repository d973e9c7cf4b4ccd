"""Notices of an account, and what each person has seen of them and wants by mail."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import TenantEntity
from portal.db.moments import NOW
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.tables import table_args

UNRESOLVED = text("resolved_at IS NULL")


class Notice(TenantEntity, label=_l("Notice")):
    """Something that people with a permission should know of; one row while it lasts, however often it is raised.

    It says what it is by kind and parameters: each reader gets it in their own language. ``opened_at`` is when it
    began, ``at`` when it was last raised or resolved. Written by ``portal.notices.raising`` alone.
    """

    __tablename__ = "notice"
    # What concerns the whole chain is told to everybody.
    __restaurant_limit__ = RestaurantLimit("restaurant_id", unassigned_visible=True)
    __table_args__ = table_args(
        "notice",
        Index("uix_notice_unresolved", "account_id", "kind", "entity_id", unique=True, postgresql_where=UNRESOLVED),
        Index("ix_notice_kind", "account_id", "kind", "at", "id"),
        Index("ix_notice_unresolved", "account_id", "permission", "opened_at", postgresql_where=UNRESOLVED),
        Index("ix_notice_unmailed", "opened_at", postgresql_where=text("mailed_at IS NULL AND resolved_at IS NULL")),
        Index("ix_notice_updated_at", "updated_at"),
        references={"restaurant_id": "restaurant"},
        archivable=False,
        on_delete={"restaurant_id": "CASCADE"},
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
    opened_at: Mapped[datetime] = mapped_column(server_default=text(NOW))
    at: Mapped[datetime] = mapped_column(server_default=text(NOW))
    resolved_at: Mapped[datetime | None]
    # When the portal decided who gets it by mail.
    mailed_at: Mapped[datetime | None]
    repetitions: Mapped[int] = mapped_column(default=1, server_default="1")


class NoticeReader(TenantEntity, label=_l("Notices of a person")):
    """What one person has seen, and what they want by mail at once; people without a row have chosen nothing."""

    __tablename__ = "notice_reader"
    __table_args__ = table_args(
        "notice_reader",
        UniqueConstraint("account_id", "user_id"),
        references={"user_id": "user"},
        archivable=False,
        on_delete={"user_id": "CASCADE"},
    )

    user_id: Mapped[UUID]
    # Whatever began until then is read; before the first time: until the person joined.
    seen_until: Mapped[datetime | None]
    mailed_kinds: Mapped[list[str]] = mapped_column(ARRAY(String), default=list, server_default="{}")


class NoticeMark(TenantEntity, label=_l("Notice that was read")):
    """One notice that one person has read, beyond what they have seen anyway."""

    __tablename__ = "notice_mark"
    __restaurant_limit__ = RestaurantLimit("notice_id", parent=Notice)
    __table_args__ = table_args(
        "notice_mark",
        UniqueConstraint("account_id", "user_id", "notice_id"),
        references={"user_id": "user", "notice_id": "notice"},
        archivable=False,
        on_delete={"user_id": "CASCADE", "notice_id": "CASCADE"},
    )

    user_id: Mapped[UUID]
    notice_id: Mapped[UUID]
