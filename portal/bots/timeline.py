"""What happened between a bot and a platform: switched, checked, healed, tested."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, func
from sqlalchemy.orm import Mapped, mapped_column

from portal.bots.connection import credential_key
from portal.bots.models import bot_key
from portal.db.base import TenantEntity


class BotPlatformEvent(TenantEntity):
    """One line: on which occasion, what was found (``cause``), what was done about it, with what result.

    All four are codes with sentences for people; ``detail`` holds the platform's own words, freed of secrets.
    ``actor_name`` is empty where the portal acted by itself.
    """

    __tablename__ = "bot_platform_event"
    __table_args__ = (
        bot_key(),
        credential_key(),
        Index("ix_bot_platform_event_bot_id", "account_id", "bot_id"),
        Index("ix_bot_platform_event_credential_id", "account_id", "credential_id", "at", "id"),
    )

    bot_id: Mapped[UUID]
    credential_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.timezone("utc", func.clock_timestamp()))
    occasion: Mapped[str]
    cause: Mapped[str | None]
    action: Mapped[str | None]
    result: Mapped[str]
    detail: Mapped[str | None]
    actor_name: Mapped[str | None]
