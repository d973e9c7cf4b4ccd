"""The base of every form: text that can be stored, errors beside the field, checks as one types."""

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from flask import abort, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from markupsafe import Markup
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import Field, FileField, Form, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]
from wtforms.fields.core import UnboundField
from wtforms.validators import Email, InputRequired, Length, StopValidation
from wtforms.widgets import Select

from portal.db.types import LabelledEnum, OtherWord
from portal.web.attributes import html_attributes
from portal.web.merging import ProofOfForm
from portal.web.namesakes import AskingForm
from portal.web.proofs import is_review, review_reason
from portal.web.templating import printed
from portal.web.times import is_offered_zone, zone_options
from portal.web.values import alphabets, is_storable, is_visible, visible

# The field whose check alone is asked for while a person types.
VALIDATE_ONLY = "_validate"


def is_sent() -> bool:
    """Whether a form was sent to be acted on; while a person types, the check of one field is all that is asked for."""
    return not request.form.get(VALIDATE_ONLY)


def stripped(value: str | None) -> str | None:
    """Text without the white space around it; ``None`` where nothing is left."""
    return (value.strip() or None) if isinstance(value, str) else value


class TextField(StringField):
    """One line of text, stripped, without invisible signs; line breaks become blanks, empty is ``None``."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        self.data = stripped(visible(" ".join((self.data or "").splitlines())))


class LongTextField(TextAreaField):
    """Several lines of text, stripped; empty is ``None``, and so is what nobody sees."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        self.data = stripped(self.data) if is_visible(self.data or "") else None


