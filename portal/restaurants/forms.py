"""The form of a restaurant."""

from flask_babel import lazy_gettext as _l
from wtforms.validators import Optional, Regexp

from portal.legal_entities.fields import LegalEntityField
from portal.restaurants.models import Restaurant
from portal.web.forms import AtMost, EmailAddress, LongTextField, PortalForm, Required, TextField, ZoneField


class RestaurantForm(PortalForm):
    """What people may say of a restaurant; the iiko fields belong to the synchronisation."""

    entity = Restaurant
    namesakes_within = ()

    name = TextField(_l("Name"), [Required(), AtMost(200)])
    address = LongTextField(_l("Address"), [AtMost(1000)], render_kw={"rows": 2})
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
    timezone = ZoneField(_l("Time zone"), description=_l("Times of this restaurant are shown in its own zone."))
    code = TextField(_l("Code"), [AtMost(200)])
    legal_entity_id = LegalEntityField(_l("Legal entity"), description=_l("The company or entrepreneur that runs it."))
