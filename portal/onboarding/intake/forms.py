"""Forms that answer questions: each has two buttons, and does what the one says that was pressed."""

from typing import Any
from uuid import UUID

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import RadioField, SelectField, ValidationError
from wtforms.validators import Optional

from portal.db.base import db
from portal.db.types import utc_now
from portal.onboarding.days import zone_of
from portal.onboarding.intake.answering import answer_date, answer_position, answer_restaurant
from portal.onboarding.intake.identity import answer_identity
from portal.onboarding.intake.models import QuestionKind, StaffQuestion
from portal.onboarding.intake.shifts import DateDoubt, Shift, read_shift
from portal.restaurants.fields import RestaurantField
from portal.staff.models import StaffPosition
from portal.web.attributes import LongSelect
from portal.web.forms import AtMost, PortalForm, Required, TextField, options
from portal.web.values import id_of

MAX_POSITION = 120
MAX_OFFERED = 500


class AnswerForm(PortalForm):
    """An answer to one question."""

    # What the buttons say; the first one is meant where none of them was named.
    choices: tuple[str, ...] = ("",)

    @property
    def choice(self) -> str:
        """The button that was pressed."""
        pressed = request.form.get("choice", "")
        return pressed if pressed in self.choices else self.choices[0]

    def answer(self, question: StaffQuestion) -> None:
        """Do what was decided."""
        raise NotImplementedError


class RestaurantAnswerForm(AnswerForm):
    """In which restaurant somebody works."""

    choices = ("remember", "once")
    restaurant_id = RestaurantField(_l("Restaurant"))

    def answer(self, question: StaffQuestion) -> None:
        """The person works there; from now on the code means it, or this once."""
        answer_restaurant(question, self.restaurant_id.data, remember=self.choice == "remember")


class PositionChoiceField(SelectField):
    """One of the positions in use."""

    widget = LongSelect()

    def __init__(self, label: Any, **settings: Any) -> None:
        super().__init__(label, [Optional()], coerce=id_of, **settings)

    def process_data(self, value: Any) -> None:
        """What may be chosen."""
        super().process_data(value)
        query = select(StaffPosition.id, StaffPosition.name).where(StaffPosition.is_active)
        found = db.session.execute(query.order_by(StaffPosition.name, StaffPosition.id).limit(MAX_OFFERED))
        self.choices = options([("", _l("Choose…")), *((str(row.id), row.name) for row in found)])


class PositionAnswerForm(AnswerForm):
    """What somebody works as: one of the positions, or a new one."""

    choices = ("use", "create")
    position_id = PositionChoiceField(_l("Position"))
    name = TextField(_l("Name of a new position"), [AtMost(MAX_POSITION)])

    def validate_position_id(self, field: SelectField) -> None:
        """The first button wants one."""
        if self.choice == "use" and field.data is None:
            raise ValidationError(_("Choose a position, or add a new one."))

    def validate_name(self, field: TextField) -> None:
        """The second button wants a name."""
        if self.choice == "create" and not field.data:
            raise ValidationError(_("Write what the position is called."))

    def answer(self, question: StaffQuestion) -> None:
        """The person has that position, or a new one."""
        is_new = self.choice == "create"
        answer_position(question, None if is_new else self.position_id.data, self.name.data or "")


class DateAnswerForm(AnswerForm):
    """When the first shift is."""

    first_shift = TextField(_l("First shift"), [Required(_l("Write the day and the time, such as 10.08 10:00."))])

    def __init__(self, restaurant_id: UUID | None, **given: Any) -> None:
        super().__init__(**given)
        self.restaurant_id, self.shift = restaurant_id, Shift(None)

    def validate_first_shift(self, field: TextField) -> None:
        """A day within a year, on the clocks of the restaurant."""
        self.shift = read_shift(field.data or "", utc_now(), zone_of(self.restaurant_id))
        if self.shift.doubt is DateDoubt.UNREADABLE:
            raise ValidationError(_("Write the day and the time, such as 10.08 10:00."))
        if self.shift.at is None:
            raise ValidationError(_("There is no such day or time within a year from now."))

    def answer(self, question: StaffQuestion) -> None:
        """The first shift is then."""
        assert self.shift.at is not None, "it was read"
        answer_date(question, self.shift.at)


class IdentityAnswerForm(AnswerForm):
    """Whether it is the same person, and if not, whose the phone is."""

    choices = ("same", "other")
    phone = RadioField(
        _l("If it is somebody else: whose is the phone?"),
        choices=options([("stays", _l("It stays where it is")), ("moves", _l("It is the new person's"))]),
        default="stays",
    )

    def answer(self, question: StaffQuestion) -> None:
        """The same person, or somebody else."""
        answer_identity(question, is_same=self.choice == "same", phone_moves=self.phone.data == "moves")


class ClaimForm(PortalForm):
    """Into which of one's own restaurants somebody is taken."""

    restaurant_id = RestaurantField(_l("Restaurant"))

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        offered = [each for value, *_more in self.restaurant_id.iter_choices() if (each := id_of(value))]
        if not self.is_submitted() and len(offered) == 1:
            self.restaurant_id.data = offered[0]


def form_for(question: StaffQuestion) -> AnswerForm | None:
    """The form that answers a question; none where values are decided one by one, and where it was answered."""
    if not question.is_open:
        return None
    member = question.member
    match question.kind:
        case QuestionKind.RESTAURANT:
            return RestaurantAnswerForm(data={"restaurant_id": member.restaurant_id if member else None})
        case QuestionKind.POSITION:
            known = member.position_id if member else None
            return PositionAnswerForm(data={"position_id": known, "name": question.details.get("label")})
        case QuestionKind.DATE:
            return DateAnswerForm(question.restaurant_id, data={"first_shift": question.details.get("kept")})
        case QuestionKind.IDENTITY:
            return IdentityAnswerForm()
    return None
