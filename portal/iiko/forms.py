"""Forms of the synchronisation: when a server is read, and which restaurant a part of iiko's tree belongs to."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField
from wtforms.fields import TimeField
from wtforms.validators import StopValidation

from portal.iiko.models import IikoConnection
from portal.restaurants.fields import RestaurantField
from portal.web.forms import PortalForm, Required, ZoneField


class ClockField(TimeField):
    """A time of the day, in hours and minutes."""

    def __init__(self, label: Any = None, validators: Any = None, **settings: Any) -> None:
        super().__init__(label, validators, format=["%H:%M", "%H:%M:%S"], **settings)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """What was typed, or an error in plain words."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Write a time such as 04:00.")) from None

    def pre_validate(self, form: Any) -> None:
        """Where something else was typed, its own error says what is wrong."""
        if self.process_errors:
            raise StopValidation


class ScheduleForm(PortalForm):
    """When a server is read by itself."""

    entity = IikoConnection

    is_scheduled = BooleanField(_l("Synchronise by itself"))
    night_at = ClockField(
        _l("Time of the nightly run"),
        [Required()],
        description=_l("It begins up to half an hour later, so that not all servers are asked at once."),
    )
    timezone = ZoneField(
        _l("Time zone"),
        unset_label=_l("That of the chain"),
        description=_l("By whose clocks the nightly run is meant."),
    )


class NodeForm(PortalForm):
    """Which restaurant the stores below a node of iiko's tree belong to."""

    restaurant_id = RestaurantField(_l("Restaurant"))