def options(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """What a field offers, of each value and its label."""
    return [SelectChoice(value, label) for value, label in pairs]


class ZoneSelect(Select):
    """A list of all zones. Its four hundred options are one text, made once an hour; the chosen one is marked in it."""

    def __init__(self, unset_label: Any) -> None:
        super().__init__()
        self.unset_label = unset_label

    def __call__(self, field: Field, **attributes: Any) -> Markup:
        attributes.setdefault("id", field.id)
        attributes |= {name: True for name in self.validation_attrs if name in field.flags}
        options, chosen = str(zone_options()), printed(field.data or "")
        marked = f'<option selected value="{chosen}">'
        before, found, after = options.partition(f'<option value="{chosen}">') if chosen else ("", "", options)
        if found:
            options = f"{before}{marked}{after}"
        elif chosen:
            options = f"{marked}{chosen}</option>{options}"
        opening = html_attributes(name=field.name, **attributes)
        unset = f'<option value="">{printed(self.unset_label)}</option>'
        return Markup(f"<select {opening}>{unset}{options}</select>")  # noqa: S704


class ZoneField(Field):
    """A time zone by its IANA name, or ``None``. A stored name that the list lacks stays on offer."""

    def __init__(self, label: Any = None, *, unset_label: Any = None, **settings: Any) -> None:
        super().__init__(label, widget=ZoneSelect(unset_label or _l("Not set")), **settings)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """An empty choice is none."""
        self.data = (valuelist[0] if valuelist else None) or None

    def pre_validate(self, form: Any) -> None:
        """Only what was on offer."""
        if self.data and self.data != self.object_data and not is_offered_zone(self.data):
            raise ValidationError(_("Choose one of the time zones."))


class EnumField(SelectField):
    """One member of a ``LabelledEnum``; a stored word that is none of them stays on offer."""

    def __init__(self, label: Any, enum: type[LabelledEnum], validators: Any = None, **settings: Any) -> None:
        super().__init__(label, validators, coerce=enum.read, choices=options(enum.choices()), **settings)

    def process_data(self, value: Any) -> None:
        super().process_data(value)
        if isinstance(self.data, OtherWord):
            self.choices = [*(self.choices or ()), SelectChoice(str(self.data), self.data.label)]


class Required(InputRequired):
    """A field that must be filled in, in plain words."""

    def __init__(self, message: Any = None) -> None:
        super().__init__(message or _l("Fill this in."))

    def __call__(self, form: Any, field: Field) -> None:
        # A zero is filled in; and where something else was typed, its own error says more.
        if not field.data and not isinstance(field.data, Decimal) and not field.process_errors:
            field.errors = []
            raise StopValidation(str(self.message))


class AtMost(Length):
    """A greatest length, in plain words."""

    def __init__(self, most: int) -> None:
        super().__init__(max=most, message=_l("This is too long: at most %(max)s characters.", max=most))


class PortalForm(AskingForm):
    """A form of the portal; ``accepted()`` in a view does the rest.

    ``entity`` is the class of the rows that it fills in: its fields' labels are what the audit log and the lists
    call their columns.
    """

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls.entity is not None:
            cls.entity.words.add_fields(dict(field_labels(cls)))

    class Meta(FlaskForm.Meta):
        """What is read of a request, and what goes with the form."""

        csrf_class = ProofOfForm

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What a browser's form sends, unless a view gave it: files reach file fields alone, and JSON nothing."""
            if formdata is None or isinstance(formdata, MultiDict):
                return formdata
            if not form.is_submitted():
                return None
            files = [
                (name, file)
                for name, file in request.files.items(multi=True)
                if name in form and isinstance(form[name], FileField)
            ]
            return CombinedMultiDict([MultiDict(files), request.form])

    def accepted(self) -> bool:
        """Whether this is a submission without a fault.

        While a person types, the check of one field is all that is asked for: nothing is accepted then, and
        ``form_page`` answers with that field alone. Nor is a form that is only to be shown again, or of which somebody
        else has changed the same meanwhile, or where something is asked first.
        """
        if not self.is_submitted():
            return False
        if self.checked_field is not None:
            self.validate()
            return False
        # What others changed is taken over even where the form is only shown again, or it were lost the next time.
        is_settled = self.merge()
        return is_settled and not is_review() and self.validate() and self.is_meant()

    @property
    def comeback(self) -> str | None:
        """Why the form is shown again though nothing is wrong with it."""
        return review_reason() if self.is_submitted() else None

    @property
    def checked_field(self) -> Field | None:
        """The field whose check is all that was asked for; 400 where the form has no such field."""
        name = request.form.get(VALIDATE_ONLY, "")
        return (self.find_field(name) or abort(400)) if name else None

    def validate(self, extra_validators: Any = None) -> bool:
        """Every field's own validators, after the check that the text can be stored at all."""
        valid = super().validate(extra_validators)
        return refuse_unstorable(self) and valid

    def values(self) -> dict[str, Any]:
        """What was filled in, by field name, without the form's own machinery."""
        return {name: value for name, value in self.data.items() if name != "csrf_token"}

    def find_field(self, name: str) -> Field | None:
        """The field of that name."""
        return next((field for field in self if field.name == name), None)


def refuse_unstorable(fields: Iterable[Field]) -> bool:
    """Whether the database can hold all that was typed; an error beside what it cannot."""
    refused = [field for field in fields if _has_unstorable_text(field)]
    for field in refused:
        field.errors = [*field.errors, _("This contains characters that cannot be stored.")]
    return not refused


def field_labels(form: type[Form]) -> Iterator[tuple[str, Any]]:
    """Name and label of each field of a form class, as it was declared."""
    for name in dir(form):
        field = getattr(form, name)
        if isinstance(field, UnboundField):
            label = field.args[0] if field.args else field.kwargs.get("label")
            if label:
                yield name, label


def _has_unstorable_text(field: Field) -> bool:
    raw = [value for value in (field.raw_data or []) if isinstance(value, str)]
    return any(not is_storable(value) for value in raw)


class EmailAddress(Email):
    """An e-mail address, in plain words."""

    def __init__(self) -> None:
        super().__init__(message=_l("Write an e-mail address, such as anna@example.com."))

    def __call__(self, form: Any, field: StringField) -> None:
        super().__call__(form, field)
        if any(len(alphabets(part)) > 1 for part in re.split("[@.]", field.data or "")):
            raise ValidationError(_("This address mixes letters of alphabets that look alike. Type it in one of them."))
