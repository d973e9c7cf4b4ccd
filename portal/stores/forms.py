"""The form of a store."""

from flask_babel import lazy_gettext as _l

from portal.restaurants.fields import RestaurantField
from portal.stores.models import Store, StoreKind
from portal.web.forms import AtMost, EnumField, LongTextField, PortalForm, Required, TextField


class StoreForm(PortalForm):
    """What people may say of a store. The restaurant is chosen among those the person may edit."""

    entity = Store
    namesakes_within = ("restaurant_id",)

    name = TextField(_l("Name"), [Required(), AtMost(200)])
    restaurant_id = RestaurantField(_l("Restaurant"))
    kind = EnumField(_l("Kind"), StoreKind, default=StoreKind.KITCHEN)
    address = LongTextField(
        _l("Address"),
        [AtMost(1000)],
        description=_l("Only where it differs from the restaurant's address."),
        render_kw={"rows": 2},
    )
    code = TextField(_l("Code"), [AtMost(200)])
