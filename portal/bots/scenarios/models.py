"""Versions of a bot's scenario."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import FetchedValue, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, false, text, true
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.bots.models import BotInstance, bot_key
from portal.db.base import SCHEMA, TenantEntity


class BotScenario(TenantEntity):
    """One immutable version of what a bot says; at most one version of a bot is live."""

    __tablename__ = "bot_scenario"
    __table_args__ = (
        bot_key(),
        ForeignKeyConstraint(
            ["account_id", "author_id"], [f"{SCHEMA}.user.account_id", f"{SCHEMA}.user.id"]
        ),
        UniqueConstraint("bot_id", "number"),
        Index("ix_bot_scenario_account_id", "account_id", "bot_id", "number"),
        Index("ix_bot_scenario_author_id", "account_id", "author_id"),
        Index("uix_bot_scenario_live", "bot_id", unique=True, postgresql_where=text("is_live")),
    )

    bot_id: Mapped[UUID] = mapped_column(ForeignKey(f"{SCHEMA}.bot_instance.id"))
    name: Mapped[str]
    description: Mapped[str | None] = mapped_column(Text)
    scenario_data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    version: Mapped[str]
    is_active: Mapped[bool] = mapped_column(default=True, server_default=true())
    # Counts a bot's versions from 1; a trigger fills it where the writer leaves it out.
    number: Mapped[int] = mapped_column(server_default=FetchedValue())
    # JSONB forgets the order of keys, and the first step may be the start: the text is kept as uploaded.
    source: Mapped[str | None] = mapped_column(Text)
    is_live: Mapped[bool] = mapped_column(default=False, server_default=false())
    published_at: Mapped[datetime | None]
    author_id: Mapped[UUID | None]

    bot: Mapped[BotInstance] = relationship(foreign_keys=[bot_id], viewonly=True)
