"""The forms of people and positions."""

from datetime import date, timedelta
from typing import Any

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import select
from wtforms import BooleanField, Field, SelectField, ValidationError
from wtforms.validators import Optional

from portal.db.base import db
from portal.db.types import utc_now
from portal.onboarding.fields import ClockField
from portal.onboarding.templates import OnboardingTemplate
from portal.restaurants.fields import RestaurantField
from portal.staff.fields import PersonName, PhoneField, PositionField, refuse_taken
from portal.staff.hiring_page import USUAL_HOUR
from portal.staff.models import RestaurantCode, StaffMember, StaffPosition
from portal.staff.queries import MAX_OFFERED, holder_of, is_mine
from portal.tenancy.scope import require_scope
from portal.web.attributes import LongSelect
from portal.web.days import DayField
from portal.web.forms import AtMost, EmailAddress, LongTextField, PortalForm, Required, TextField, options
from portal.web.values import uuid_or_none

MIN_AGE, MAX_AGE = 14, 100
MAX_NAME = 200
# How far from today somebody's first day may lie.
NEAR = timedelta(days=366)
NUMERIC = {"inputmode": "numeric"}


class StaffMemberForm(PortalForm):
    """What people may say of an employee. Whoever may change it sees what is private of it (``access.permissions``)."""

    entity = StaffMember

    name = TextField(_l("Full name"), [Required(), AtMost(MAX_NAME), PersonName()])
    position_id = PositionField(_l("Position"))
    restaurant_id = RestaurantField(_l("Restaurant"), [Optional()])
    phone = PhoneField(_l("Phone"), [Optional(), AtMost(40)], render_kw={"inputmode": "tel"})
    email = TextField(_l("E-mail"), [Optional(), AtMost(254), EmailAddress()], render_kw={"inputmode": "email"})
    birthday = DayField(_l("Birthday"), render_kw={"inputmode": "numeric"})
    citizenship = TextField(_l("Citizenship"), [AtMost(100)])
    uniform_size = TextField(_l("Uniform size"), [AtMost(40)])
    emergency_contact = LongTextField(
        _l("Emergency contact"), [AtMost(500)], description=_l("Whom to call, and the number."), render_kw={"rows": 2}
    )

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        if require_scope().restaurant_ids is None:
            # A chain may write down whom it hires before it has a restaurant.
            self.restaurant_id.is_empty = False
        else:
            # A person without a restaurant is not among those of somebody who works in some of them.
            self.restaurant_id.validators = [Required(_l("Choose the restaurant."))]
            self.restaurant_id.flags.required = True

    def validate_phone(self, field: Field) -> None:
        """A number is one person's in the whole chain."""
        if not field.data or field.process_errors:
            return
        holder = holder_of(field.data, but=self.row.id if self.row is not None else None)
        if holder is None:
            return
        if not is_mine(holder.restaurant_id):
            raise ValidationError(_("This number belongs to somebody in another restaurant."))
        page = url_for("account.staff.show", staff_member_id=holder.id)
        link = Markup('<a href="{}">{}</a>').format(page, holder.name)
        raise ValidationError(Markup(_("This number belongs to %(name)s.")) % {"name": link})  # noqa: S704

    def validate_birthday(self, field: Field) -> None:
        """Somebody who may work, and is alive."""
        if field.data is None:
            return
        today = utc_now().date()
        if field.data > today:
            raise ValidationError(_("This day is still to come."))
        if field.data > years_before(today, MIN_AGE):
            raise ValidationError(_("Nobody under %(age)s may work here. Check the year.", age=MIN_AGE))
        if field.data < years_before(today, MAX_AGE):
            raise ValidationError(_("Check the year."))


class NewStaffForm(StaffMemberForm):
    """Somebody new, and when they begin where that is known."""

    starts_on = DayField(
        _l("First shift"),
        description=_l("Only where it is known already. The checklist opens then."),
        render_kw=NUMERIC,
    )
    clock = ClockField(_l("At"), render_kw=NUMERIC | {"placeholder": f"{USUAL_HOUR:%H:%M}"})

    def validate_starts_on(self, field: Field) -> None:
        """Not in another century."""
        refuse_far_day(field)

    def of_row(self) -> dict[str, Any]:
        """What belongs to the person's own row."""
        return {name: value for name, value in self.values().items() if name not in ("starts_on", "clock")}


class TemplateField(SelectField):
    """One of the checklists that the person may see."""

    widget = LongSelect()

    def __init__(self, label: Any, validators: Any = None, **settings: Any) -> None:
        super().__init__(label, validators, coerce=uuid_or_none, validate_choice=True, **settings)

    def process_data(self, value: Any) -> None:
        """What may be chosen."""
        super().process_data(value)
        query = select(OnboardingTemplate.id, OnboardingTemplate.name).where(OnboardingTemplate.is_active)
        offered = db.session.execute(query.order_by(OnboardingTemplate.name, OnboardingTemplate.id).limit(MAX_OFFERED))
        self.choices = options([("", _("Choose…")), *((str(each.id), each.name) for each in offered)])


class StaffPositionForm(PortalForm):
    """What somebody does here."""

    entity = StaffPosition
    namesakes_within = ()

    name = TextField(_l("Name"), [Required(), AtMost(200)])
    code = TextField(
        _l("Code"), [Required(), AtMost(100)], description=_l("What the scenario of a bot calls it, such as cook.")
    )
    is_kitchen = BooleanField(_l("Works in the kitchen"))

    def validate_code(self, field: Field) -> None:
        """A code is one position's, an archived one's too."""
        refuse_taken(StaffPosition, field, self.row)


class RestaurantCodeForm(PortalForm):
    """What a scenario calls a restaurant."""

    entity = RestaurantCode

    code = TextField(_l("Code"), [Required(), AtMost(100)], description=_l("As the scenario's button has it."))
    restaurant_id = RestaurantField(_l("Restaurant"))

    def validate_code(self, field: Field) -> None:
        """A code is one restaurant's."""
        refuse_taken(RestaurantCode, field, self.row)


class AssignmentForm(PortalForm):
    """The checklist that several people get."""

    template_id = TemplateField(_l("Checklist"), [Required(_l("Choose the checklist."))])


def refuse_far_day(field: Field) -> None:
    """Refuse a first day that is more than a year away."""
    if field.data is not None and abs(field.data - utc_now().date()) > NEAR:
        raise ValidationError(_("This is more than a year away. Check the year."))


def years_before(day: date, years: int) -> date:
    """The same day so many years before; of 29 February the 28th."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)
