"""The choice of a restaurant, in the form of what belongs to one."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from portal.restaurants.queries import offered_restaurants
from portal.web.attributes import LongSelect
from portal.web.forms import Required, options
from portal.web.values import id_of


class RestaurantField(SelectField):
    """One of the restaurants that the person works in; an archived one only where it is chosen already."""

    is_empty = False
    widget = LongSelect()

    def __init__(self, label: Any, validators: Any = None, **settings: Any) -> None:
        validators = validators or [Required(_l("Choose the restaurant."))]
        super().__init__(label, validators, coerce=id_of, validate_choice=True, **settings)

    def process_data(self, value: Any) -> None:
        """What may be chosen is read with what is chosen."""
        super().process_data(value)
        offered = offered_restaurants(also=self.data)
        named = ((str(restaurant_id), name) for restaurant_id, name in offered)
        self.choices = options([("", _l("Choose…")), *named])
        self.is_empty = not offered
