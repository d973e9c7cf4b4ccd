"""The form of a bot."""

from flask_babel import lazy_gettext as _l

from portal.bots.models import BotInstance
from portal.web.forms import AtMost, LongTextField, PortalForm, Required, TextField


class BotForm(PortalForm):
    """What people may say of a bot; platforms and scenarios have pages of their own."""

    entity = BotInstance
    namesakes_within = ()

    name = TextField(_l("Name"), [Required(), AtMost(200)], description=_l("Only your team sees it."))
    description = LongTextField(_l("Description"), [AtMost(2000)])
