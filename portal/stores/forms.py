"""The form of a store."""

from uuid import UUID

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from portal.stores.models import STORE_KIND_LABELS, StoreKind
from portal.web.forms import AtMost, LongTextField, PortalForm, Required, TextField, options


class StoreForm(PortalForm):
    """What people may say of a store. The restaurant is chosen among those the person may edit."""

    name = TextField(_l("Name"), [Required(), AtMost(200)])
    restaurant_id = SelectField(_l("Restaurant"), [Required(_l("Choose the restaurant."))], validate_choice=True)
    kind = SelectField(_l("Kind"), choices=options(STORE_KIND_LABELS.items()), default=StoreKind.KITCHEN)
    address = LongTextField(
        _l("Address"), [AtMost(1000)], description=_l("Only where it differs from the restaurant's address.")
    )

    def offer(self, restaurants: list[tuple[UUID, str]]) -> None:
        """The restaurants to choose from, by name."""
        choices = [(str(restaurant_id), name) for restaurant_id, name in restaurants]
        self.restaurant_id.choices = options([("", _l("Choose…")), *choices])

    def values(self) -> dict[str, object]:
        """What was filled in, the restaurant as its id."""
        return {**super().values(), "restaurant_id": UUID(self.restaurant_id.data)}
