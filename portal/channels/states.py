"""The states of a bot on a messenger, as its owner sets them."""

from flask_babel import lazy_gettext as _l

from portal.db.types import LabelledEnum


class ChannelState(LabelledEnum):
    """What the owner wants of a platform; how far that has come is the connection's state."""

    OFF = "off", _l("Switched off")
    ON = "on", _l("Switched on")
    DISCONNECTED = "disconnected", _l("Disconnected")
