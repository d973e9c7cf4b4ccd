"""The forms of checklists' templates."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, ValidationError
from wtforms.validators import Optional, Regexp

from portal.accounts.slugs import slugify
from portal.onboarding.fields import OffsetField, PaperKindField
from portal.onboarding.kinds import Anchor, CompletedBy, Days, Who
from portal.onboarding.messages.gaps import odd_gap
from portal.onboarding.templates import OnboardingTemplate, OnboardingTemplateStep, holder_of_place
from portal.restaurants.fields import RestaurantField
from portal.staff.fields import PositionField
from portal.web.forms import AtMost, EnumField, Required, TextField
from portal.web.lines import DocumentForm, LineForm, LinesField


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
        self._number_nameless_codes()
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

    def _number_nameless_codes(self) -> None:
        """Of a name without a letter that a code can have, such as “✓”, the place of the step makes the code."""
        rows = [row.form for row in self.lines.filled]
        taken = {form.code.data for form in rows}
        for place, form in enumerate(rows, start=1):
            if not form.code.data and form.name.data and not slugify(form.name.data):
                form.code.data = next(code for code in map("step_{}".format, count(place)) if code not in taken)
                taken.add(form.code.data)

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


def refuse_odd_gaps(text: str | None) -> None:
    """``ValidationError`` for a ``{{gap}}`` that nothing fills in."""
    odd = odd_gap(text or "")
    if odd is not None:
        raise ValidationError(
            _("Nothing fills in “%(gap)s”. There are {{name}}, {{step}}, {{left}} and {{date}}.", gap=odd)
        )
