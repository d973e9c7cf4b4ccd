"""The form of a legal entity."""

from flask_babel import lazy_gettext as _l
from wtforms.validators import Optional, Regexp

from portal.legal_entities.models import LegalEntity
from portal.web.forms import AtMost, PortalForm, Required, TextField


class LegalEntityForm(PortalForm):
    """What people may say of a legal entity; the iiko fields belong to the synchronisation."""

    entity = LegalEntity
    namesakes_within = ()

    name = TextField(_l("Name"), [Required(), AtMost(200)])
    code = TextField(_l("Code"), [AtMost(200)])
    tax_id = TextField(
        _l("Tax ID (ИНН)"),
        [Optional(), Regexp(r"^(\d{10}|\d{12})$", message=_l("Write 10 or 12 digits, such as 7800000011."))],
        description=_l("10 digits of a company, 12 of an entrepreneur."),
        render_kw={"inputmode": "numeric"},
    )
    registration_code = TextField(
        _l("Registration code (КПП)"),
        [Optional(), Regexp(r"^\d{9}$", message=_l("Write 9 digits, such as 780101001."))],
        render_kw={"inputmode": "numeric"},
    )
