"""Checklists: templates, the engagements of people with their steps, and days on which nobody works."""

from datetime import date, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, false, func, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import TenantEntity, search_text
from portal.db.lines import Line
from portal.db.records import Archivable, Record
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.tables import table_args
from portal.db.types import EnumText, LabelledEnum
from portal.db.words import counted
from portal.restaurants.models import Restaurant
from portal.staff.models import StaffMember, StaffPosition


class Anchor(LabelledEnum):
    """What a step's due day is counted from."""

    FIRST_SHIFT = "first_shift", _l("First shift")
    HIRED = "hired", _l("Hired")


class Days(LabelledEnum):
    """Which days are counted."""

    CALENDAR = "calendar", _l("Calendar days")
    WORKING = "working", _l("Working days")


class Who(LabelledEnum):
    """Whose step it is."""

    MANAGER = "manager", _l("Manager")
    CHEF = "chef", _l("Chef")
    OWNER = "owner", _l("Owner")
    PERSON = "person", _l("The new person")


class CompletedBy(LabelledEnum):
    """What completes a step."""

    HAND = "hand", _l("Somebody ticks it")
    INTAKE = "intake", _l("The answers in the chat")
    DOCUMENT = "document", _l("An accepted paper")


class OnboardingStatus(LabelledEnum):
    """How far an engagement has come."""

    IN_PROGRESS = "in_progress", _l("In progress")
    COMPLETED = "completed", _l("Done")
    TERMINATED = "terminated", _l("Ended")


class StepStatus(LabelledEnum):
    """How far a step has come."""

    PENDING = "pending", _l("To do")
    IN_PROGRESS = "in_progress", _l("Begun")
    COMPLETED = "completed", _l("Done")
    FAILED = "failed", _l("Failed")
    NOT_NEEDED = "not_needed", _l("Not needed")

    @property
    def is_open(self) -> bool:
        """Whether something is left to do."""
        return self in OPEN_STEPS


OPEN_STEPS = (StepStatus.PENDING, StepStatus.IN_PROGRESS, StepStatus.FAILED)


class OnboardingTemplate(
    Archivable,
    label=_l("Checklist"),
    plural=_l("Checklists"),
    add=_l("Add a checklist"),
    count=counted("%(num)s checklist", "%(num)s checklists"),
    page="checklists.show",
):
    """The steps that a new person of a position and a restaurant gets, each ``None`` for any."""

    __tablename__ = "onboarding_template"
    __most__ = 1_000
    __restaurant_limit__ = RestaurantLimit("restaurant_id", unassigned_visible=True)
    __table_args__ = (
        *table_args(
            "onboarding_template",
            references={"position_id": "staff_position", "restaurant_id": "restaurant"},
            listed_by=("name",),
        ),
        Index(
            "uix_onboarding_template_live",
            "account_id",
            "position_id",
            "restaurant_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
            postgresql_where=text("is_active"),
        ),
    )

    name: Mapped[str]
    position_id: Mapped[UUID | None]
    restaurant_id: Mapped[UUID | None]
    search_text: Mapped[str | None] = search_text("onboarding_template", "name")

    position: Mapped[StaffPosition | None] = relationship(viewonly=True)
    restaurant: Mapped[Restaurant | None] = relationship(viewonly=True)


class OnboardingTemplateStep(
    Line, label=_l("Step"), plural=_l("Steps"), count=counted("%(num)s step", "%(num)s steps")
):
    """A step of a template; ``offset_days`` are counted from the anchor, before it below zero."""

    __tablename__ = "onboarding_template_step"
    __restaurant_limit__ = RestaurantLimit("template_id", parent=OnboardingTemplate)
    __filled__ = (
        "name", "code", "description", "anchor", "offset_days", "counts", "who", "required", "document_type_id",
        "completed_by", "message_when_done", "message_reminder",
    )  # fmt: skip
    __table_args__ = (
        *table_args(
            "onboarding_template_step",
            references={"template_id": "onboarding_template", "document_type_id": "document_type"},
            archivable=False,
            on_delete={"template_id": "CASCADE"},
        ),
        CheckConstraint(f"anchor IN {tuple(Anchor.words())}", name="anchor"),
        CheckConstraint(f"counts IN {tuple(Days.words())}", name="counts"),
        CheckConstraint("offset_days BETWEEN -365 AND 365", name="offset_days"),
        CheckConstraint(f"who IN {tuple(Who.words())}", name="who"),
        CheckConstraint(f"completed_by IN {tuple(CompletedBy.words())}", name="completed_by"),
        Index("uix_onboarding_template_step_code", "template_id", func.lower(text("code")), unique=True),
    )

    template_id: Mapped[UUID]
    code: Mapped[str]
    name: Mapped[str]
    description: Mapped[str | None] = mapped_column(Text)
    anchor: Mapped[Anchor] = mapped_column(EnumText(Anchor), default=Anchor.FIRST_SHIFT, server_default="first_shift")
    offset_days: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    counts: Mapped[Days] = mapped_column(EnumText(Days), default=Days.CALENDAR, server_default="calendar")
    who: Mapped[Who] = mapped_column(EnumText(Who), default=Who.MANAGER, server_default="manager")
    required: Mapped[bool] = mapped_column(default=True, server_default=true())
    document_type_id: Mapped[UUID | None]
    completed_by: Mapped[CompletedBy] = mapped_column(
        EnumText(CompletedBy), default=CompletedBy.HAND, server_default="hand"
    )
    message_when_done: Mapped[str | None] = mapped_column(Text)
    message_reminder: Mapped[str | None] = mapped_column(Text)


