"""Forms of the synchronisation: when a server is read, and which restaurant a part of iiko's tree belongs to."""

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField
from wtforms.fields import TimeField
from wtforms.validators import StopValidation

from portal.iiko.models import IikoConnection
from portal.restaurants.fields import RestaurantField
from portal.web.attributes import LongSelect
from portal.web.forms import PortalForm, Required, ZoneField, options


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

    is_scheduled = BooleanField(_l("Synchronise by itself"), default=True)
    night_at = ClockField(
        _l("Time of the nightly run"),
        [Required()],
        default=time(4),
        description=_l("It begins up to half an hour later, so that not all servers are asked at once."),
    )
    timezone = ZoneField(
        _l("Time zone"),
        unset_label=_l("That of the chain"),
        description=_l("By whose clocks the nightly run is meant."),
    )


class ChoiceForm(PortalForm):
    """Which row of ours a row of iiko's is."""

    entity_id = SelectField(_l("Which one it is"), [Required(_l("Choose which one it is."))], widget=LongSelect())

    def offer(self, rows: Sequence[tuple[str, str]]) -> None:
        """Those that may be chosen, by name."""
        self.entity_id.choices = options([("", _l("Choose…")), *rows])


class NodeForm(PortalForm):
    """Which restaurant the stores below a node of iiko's tree belong to."""

    node_id = RadioField(_l("What is meant"))
    restaurant_id = RestaurantField(_l("Restaurant"))

    def offer(self, places: Sequence[Mapping[str, Any]]) -> None:
        """The row itself, or one of the places above it: then all stores below that one belong there."""
        row, *above = places
        told = [(row["id"], _("“%(name)s” alone", name=row["name"]))]
        told += [
            (each["id"], _("All that stands below “%(name)s”", name=each["name"] or each["type"])) for each in above
        ]
        self.node_id.choices = options(told)
