"""Where each conversation stands."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.bots.models import BotInstance, bot_key
from portal.db.base import SCHEMA, TenantEntity, search_text


class BotDialogState(TenantEntity):
    """One person's conversation with one bot on one platform."""

    __tablename__ = "bot_dialog_state"
    __table_args__ = (
        bot_key(),
        UniqueConstraint("account_id", "id"),
        Index("ix_bot_dialog_state_bot_id", "bot_id"),
        Index("ix_bot_dialog_state_platform_chat_id", "platform_chat_id"),
        Index(
            "uix_bot_dialog_state_bot_id_platform_chat",
            "bot_id",
            "platform",
            "platform_chat_id",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
        ),
        Index("ix_bot_dialog_state_account_id_last_interaction_at", "account_id", "last_interaction_at", "id"),
        Index("ix_bot_dialog_state_account_id_bot_id", "account_id", "bot_id", "last_interaction_at", "id"),
    )

    bot_id: Mapped[UUID] = mapped_column(ForeignKey(f"{SCHEMA}.bot_instance.id"))
    platform: Mapped[str]
    platform_chat_id: Mapped[str]
    current_step: Mapped[str]
    collected_data: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    last_interaction_at: Mapped[datetime]
    # Set on the older of two rows that an adopted database held for one chat.
    superseded_at: Mapped[datetime | None]
    search_text: Mapped[str | None] = search_text("bot_dialog_state", "platform_chat_id, current_step, collected_data")

    bot: Mapped[BotInstance] = relationship(foreign_keys=[bot_id], viewonly=True, lazy="joined", innerjoin=True)

    @property
    def is_current(self) -> bool:
        """Whether this is where the conversation stands, and no older copy of it."""
        return self.superseded_at is None

    @property
    def answers(self) -> dict[str, Any]:
        """What was collected, by variable; whatever else an older writer stored reads as nothing."""
        return self.collected_data if isinstance(self.collected_data, dict) else {}
