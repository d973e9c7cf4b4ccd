"""The forms of suppliers."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, ValidationError
from wtforms.validators import Optional, Regexp

from portal.suppliers.fields import RegistrationCodeField, TaxIdField
from portal.suppliers.models import Supplier
from portal.suppliers.queries import holders_of_tax_id
from portal.suppliers.tax_ids import PERSON_DIGITS
from portal.web.forms import AtMost, EmailAddress, LongTextField, PortalForm, Required, TextField

NUMERIC = {"inputmode": "numeric"}


class SupplierForm(PortalForm):
    """What people may say of a supplier; the iiko fields belong to the synchronisation."""

    entity = Supplier
    namesakes_within = ()

    name = TextField(_l("Name"), [Required(), AtMost(200)])
    tax_id = TaxIdField(
        _l("Tax ID (ИНН)"),
        [Optional(), AtMost(20)],
        description=_l("10 digits of a company, 12 of an entrepreneur. A foreign supplier has none."),
        render_kw=NUMERIC,
    )
    kpp = RegistrationCodeField(
        _l("Registration code (КПП)"),
        [Optional(), AtMost(20)],
        description=_l("Companies alone have one; branches differ by it."),
    )
    contact_name = TextField(_l("Whom to ask for"), [AtMost(200)])
    phone = TextField(
        _l("Phone"),
        [
            Optional(),
            AtMost(40),
            Regexp(r"^\+?[\d\s().-]{5,}$", message=_l("Write a phone number, such as +7 495 123-45-67.")),
        ],
        render_kw={"inputmode": "tel"},
    )
    email = TextField(_l("E-mail"), [Optional(), AtMost(254), EmailAddress()], render_kw={"inputmode": "email"})
    address = LongTextField(_l("Address"), [AtMost(1000)], render_kw={"rows": 2})
    terms = LongTextField(
        _l("Terms"),
        [AtMost(2000)],
        description=_l("Days of delivery, the least order, how long to pay: what everybody should know."),
        render_kw={"rows": 3},
    )

    def validate_kpp(self, field: Field) -> None:
        """An entrepreneur has none."""
        if field.data and field.data != field.object_data and len(self.tax_id.data or "") == PERSON_DIGITS:
            raise ValidationError(_("Companies alone have this code: an ИНН of 12 digits is an entrepreneur's."))

    def find_doubt(self) -> str | None:
        """Another supplier of this name or this ИНН."""
        return super().find_doubt() or self._same_tax_id()

    def _same_tax_id(self) -> str | None:
        if not self.tax_id.data or self.tax_id.data == self.tax_id.object_data:
            return None
        but = self.row.id if self.row is not None else None
        holder = next(iter(holders_of_tax_id(self.tax_id.data, self.kpp.data, but=but)), None)
        if holder is None:
            return None
        return _("“%(name)s” has this ИНН already. Send it once more if this is another branch.", name=holder.name)
