"""The forms of somebody's checklist: hiring, the first shift, leaving, and one step."""

from datetime import UTC, date, datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, ValidationError

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.onboarding.days import local_today, zone_of
from portal.onboarding.engagement import StaffOnboarding
from portal.onboarding.fields import ClockField
from portal.onboarding.models import MAX_NOTES, OnboardingStep
from portal.staff.models import StaffMember
from portal.web.days import DayField
from portal.web.forms import AtMost, LongTextField, PortalForm, Required
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
        """A day that can be meant."""
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
        self.today, self.engagement = local_today(zone_of(member.restaurant_id)), engagement
        super().__init__(ended_on=self.today)

    def validate_ended_on(self, field: Field) -> None:
        """Not before the hiring, and not to come: until then the person works here."""
        if field.data and field.data > self.today:
            raise ValidationError(_("This day is still to come. Until then the person works here."))
        if field.data and self.engagement is not None and field.data < self.engagement.hired_on:
            raise ValidationError(_("The person was hired after that day."))


class StepForm(PortalForm):
    """What people say of a step beside its state."""

    entity = OnboardingStep

    due_date = DayField(
        _l("Due"), description=_l("Left empty, it is counted as the checklist says."), render_kw=NUMERIC
    )
    notes = LongTextField(_l("Notes"), [AtMost(MAX_NOTES)], render_kw={"rows": 3})

    def __init__(self, step: OnboardingStep, member: StaffMember) -> None:
        self.member = member
        super().__init__(obj=step)
        if not may(Permission.STAFF_EDIT):
            del self.due_date

    def validate_due_date(self, field: Field) -> None:
        """A day that can be meant."""
        if field.data != field.object_data:
            refuse_odd_day(field.data, self.member)


class ReopeningForm(PortalForm):
    """Why a step is to be done again."""

    reason = LongTextField(_l("Why it is to be done again"), [Required(), AtMost(500)], render_kw={"rows": 2})


def refuse_odd_day(day: date | None, member: StaffMember) -> None:
    """``ValidationError`` where a year was most likely mistyped."""
    if day is None:
        return
    today = local_today(zone_of(member.restaurant_id))
    if not today - LONGEST_AGO <= day <= today + LONGEST_AHEAD:
        raise ValidationError(_("Check the year."))