class StaffOnboarding(TenantEntity, label=_l("Engagement"), fields={"status": _l("Status")}):
    """One time that somebody was hired: from the hiring over the checklist to its end.

    ``name``, ``email`` and ``position`` are what they were then. A trigger counts the required steps: ``steps_done``
    of ``steps_needed``, and keeps the earliest due day of what is open.
    """

    __tablename__ = "staff_onboarding"
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
    __table_args__ = (
        *table_args(
            "staff_onboarding",
            references={
                "staff_member_id": "staff_member",
                "restaurant_id": "restaurant",
                "template_id": "onboarding_template",
            },
            archivable=False,
        ),
        UniqueConstraint("account_id", "staff_member_id", "spell"),
        CheckConstraint(f"status IN {tuple(OnboardingStatus.words())}", name="status"),
        CheckConstraint("(status = 'terminated') = (ended_on IS NOT NULL)", name="ended_on"),
        Index(
            "uix_staff_onboarding_open",
            "staff_member_id",
            unique=True,
            postgresql_where=text("status = 'in_progress'"),
        ),
        *(
            Index(
                f"ix_staff_onboarding_{key}", "account_id", key, "id", postgresql_where=text("status = 'in_progress'")
            )
            for key in ("start_date", "next_due_on")
        ),
    )

    staff_member_id: Mapped[UUID]
    restaurant_id: Mapped[UUID | None]
    name: Mapped[str]
    email: Mapped[str | None]
    position: Mapped[str] = mapped_column(default="", server_default="")
    start_date: Mapped[date | None]
    first_shift_at: Mapped[datetime | None]
    exam_date: Mapped[date | None]
    status: Mapped[OnboardingStatus] = mapped_column(
        EnumText(OnboardingStatus), default=OnboardingStatus.IN_PROGRESS, server_default="in_progress"
    )
    hired_on: Mapped[date] = mapped_column(server_default=func.current_date())
    completed_at: Mapped[datetime | None]
    ended_on: Mapped[date | None]
    end_reason: Mapped[str | None] = mapped_column(Text)
    template_id: Mapped[UUID | None]
    spell: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    steps_done: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    steps_needed: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    next_due_on: Mapped[date | None]

    member: Mapped[StaffMember] = relationship(viewonly=True)


class OnboardingStep(
    TenantEntity,
    label=_l("Step of a checklist"),
    fields={"status": _l("Status"), "due_date": _l("Due"), "notes": _l("Notes")},
):
    """A step of somebody's checklist, a copy of the template's of that day."""

    __tablename__ = "onboarding_step"
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
    __table_args__ = (
        *table_args(
            "onboarding_step",
            references={
                "staff_onboarding_id": "staff_onboarding",
                "restaurant_id": "restaurant",
                "document_type_id": "document_type",
                "completed_by_id": "user",
                "completed_from_message_id": "bot_message",
            },
            archivable=False,
            on_delete={
                "staff_onboarding_id": "CASCADE",
                "completed_from_message_id": "SET NULL (completed_from_message_id)",
            },
        ),
        UniqueConstraint("staff_onboarding_id", "code"),
        CheckConstraint(f"status IN {tuple(StepStatus.words())}", name="status"),
        CheckConstraint("(status = 'completed') = (completion_date IS NOT NULL)", name="completion_date"),
        CheckConstraint(f"who IN {tuple(Who.words())}", name="who"),
    )

    staff_onboarding_id: Mapped[UUID]
    restaurant_id: Mapped[UUID | None]
    ordinal: Mapped[int]
    code: Mapped[str]
    name: Mapped[str]
    description: Mapped[str | None] = mapped_column(Text)
    status: Mapped[StepStatus] = mapped_column(
        EnumText(StepStatus), default=StepStatus.PENDING, server_default="pending"
    )
    completion_date: Mapped[date | None]
    notes: Mapped[str | None] = mapped_column(Text)
    due_date: Mapped[date | None]
    due_is_by_hand: Mapped[bool] = mapped_column(default=False, server_default=false())
    anchor: Mapped[Anchor] = mapped_column(EnumText(Anchor), default=Anchor.FIRST_SHIFT, server_default="first_shift")
    offset_days: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    counts: Mapped[Days] = mapped_column(EnumText(Days), default=Days.CALENDAR, server_default="calendar")
    who: Mapped[Who] = mapped_column(EnumText(Who), default=Who.MANAGER, server_default="manager")
    required: Mapped[bool] = mapped_column(default=True, server_default=true())
    document_type_id: Mapped[UUID | None]
    completed_by: Mapped[CompletedBy] = mapped_column(
        EnumText(CompletedBy), default=CompletedBy.HAND, server_default="hand"
    )
    message_when_done: Mapped[str | None] = mapped_column(Text)
    message_reminder: Mapped[str | None] = mapped_column(Text)
    completed_at: Mapped[datetime | None]
    completed_by_id: Mapped[UUID | None]
    completed_from_message_id: Mapped[UUID | None]

    engagement: Mapped[StaffOnboarding] = relationship(viewonly=True)


class DayOff(
    Record,
    label=_l("Day off"),
    plural=_l("Days off"),
    add=_l("Add a day off"),
    count=counted("%(num)s day", "%(num)s days"),
    fields={"day": _l("Day"), "name": _l("Name")},
):
    """A day on which nobody of the chain's office works, besides Saturdays and Sundays."""

    __tablename__ = "day_off"
    __most__ = 1_000
    __table_args__ = (
        *table_args("day_off", references={}, archivable=False),
        UniqueConstraint("account_id", "day"),
    )

    day: Mapped[date]
    name: Mapped[str] = mapped_column(default="", server_default="")
