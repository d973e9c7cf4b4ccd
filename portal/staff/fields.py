"""Fields of the forms of people: a telephone number, a position, a name."""

import re
from typing import Any

from flask_babel import gettext as _
from wtforms import Field, SelectField, ValidationError

from portal.db.base import TenantEntity
from portal.scenarios.engine.phone_numbers import COUNTRY_DIGITS, read_phone, wrong_length
from portal.staff.queries import holder_of_code, offered_positions
from portal.web.attributes import LongSelect
from portal.web.forms import TextField, options
from portal.web.values import id_of, is_storable

# Where a number is typed without its country, it is one of Russia: the language of the page says nothing of it.
LANGUAGE = "ru"


class PhoneField(TextField):
    """A telephone number as ``+79001234567``; what is none stays as it was typed, with what is wrong with it."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """The number with its country."""
        super().process_formdata(valuelist)
        if not self.data:
            return
        phone = read_phone(self.data, LANGUAGE)
        if phone is None:
            raise ValueError(_("Write a phone number, such as +7 495 123-45-67."))
        self.data = phone
        if (country := wrong_length(phone)) is not None:
            digits = COUNTRY_DIGITS[country]
            raise ValueError(_("A number of %(country)s has %(digits)s more digits.", country=country, digits=digits))


class PositionField(SelectField):
    """One of the chain's positions, or none; an archived one only where it is chosen already."""

    widget = LongSelect()

    def __init__(self, label: Any, validators: Any = None, **settings: Any) -> None:
        super().__init__(label, validators, coerce=id_of, validate_choice=True, **settings)

    def process_data(self, value: Any) -> None:
        """What may be chosen is read with what is chosen."""
        super().process_data(value)
        offered = ((str(position_id), name) for position_id, name in offered_positions(also=self.data))
        self.choices = options([("", _("Not set")), *offered])


class PersonName:
    """What somebody may be called: there is a letter in it, and no markup."""

    def __call__(self, form: Any, field: Field) -> None:
        """Refuse it otherwise."""
        if not any(sign.isalpha() for sign in field.data or ""):
            raise ValidationError(_("Write the name in letters."))
        if re.search(r"[<>]", field.data):
            raise ValidationError(_("A name has no signs such as < and >."))


def refuse_taken(entity: type[TenantEntity], field: Field, row: Any) -> None:
    """Refuse a code that another row of the account has, however it is spelled."""
    if not field.data or not is_storable(field.data):
        return
    holder = holder_of_code(entity, field.data, but=row.id if row is not None else None)
    if holder is not None:
        raise ValidationError(_("This code belongs to %(name)s.", name=holder))
