"""The forms of checklists: hiring, the first shift, leaving, a step; their templates; days off."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, ValidationError
from wtforms.validators import Optional, Regexp

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.accounts.slugs import slugify
from portal.onboarding.days import local_today, zone_of
from portal.onboarding.days_off import DayOff, is_day_off
from portal.onboarding.engagement import StaffOnboarding
from portal.onboarding.fields import ClockField, OffsetField, PaperKindField
from portal.onboarding.kinds import Anchor, CompletedBy, Days, Who
from portal.onboarding.messages.gaps import odd_gap
from portal.onboarding.models import MAX_NOTES, OnboardingStep
from portal.onboarding.templates import OnboardingTemplate, OnboardingTemplateStep, holder_of_place
from portal.restaurants.fields import RestaurantField
from portal.staff.fields import PositionField
from portal.staff.models import StaffMember
from portal.web.days import DayField
from portal.web.forms import AtMost, EnumField, LongTextField, PortalForm, Required, TextField
from portal.web.lines import DocumentForm, LineForm, LinesField
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


class TemplateStepForm(LineForm):
    """One step of a template."""

    entity = OnboardingTemplateStep

    name = TextField(_l("Name"), [Required(), AtMost(200)])
    code = TextField(
        _l("Code"),
        [AtMost(60), Regexp(r"^\S*$", message=_l("A code has no spaces."))],
        description=_l("Left empty, it is made of the name."),
    )
    who = EnumField(_l("Whose step"), Who, default=Who.MANAGER)
    offset_days = OffsetField(
        _l("Days"), description=_l("Below zero: so many days before."), render_kw={"class": "input--number"}
    )
    counts = EnumField(_l("Counted in"), Days, default=Days.CALENDAR)
    anchor = EnumField(_l("Counted from"), Anchor, default=Anchor.FIRST_SHIFT)
    completed_by = EnumField(_l("Completed by"), CompletedBy, default=CompletedBy.HAND)
    document_type_id = PaperKindField(_l("Paper that it needs"))
    description = TextField(_l("What to do"), [AtMost(1000)])
    message_when_done = TextField(
        _l("Told when it is done"),
        [AtMost(1000)],
        description=_l("{{name}}, {{step}}, {{left}} and {{date}} are filled in."),
    )
    message_reminder = TextField(_l("Told as a reminder"), [AtMost(1000)])
    required = BooleanField(_l("Required"), default=True)
    for_foreigners = BooleanField(_l("For foreign citizens alone"), default=False)

    def validate(self, extra_validators: Any = None) -> bool:
        """The code that was left to the form is made before anything is checked."""
        self.code.data = (self.code.data or slugify(self.name.data or "").replace("-", "_")).lower() or None
        return super().validate(extra_validators)

    def validate_document_type_id(self, field: Field) -> None:
        """What a paper completes needs one."""
        if self.completed_by.data == CompletedBy.DOCUMENT and field.data is None:
            raise ValidationError(_("Choose the paper that completes it."))

    def validate_message_when_done(self, field: Field) -> None:
        """Gaps that can be filled in."""
        refuse_odd_gaps(field.data)

    def validate_message_reminder(self, field: Field) -> None:
        """Gaps that can be filled in."""
        refuse_odd_gaps(field.data)


class TemplateForm(DocumentForm):
    """A template with its steps."""

    entity = OnboardingTemplate

    name = TextField(_l("Name"), [Required(), AtMost(200)])
    position_id = PositionField(_l("Position"), description=_l("Left open, it is for every position."))
    restaurant_id = RestaurantField(
        _l("Restaurant"), [Optional()], description=_l("Left open, it is for every restaurant.")
    )
    lines = LinesField(_l("Steps"), line=TemplateStepForm)

    def __init__(
        self, template: OnboardingTemplate | None = None, lines: Sequence[OnboardingTemplateStep] = ()
    ) -> None:
        super().__init__(obj=template, lines=lines)

    @property
    def head(self) -> dict[str, Any]:
        """What was filled in beside the steps."""
        return {name: value for name, value in self.values().items() if name != "lines"}

    def validate(self, extra_validators: Any = None) -> bool:
        """Every step by itself, no two of one code, and no two templates of one place."""
        valid = super().validate(extra_validators)
        return all([valid, self._refuse_equal_codes(), self._refuse_taken_place()])

    def _refuse_taken_place(self) -> bool:
        """One template for each position and restaurant, and always one for everybody else."""
        template = self.row if isinstance(self.row, OnboardingTemplate) else None
        if self.position_id.errors or self.restaurant_id.errors or (template is not None and not template.is_active):
            return True
        place = (self.position_id.data, self.restaurant_id.data)
        holder = holder_of_place(*place, but=template.id if template is not None else None)
        fault = None
        if template is not None and template.is_default and place != (None, None):
            fault = _("Everybody gets this one who has no other. Add another one for a position or a restaurant.")
        elif holder is not None:
            fault = _("“%(name)s” is in use for the same position and restaurant.", name=holder.name)
        if fault is not None:
            self.restaurant_id.errors = [*self.restaurant_id.errors, fault]
        return fault is None

    def find_doubt(self) -> str | None:
        """A checklist without steps is allowed, and rarely meant."""
        if not self.lines.data:
            return _("There are no steps: people are finished by a button. Send it once more if that is meant.")
        return super().find_doubt()

    def _refuse_equal_codes(self) -> bool:
        known: set[str] = set()
        equal = []
        for row in self.lines.rows:
            code = row.form.code.data
            if code in known:
                row.form.code.errors = [*row.form.code.errors, _("Another step has this code.")]
                equal.append(row)
            known |= {code} if code else set()
        if equal and not self.lines.errors:
            self.lines.errors = [_("Look at the rows that are marked.")]
        return not equal


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


def refuse_odd_gaps(text: str | None) -> None:
    """``ValidationError`` for a ``{{gap}}`` that nothing fills in."""
    odd = odd_gap(text or "")
    if odd is not None:
        raise ValidationError(
            _("Nothing fills in “%(gap)s”. There are {{name}}, {{step}}, {{left}} and {{date}}.", gap=odd)
        )


def refuse_odd_day(day: date | None, member: StaffMember) -> None:
    """``ValidationError`` where a year was most likely mistyped."""
    if day is None:
        return
    today = local_today(zone_of(member.restaurant_id))
    if not today - LONGEST_AGO <= day <= today + LONGEST_AHEAD:
        raise ValidationError(_("Check the year."))
