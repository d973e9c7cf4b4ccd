"""What people are to be told of their checklist."""

from datetime import datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import TenantEntity
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.tables import table_args
from portal.db.types import EnumText, LabelledEnum
from portal.staff.models import StaffMember


class MessageKind(LabelledEnum):
    """What a message is about."""

    DONE = "done", _l("Step done")
    REMINDER = "reminder", _l("Reminder")
    SHIFT = "shift", _l("First shift moved")
    WRITTEN = "written", _l("Written by somebody")


class HeldReason(LabelledEnum):
    """Why something could not be told."""

    NO_CHAT = "no_chat", _l("No chat with this person is known.")
    BOT_ARCHIVED = "bot_archived", _l("The bot is archived.")
    PLATFORM_OFF = "platform_off", _l("The bot is switched off on this messenger.")
    BLOCKED = "blocked", _l("The person has blocked the bot.")
    TAKEN_OVER = "taken_over", _l("Somebody has taken the conversation over.")
    WINDOW_OVER = "window_over", _l("The messenger's time for replies is over.")


class MessageStanding(LabelledEnum):
    """How far a message has come: queued it is a message of the conversation."""

    WAITING = "waiting", _l("Waits for its time")
    QUEUED = "queued", _l("Handed to the bot")
    HELD = "held", _l("Not sent")
    DROPPED = "dropped", _l("No longer true")


class StaffMessage(TenantEntity, label=_l("Message to an employee"), fields={"state": _l("State")}):
    """One thing that a person is to be told from ``due_at`` on; ``reason`` says why it could not be sent.

    ``occasion`` names what a step is told of once, ``first_shift_at`` the shift without which it is true no more.
    """

    __tablename__ = "staff_message"
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
    __table_args__ = (
        *table_args(
            "staff_message",
            references={
                "staff_member_id": "staff_member",
                "restaurant_id": "restaurant",
                "onboarding_step_id": "onboarding_step",
                "message_id": "bot_message",
            },
            archivable=False,
            on_delete={
                "staff_member_id": "CASCADE",
                "onboarding_step_id": "SET NULL (onboarding_step_id)",
                "message_id": "SET NULL (message_id)",
            },
        ),
        CheckConstraint(f"kind IN {tuple(MessageKind.words())}", name="kind"),
        CheckConstraint(f"state IN {tuple(MessageStanding.words())}", name="state"),
        CheckConstraint("(state = 'held') = (reason IS NOT NULL)", name="reason"),
        Index("ix_staff_message_due_at", "due_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_staff_message_held", "account_id", "staff_member_id", postgresql_where=text("state = 'held'")),
        Index(
            "uix_staff_message_occasion",
            "onboarding_step_id",
            "occasion",
            unique=True,
            postgresql_where=text("occasion IS NOT NULL"),
        ),
    )

    staff_member_id: Mapped[UUID]
    restaurant_id: Mapped[UUID | None]
    onboarding_step_id: Mapped[UUID | None]
    kind: Mapped[MessageKind] = mapped_column(EnumText(MessageKind))
    text: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime]
    state: Mapped[MessageStanding] = mapped_column(
        EnumText(MessageStanding), default=MessageStanding.WAITING, server_default="waiting"
    )
    reason: Mapped[HeldReason | None] = mapped_column(EnumText(HeldReason))
    message_id: Mapped[UUID | None]
    occasion: Mapped[str | None]
    first_shift_at: Mapped[datetime | None]

    member: Mapped[StaffMember] = relationship(viewonly=True)
