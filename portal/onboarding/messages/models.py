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
    SUMMARY = "summary", _l("Summary")


class MessageStanding(LabelledEnum):
    """How far a message has come: queued it is a message of the conversation."""

    WAITING = "waiting", _l("Waits for its time")
    QUEUED = "queued", _l("Handed to the bot")
    HELD = "held", _l("Not sent")
    DROPPED = "dropped", _l("No longer true")


class StaffMessage(TenantEntity, label=_l("Message to an employee"), fields={"state": _l("State")}):
    """One thing that a person is to be told from ``due_at`` on; ``reason`` says why it could not be sent."""

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
        Index(
            "ix_staff_message_due_at",
            "account_id",
            "due_at",
            "id",
            postgresql_where=text("state IN ('waiting', 'held')"),
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
    reason: Mapped[str | None]
    message_id: Mapped[UUID | None]

    member: Mapped[StaffMember] = relationship(viewonly=True)
