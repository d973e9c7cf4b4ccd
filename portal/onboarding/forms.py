"""The forms of checklists: hiring, the first shift, leaving, a step; days off."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, ValidationError

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.onboarding.days import local_day, local_today, zone_of
from portal.onboarding.days_off import DayOff, is_day_off
from portal.onboarding.engagement import CLOSED, StaffOnboarding
from portal.onboarding.fields import ClockField
from portal.onboarding.models import MAX_NOTES, OnboardingStep
from portal.staff.models import StaffMember
from portal.staff.papers.forms import PaperForm
from portal.staff.papers.models import DocumentType
from portal.web.days import DayField
from portal.web.forms import AtMost, LongTextField, PortalForm, Required, TextField
from portal.web.times import in_zone, zone

# Somebody who has worked here for decades is written down, too; nobody is hired a year ahead.
LONGEST_AGO, LONGEST_AHEAD = timedelta(days=366 * 50), timedelta(days=366)
NUMERIC = {"inputmode": "numeric"}


class ShiftFields(PortalForm):
    """A first shift: its day and time on the restaurant's clock."""

    member: StaffMember
    day = DayField(_l("First shift"), render_kw=NUMERIC)
    clock = ClockField(_l("At"), render_kw=NUMERIC | {"placeholder": "10:00"})

    @property
    def first_shift_at(self) -> datetime | None:
        """The moment; ``None`` where no day was typed."""
        if self.day.data is None or self.clock.data is None:
            return None
        local = datetime.combine(self.day.data, self.clock.data, zone(zone_of(self.member.restaurant_id)))
        return local.astimezone(UTC)

    def validate_day(self, field: Field) -> None:
        """A day that can be meant; a time needs its day."""
        if self.clock.data is not None and field.data is None and not field.errors:
            raise ValidationError(_("Write the day, too."))
        refuse_odd_day(field.data, self.member)

    def validate_clock(self, field: Field) -> None:
        """A day needs its time."""
        if self.day.data is not None and field.data is None and not field.errors:
            raise ValidationError(_("Write a time, such as 10:00."))


class ShiftForm(ShiftFields):
    """Another first shift; without a day it is not known yet."""

    def __init__(self, member: StaffMember, engagement: StaffOnboarding) -> None:
        self.member, self.row = member, engagement
        moment = engagement.first_shift_at
        local = in_zone(moment, zone_of(member.restaurant_id)) if moment else None
        super().__init__(data={"day": local and local.date(), "clock": local and local.time()})


class HiringForm(ShiftFields):
    """Somebody begins."""

    hired_on = DayField(
        _l("Hired on"),
        [Required()],
        description=_l("The day from which the hiring itself is reported."),
        render_kw=NUMERIC,
    )

    def __init__(self, member: StaffMember) -> None:
        self.member = member
        super().__init__(hired_on=local_today(zone_of(member.restaurant_id)))

    def validate_hired_on(self, field: Field) -> None:
        """A day that can be meant."""
        refuse_odd_day(field.data, self.member)


class LeavingForm(PortalForm):
    """Somebody leaves: the last day, and why."""

    ended_on = DayField(_l("Last day"), [Required()], render_kw=NUMERIC)
    reason = LongTextField(_l("Reason"), [Required(), AtMost(500)], render_kw={"rows": 2})

    def __init__(self, member: StaffMember, engagement: StaffOnboarding | None) -> None:
        place = zone_of(member.restaurant_id)
        self.today, self.known_since = local_today(place), local_day(member.created_at, place)
        self.hired_on = engagement.hired_on if engagement is not None else None
        super().__init__(ended_on=self.today)

    def validate_ended_on(self, field: Field) -> None:
        """Not to come: until then the person works here. Nor before the hiring; before one to come, not unknown."""
        if field.data and field.data > self.today:
            raise ValidationError(_("This day is still to come. Until then the person works here."))
        is_hired = self.hired_on is not None and self.hired_on <= self.today
        if field.data and is_hired and self.hired_on and field.data < self.hired_on:
            raise ValidationError(_("The person was hired after that day."))
        if field.data and not is_hired and field.data < self.known_since:
            raise ValidationError(_("The person was added after that day."))


class OfStep(PortalForm):
    """What is typed of a step; it stays on the page where the checklist was closed meanwhile."""

    step: OnboardingStep
    form_errors: list[str]

    def validate(self, extra_validators: Any = None) -> bool:
        """Every field by itself, and whether the checklist is still open to it."""
        valid = super().validate(extra_validators)
        if not self.step.engagement.is_closed(self.step.engagement.member):
            return valid
        self.form_errors = [*self.form_errors, str(CLOSED)]
        return False


class StepForm(OfStep):
    """What people say of a step beside its state."""

    entity = OnboardingStep

    due_date = DayField(
        _l("Due"), description=_l("Left empty, it is counted as the checklist says."), render_kw=NUMERIC
    )
    notes = LongTextField(_l("Notes"), [AtMost(MAX_NOTES)], render_kw={"rows": 3})

    def __init__(self, step: OnboardingStep, member: StaffMember) -> None:
        self.step, self.member = step, member
        super().__init__(obj=step)
        if not may(Permission.STAFF_EDIT):
            del self.due_date

    def validate_due_date(self, field: Field) -> None:
        """A day that can be meant."""
        if field.data != field.object_data:
            refuse_odd_day(field.data, self.member)


class ReopeningForm(OfStep):
    """Why a step is to be done again."""

    reason = LongTextField(_l("Why it is to be done again"), [Required(), AtMost(500)], render_kw={"rows": 2})

    def __init__(self, step: OnboardingStep) -> None:
        self.step = step
        super().__init__()

    def validate_reason(self, field: Field) -> None:
        """It goes with the notes, which are not cut for it."""
        if field.data and len(self.step.notes or "") + 1 + len(field.data) > MAX_NOTES:
            raise ValidationError(_("The notes of this step leave no room for it. Shorten them first."))


class OriginalForm(OfStep, PaperForm):
    """What somebody reads off a paper that a step needs."""

    def __init__(self, step: OnboardingStep, member: StaffMember, kind: DocumentType) -> None:
        self.step = step
        super().__init__(member, kind)


class DayOffForm(PortalForm):
    """A day on which nobody of the office works."""

    entity = DayOff

    day = DayField(_l("Day"), [Required()], render_kw=NUMERIC)
    name = TextField(_l("Name"), [AtMost(200)])

    def validate_day(self, field: Field) -> None:
        """Each day once."""
        if field.data is not None and is_day_off(field.data):
            raise ValidationError(_("This day is there already."))
        if field.data is not None and not 2000 <= field.data.year <= 2100:
            raise ValidationError(_("Check the year."))


def refuse_odd_day(day: date | None, member: StaffMember) -> None:
    """``ValidationError`` where a year was most likely mistyped."""
    if day is None:
        return
    today = local_today(zone_of(member.restaurant_id))
    if not today - LONGEST_AGO <= day <= today + LONGEST_AHEAD:
        raise ValidationError(_("Check the year."))
