"""The steps of people's checklists, and what is done with them."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Text, UniqueConstraint, false, select, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.access.viewer import current_viewer
from portal.audit.models import Action
from portal.audit.recording import acting_id, record
from portal.db.base import TenantEntity, db
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.states import MoveRefused
from portal.db.tables import table_args
from portal.db.types import EnumText, utc_now
from portal.onboarding.days import local_today, zone_of
from portal.onboarding.engagement import StaffOnboarding
from portal.onboarding.kinds import Anchor, CompletedBy, Days, StepStatus, Who
from portal.onboarding.messages.gaps import filled
from portal.onboarding.messages.models import MessageKind
from portal.onboarding.messages.telling import drop_waiting, tell
from portal.onboarding.proof import paper_on
from portal.onboarding.wording import format_day
from portal.staff.models import StaffMember

NEEDS_PAPER = _l("This step is done once its paper is accepted and valid today, or was seen in the original.")
ASK_WHY = _l("Say why the step is to be done again.")
# A tick that was a slip is taken back without a reason for so long: the button for it is there for ten seconds.
SLIP = timedelta(seconds=30)
MAX_NOTES = 4_000


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

    @property
    def is_touched(self) -> bool:
        """Whether somebody has done anything with it."""
        return self.status != StepStatus.PENDING or self.due_is_by_hand or bool(self.notes)

    @property
    def lacks_paper(self) -> bool:
        """Whether it needs a paper, and none is accepted and valid today."""
        if self.document_type_id is None:
            return False
        today = local_today(zone_of(self.restaurant_id))
        return not paper_on(today, self.engagement.staff_member_id, self.document_type_id)

    def complete(self, on: date | None = None) -> bool:
        """Done on a day (today), by hand; whether that changed anything.

        ``MoveRefused`` where it needs a paper that is not there, or the checklist is closed.
        """
        member = self._hold()
        if self.status == StepStatus.COMPLETED:
            return False
        if self.lacks_paper:
            raise MoveRefused(NEEDS_PAPER)
        self.mark_done(on or local_today(zone_of(self.restaurant_id)))
        record(Action.STEP_DONE, member, after={"step": self.name})
        self.engagement.settle()
        self.tell_done(member)
        return True

    def mark_done(self, on: date, by_message: UUID | None = None) -> None:
        """Done, without a look at anything else."""
        self.status, self.completion_date, self.completed_at = StepStatus.COMPLETED, on, utc_now()
        self.completed_by_id = acting_id() if by_message is None else None
        self.completed_from_message_id = by_message

    def tell_done(self, member: StaffMember) -> None:
        """Have the person told that it is done, where the template says so."""
        if not self.message_when_done:
            return
        left, day = self.engagement.steps_needed - self.engagement.steps_done, format_day(self.engagement.start_date)
        told = filled(self.message_when_done, name=member.name, step=self.name, left=str(left), date=day)
        tell(member, MessageKind.DONE, told, step_id=self.id)

    def reopen(self, reason: str = "", former: StepStatus = StepStatus.PENDING) -> bool:
        """To be done again; whether that changed anything. The reason stays with its notes.

        ``former`` is how it stood before a slip, which is taken back.

        ``MoveRefused`` without a reason for a step that was done, unless it is a slip of a moment ago.
        """
        member = self._hold()
        if self.status.is_open and self.status != StepStatus.FAILED:
            return False
        if self.needs_reason and not reason:
            raise MoveRefused(ASK_WHY)
        is_slip = self.status != StepStatus.FAILED and not reason
        self._leave(former if is_slip else StepStatus.IN_PROGRESS)
        if reason:
            self.notes = "\n".join(filter(None, (self.notes, reason)))
        drop_waiting(member, step_id=self.id)
        put_due_days(self.engagement, [self])
        record(Action.STEP_REOPENED, member, after={"step": self.name} | ({"reason": reason} if reason else {}))
        self.engagement.settle()
        return True

    @property
    def needs_reason(self) -> bool:
        """Whether opening it again asks why: unless the one who looks has ticked it a moment ago."""
        is_own = current_viewer() is not None and self.completed_by_id == acting_id()
        is_fresh = is_own and self.completed_at is not None and utc_now() - self.completed_at <= SLIP
        return self.status == StepStatus.COMPLETED and not is_fresh

    def fail(self) -> bool:
        """It did not come off: it stays to be done, and is seen; whether that changed anything.

        ``MoveRefused`` for what is done, as this and ``mark_not_needed`` ask for no reason.
        """
        return self._become(StepStatus.FAILED, Action.STEP_FAILED)

    def mark_not_needed(self) -> bool:
        """This person does not need it; whether that changed anything."""
        return self._become(StepStatus.NOT_NEEDED, Action.STEP_NOT_NEEDED)

    def set_due(self, day: date | None) -> bool:
        """Due on a day that stays whatever becomes of the first shift; ``None``: as the template counts."""
        member = self._hold()
        before = self.due_date
        self.due_date, self.due_is_by_hand = day, day is not None
        if day is None:
            put_due_days(self.engagement, [self])
        if self.due_date == before:
            return False
        was, is_now = ({"step": self.name, "due_on": each and str(each)} for each in (before, self.due_date))
        record(Action.EDITED, member, before=was, after=is_now)
        return True

    def plan(self, notes: str | None, **due: date | None) -> None:
        """What people say of it beside its state: notes, and where ``due_date`` is given when it is due."""
        member = self._hold()
        if self.notes != notes:
            self.notes = notes
            record(Action.STEP_NOTED, member, after={"step": self.name})
        if "due_date" in due and due["due_date"] != self.due_date:
            self.set_due(due["due_date"])

    def _become(self, status: StepStatus, action: Action) -> bool:
        member = self._hold()
        if self.status == status:
            return False
        if self.needs_reason:
            raise MoveRefused(ASK_WHY)
        self._leave(status)
        record(action, member, after={"step": self.name})
        self.engagement.settle()
        return True

    def _leave(self, status: StepStatus) -> None:
        self.status, self.completion_date, self.completed_at = status, None, None
        self.completed_by_id = self.completed_from_message_id = None

    def _hold(self) -> StaffMember:
        """The person held, the step as it is by then; ``MoveRefused`` where the checklist is closed."""
        member = self.engagement.hold()
        db.session.refresh(self)
        self.engagement.refuse_closed(member)
        return member


def steps_of(engagement: StaffOnboarding) -> Sequence[OnboardingStep]:
    """The steps of a checklist in their order."""
    query = select(OnboardingStep).where(OnboardingStep.staff_onboarding_id == engagement.id)
    return db.session.scalars(query.order_by(OnboardingStep.ordinal, OnboardingStep.id)).all()


def put_due_days(engagement: StaffOnboarding, steps: Sequence[OnboardingStep]) -> None:
    """Set the due day of each open step that nobody has set by hand."""
    calendar = engagement.calendar
    for step in steps:
        if step.status.is_open and not step.due_is_by_hand:
            step.due_date = calendar.due_day(step)
