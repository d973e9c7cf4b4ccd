"""The engagement of a person: from the hiring over the checklist to its end."""

from datetime import date, datetime
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, func, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import TenantEntity, db
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.states import MoveRefused
from portal.db.tables import table_args
from portal.db.types import EnumText, utc_now
from portal.onboarding.completion import Completion
from portal.onboarding.days import Calendar, local_day, zone_of
from portal.onboarding.kinds import Anchor, OnboardingStatus
from portal.onboarding.messages.telling import drop_waiting
from portal.staff.holding import hold_member
from portal.staff.models import StaffMember, StaffStatus

CLOSED = _l("This checklist is closed, so its steps stay as they are.")
HAS_STEPS = _l("Required steps are not done yet.")
# What the log tells of a person's checklist.
StaffMember.words.add_fields(
    {
        "due_on": _l("Due"),
        "first_shift_at": _l("First shift"),
        "hired_on": _l("Hired on"),
        "reason": _l("Reason"),
        "step": _l("Step"),
        "steps": _l("Steps"),
        "steps_gone": _l("Steps that went"),
        "steps_new": _l("New steps"),
    }
)


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

    @property
    def completion(self) -> Completion:
        """How many of the required steps are done."""
        return Completion(self.steps_done, self.steps_needed)

    def finish(self) -> bool:
        """Be done where no step is required; whether that changed anything. ``MoveRefused`` where one is."""
        member = self.hold()
        if self.status == OnboardingStatus.COMPLETED:
            return False
        self.refuse_closed(member)
        if self.steps_needed:
            raise MoveRefused(HAS_STEPS)
        self.status, self.completed_at = OnboardingStatus.COMPLETED, utc_now()
        record(Action.CHECKLIST_DONE, member)
        return True

    def terminate(self, ended_on: date, reason: str) -> bool:
        """The person leaves: open steps stay as they are, nothing is told any more; whether that changed anything.

        A checklist that was done stays done.
        """
        member = self.hold()
        if member.status == StaffStatus.LEFT:
            return False
        if self.status == OnboardingStatus.IN_PROGRESS:
            self.status, self.ended_on, self.end_reason = OnboardingStatus.TERMINATED, ended_on, reason
        drop_waiting(member)
        member.status, member.left_on = StaffStatus.LEFT, ended_on
        record(Action.LEFT, member, after={"left_on": str(ended_on), "reason": reason})
        return True

    def hold(self) -> StaffMember:
        """The person, whose row nobody else changes until the commit, with the engagement as it is by then."""
        member = hold_member(self.staff_member_id)
        db.session.refresh(self)
        return member

    def refuse_closed(self, member: StaffMember) -> None:
        """``MoveRefused`` where its steps stay as they are."""
        if self.is_closed(member):
            raise MoveRefused(CLOSED)

    def is_closed(self, member: StaffMember) -> bool:
        """Whether it is over, or another engagement has begun since."""
        latest = select(func.max(StaffOnboarding.spell)).where(StaffOnboarding.staff_member_id == self.staff_member_id)
        return self.is_over(member) or db.session.scalar(latest) != self.spell

    def is_over(self, member: StaffMember) -> bool:
        """Whether the person has left."""
        return (
            self.status == OnboardingStatus.TERMINATED
            or member.status == StaffStatus.LEFT
            or member.erased_at is not None
        )

    def settle(self) -> None:
        """Be done once all that is required is, and in progress again where something was opened anew."""
        db.session.flush()
        # A trigger has counted.
        db.session.refresh(self)
        if self.status == OnboardingStatus.IN_PROGRESS and self.completion.is_full:
            self.status, self.completed_at = OnboardingStatus.COMPLETED, utc_now()
        elif self.status == OnboardingStatus.COMPLETED and self.steps_done < self.steps_needed:
            self.status, self.completed_at = OnboardingStatus.IN_PROGRESS, None

    @property
    def calendar(self) -> Calendar:
        """What counts the due days of its steps."""
        shift = local_day(self.first_shift_at, zone_of(self.restaurant_id)) if self.first_shift_at else None
        return Calendar({Anchor.FIRST_SHIFT: shift, Anchor.HIRED: self.hired_on})
