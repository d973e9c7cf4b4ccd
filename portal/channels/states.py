"""The states of a bot on a messenger: what its owner wants, and the one word for how it stands."""

from flask_babel import lazy_gettext as _l

from portal.db.types import LabelledEnum


class ChannelState(LabelledEnum):
    """What the owner wants of a platform; how far that has come is the connection's state."""

    OFF = "off", _l("Switched off")
    ON = "on", _l("Switched on")
    DISCONNECTED = "disconnected", _l("Disconnected")


class PlatformStatus(LabelledEnum):
    """How a platform stands, as every page says it (``portal/channels/status.py``); the worst first."""

    FAILING = "failing", _l("Failing")
    NO_SCENARIO = "no_scenario", _l("No scenario")
    CONNECTING = "connecting", _l("Connecting")
    LIVE = "live", _l("Live")
    OFF = "off", _l("Off")

    @property
    def tone(self) -> str:
        """The colour's name."""
        return _LOOKS[self.value][0]

    @property
    def icon(self) -> str:
        """The sign beside the word."""
        return _LOOKS[self.value][1]


_LOOKS = {
    "failing": ("bad", "alert"),
    "no_scenario": ("warn", "flow"),
    "connecting": ("accent", "refresh"),
    "live": ("good", "check"),
    "off": ("neutral", "power"),
}
