"""Where each conversation stands."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.bots.models import BotInstance
from portal.db.base import SCHEMA, TenantEntity, filled_search_text
from portal.db.tables import tenant_key
from portal.db.words import counted
from portal.messengers.registry import PLATFORMS
from portal.web.values import visible

# Why a conversation failed where the scenario is not to blame: a message could not be sent.
UNSENT = "message_failed"
# What the list finds as other platforms: hardly ever a row, and without an index of theirs all are read to find none.
UNKNOWN_PLATFORM = text(f"platform NOT IN {tuple(PLATFORMS)}")
DIALOG_STATES = ("running", "finished", "blocked", "taken_over", "failed")


def name_in(person: Any) -> str:
    """What the platform calls the person, or nothing; a name that nobody can see is none."""
    told = person if isinstance(person, dict) else {}
    names = (told.get(key) for key in ("name", "username"))
    return next((name for name in names if isinstance(name, str) and visible(name)), "")


def called(person: Any, chat_id: str | None) -> str:
    """What a conversation is called: the person's name, else the chat's number."""
    return name_in(person) or chat_id or ""


def answers_of(collected: Any) -> dict[str, Any]:
    """What was collected, by variable; whatever else an older writer stored reads as nothing."""
    return collected if isinstance(collected, dict) else {}


class BotDialogState(
    TenantEntity,
    label=_l("Conversation"),
    plural=_l("Conversations"),
    count=counted("%(num)s conversation", "%(num)s conversations"),
    fields={
        "by": _l("Handed back by"),
        "hand_back_at": _l("The bot goes on"),
        "step": _l("Step"),
        "taken_over_by": _l("Taken over by"),
    },
    values={"by": {"time": _l("the end of the time")}},
):
    """One person's conversation with one bot on one platform."""

    __tablename__ = "bot_dialog_state"
    __table_args__ = (
        tenant_key("bot_instance", "bot_id"),
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
        tenant_key("bot_scenario", "scenario_id"),
        tenant_key("user", "taken_over_by_id"),
        CheckConstraint(f"state IN {DIALOG_STATES!r}", "state"),
        Index("ix_bot_dialog_state_account_id_state", "account_id", "bot_id", "state", "last_interaction_at", "id"),
        Index("ix_bot_dialog_state_state", "account_id", "state", "last_interaction_at", "id"),
        Index("ix_bot_dialog_state_platform", "account_id", "platform", "last_interaction_at", "id"),
        Index(
            "ix_bot_dialog_state_unknown_platform",
            "account_id",
            "last_interaction_at",
            "id",
            postgresql_where=UNKNOWN_PLATFORM,
        ),
        Index(
            "ix_bot_dialog_state_bot_id_unknown_platform",
            "account_id",
            "bot_id",
            "last_interaction_at",
            "id",
            postgresql_where=UNKNOWN_PLATFORM,
        ),
        Index("ix_bot_dialog_state_current_step", "account_id", "bot_id", "current_step", "last_interaction_at", "id"),
        Index("ix_bot_dialog_state_scenario_id", "account_id", "scenario_id", "current_step"),
        Index(
            "ix_bot_dialog_state_taken_over_by_id",
            "account_id",
            "taken_over_by_id",
            postgresql_where=text("taken_over_by_id IS NOT NULL"),
        ),
        Index("ix_bot_dialog_state_wake_at", "wake_at", postgresql_where=text("wake_at IS NOT NULL")),
        Index("ix_bot_dialog_state_hand_back_at", "hand_back_at", postgresql_where=text("hand_back_at IS NOT NULL")),
    )

    bot_id: Mapped[UUID] = mapped_column(ForeignKey(f"{SCHEMA}.bot_instance.id"))
    platform: Mapped[str]
    platform_chat_id: Mapped[str]
    current_step: Mapped[str]
    collected_data: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    last_interaction_at: Mapped[datetime]
    # The version it began with; an older writer's conversations join the live one when they go on.
    scenario_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(default="running", server_default="running")
    # Grows by one each time a step is entered: older buttons and timers are recognised by it.
    turn: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    engine_state: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    wake_at: Mapped[datetime | None]
    person: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default=text("'{}'"))
    taken_over_by_id: Mapped[UUID | None]
    taken_over_at: Mapped[datetime | None]
    hand_back_at: Mapped[datetime | None]
    last_inbound_at: Mapped[datetime | None]
    failure: Mapped[str | None]
    allowance: Mapped[float | None]
    allowance_at: Mapped[datetime | None]
    # Set on the older of two rows that an adopted database held for one chat.
    superseded_at: Mapped[datetime | None]
    search_text: Mapped[str | None] = filled_search_text()

    bot: Mapped[BotInstance] = relationship(foreign_keys=[bot_id], viewonly=True, lazy="joined", innerjoin=True)

    @property
    def is_current(self) -> bool:
        """Whether this is where the conversation stands, and no older copy of it."""
        return self.superseded_at is None

    @property
    def answers(self) -> dict[str, Any]:
        """What was collected, by variable."""
        return answers_of(self.collected_data)
