"""The fields of forms that name a supplier, or say who it is before the tax office."""

from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from wtforms import SelectField, ValidationError

from portal.suppliers.models import Supplier
from portal.suppliers.queries import name_of_merged
from portal.suppliers.tax_ids import TaxId, TaxIdFault, check_tax_id, is_registration_code
from portal.web.attributes import LongSelect
from portal.web.forms import Required, TextField, options
from portal.web.values import id_of


class SupplierField(SelectField):
    """One of the suppliers in use; one that is archived or merged only where it is chosen already."""

    is_empty = False
    widget = LongSelect()

    def __init__(self, label: Any, validators: Any = None, **settings: Any) -> None:
        validators = validators or [Required(_l("Choose the supplier."))]
        super().__init__(label, validators, coerce=id_of, validate_choice=True, **settings)

    def process_data(self, value: Any) -> None:
        """What may be chosen is read with what is chosen."""
        super().process_data(value)
        offered = Supplier.offered(also=self.data)
        self.choices = options([("", _l("Choose…")), *((str(row_id), name) for row_id, name in offered)])
        self.is_empty = not offered

    def leave_out(self, supplier_id: UUID) -> None:
        """Do not offer one: nothing is merged into itself."""
        kept: list[Any] = list(self.choices or ())
        self.choices = [each for each in kept if each.value != str(supplier_id)]

    def pre_validate(self, form: Any) -> None:
        """Of one that is gone, where it went: an older page may still offer it."""
        if self.data is not None and not any(chosen for _v, _l, chosen, *_rest in self.iter_choices()):
            into = name_of_merged(self.data)
            if into is not None:
                link = Markup('<a href="{}">{}</a>').format(
                    url_for("account.suppliers.show", supplier_id=into.id), into.name
                )
                raise ValidationError(Markup(_("Merged into %(name)s.")) % {"name": link})  # noqa: S704
        super().pre_validate(form)


class TaxIdField(TextField):
    """An ИНН. A zero in front that a spreadsheet dropped is put back (``is_restored``)."""

    is_restored = False

    def process_formdata(self, valuelist: list[Any]) -> None:
        """The digits alone, where they are a number."""
        super().process_formdata(valuelist)
        found = check_tax_id(self.data) if self.data else None
        if isinstance(found, TaxId):
            self.data, self.is_restored = found.value, found.restored

    def pre_validate(self, form: Any) -> None:
        """What iiko brought stays as it is until somebody changes it."""
        if self.data and self.data != self.object_data:
            found = check_tax_id(self.data)
            if isinstance(found, TaxIdFault):
                raise ValidationError(found.label)


class RegistrationCodeField(TextField):
    """A КПП; what iiko brought stays as it is until somebody changes it."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Without blanks, in capitals."""
        super().process_formdata(valuelist)
        self.data = "".join(self.data.split()).upper() if self.data else None

    def pre_validate(self, form: Any) -> None:
        """Nine signs."""
        if self.data and self.data != self.object_data and not is_registration_code(self.data):
            raise ValidationError(_("Write 9 signs, such as 780101001."))
