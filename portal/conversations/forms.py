"""Forms of a conversation that a person takes over."""

from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectField

from portal.web.forms import AtMost, LongTextField, PortalForm, Required, options

# What most messengers carry in one message, for one that the portal does not know.
USUAL_LENGTH = 4096
HOURS = {"1": _l("After 1 hour"), "4": _l("After 4 hours"), "12": _l("After 12 hours"), "24": _l("After 24 hours")}


class MessageForm(PortalForm):
    """What a person writes to somebody, as long as the platform carries in one message."""

    text = LongTextField(_l("Message"), [Required(_l("Write something first."))])

    def __init__(self, most: int, **given: Any) -> None:
        super().__init__(**given)
        self.most = most
        self.text.validators = [*self.text.validators, AtMost(most)]


class TakeOverForm(PortalForm):
    """For how long somebody takes a conversation over; ``holder`` is who had it when the page was shown."""

    holder = HiddenField()
    hours = SelectField(
        _l("The bot goes on by itself"),
        choices=options([*HOURS.items(), ("never", _l("Only when I hand it back"))]),
        default="4",
    )

    @property
    def duration(self) -> timedelta | None:
        """After how long the bot goes on by itself; ``None`` for never."""
        return timedelta(hours=int(self.hours.data)) if self.hours.data in HOURS else None
