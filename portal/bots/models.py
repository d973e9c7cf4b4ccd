"""Bots and the platforms they speak on."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, text, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import SCHEMA, TenantEntity


def bot_key() -> ForeignKeyConstraint:
    """The composite key that keeps a bot's rows in the bot's own account."""
    return ForeignKeyConstraint(
        ["account_id", "bot_id"], [f"{SCHEMA}.bot_instance.account_id", f"{SCHEMA}.bot_instance.id"]
    )


class BotInstance(TenantEntity):
    """A bot; archived it leaves the lists and its platforms fall silent."""

    __tablename__ = "bot_instance"
    __table_args__ = (
        UniqueConstraint("account_id", "id"),
        Index("ix_bot_instance_account_id_name", "account_id", "name", "id"),
        Index("ix_bot_instance_account_id_is_active_name", "account_id", "is_active", "name", "id"),
        Index("ix_bot_instance_account_id_is_active_updated_at", "account_id", "is_active", "updated_at", "id"),
    )

    name: Mapped[str]
    description: Mapped[str | None] = mapped_column(Text)
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())

    platforms: Mapped[list["BotPlatformCredential"]] = relationship(
        back_populates="bot",
        primaryjoin="and_(BotInstance.id == BotPlatformCredential.bot_id,"
        " BotPlatformCredential.superseded_at.is_(None))",
        foreign_keys="BotPlatformCredential.bot_id",
        viewonly=True,
    )


class BotPlatformCredential(TenantEntity):
    """One platform of a bot: its sealed credentials, its switch (``is_active``) and its webhook."""

    __tablename__ = "bot_platform_credential"
    __table_args__ = (
        bot_key(),
        UniqueConstraint("account_id", "id"),
        Index(
            "uix_bot_platform_credential_bot_id_platform",
            "bot_id",
            "platform",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
        ),
        Index("ix_bot_platform_credential_bot_id", "account_id", "bot_id"),
    )

    bot_id: Mapped[UUID] = mapped_column(ForeignKey(f"{SCHEMA}.bot_instance.id"))
    platform: Mapped[str]
    credentials: Mapped[dict[str, Any]] = mapped_column(JSONB)
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    webhook_url: Mapped[str | None]
    webhook_last_checked: Mapped[datetime | None]
    webhook_auto_refresh: Mapped[bool] = mapped_column(default=True, server_default=true())
    # Set on the older of two rows that an adopted database held for one bot and platform.
    superseded_at: Mapped[datetime | None]

    bot: Mapped[BotInstance] = relationship(foreign_keys=[bot_id], viewonly=True)
