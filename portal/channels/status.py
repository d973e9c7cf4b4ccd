"""How a bot stands with a platform, as its pages say it."""

from dataclasses import dataclass

from flask_babel import gettext as _

from portal.channels.models import UNDER_WAY, BotConnection, BotPlatformCredential
from portal.channels.wording import SET_AGAIN_HELPS, filled_in, problem_of
from portal.messaging.failures import Failure


@dataclass(frozen=True, slots=True)
class ChannelStatus:
    """``label`` and ``tone`` of the state, a ``sentence`` on it, what went wrong (``reason``) and what to do."""

    code: str
    label: str
    tone: str
    sentence: str
    reason: str = ""
    advice: str = ""
    detail: str = ""
    is_under_way: bool = False
    can_be_set_again: bool = False


def status_of(credential: BotPlatformCredential) -> ChannelStatus:
    """The words for a platform that is connected."""
    connection, platform = credential.connection, credential.label
    code = code_of(credential)
    label, tone, sentence = _words(code, platform)
    problem = problem_of(connection.problem) if connection and _tells_problem(code, connection) else None
    return ChannelStatus(
        code,
        label,
        tone,
        sentence,
        reason=problem.describe(platform) if problem else "",
        advice=filled_in(problem.advice, platform) if problem else "",
        detail=(connection.detail or "") if connection and problem else "",
        is_under_way=connection is not None and connection.state in UNDER_WAY,
        can_be_set_again=bool(connection and code == "failing" and connection.problem in SET_AGAIN_HELPS),
    )


def _tells_problem(code: str, connection: BotConnection) -> bool:
    """What is off by its owner's wish has no trouble; who was switched off by taking over is told why."""
    return code not in ("archived", "off") or connection.problem == Failure.MOVED_TO_ANOTHER_BOT


def code_of(credential: BotPlatformCredential) -> str:
    """The state's code, the bot's own and the switch's included."""
    connection = credential.connection
    if connection is not None and connection.state == "removing":
        return "removing"
    if not credential.bot.is_active:
        return "archived"
    if not credential.is_active:
        return "off"
    if connection is None or connection.state == "off":
        return "unchecked"
    # A sender that was refused notes that at once, before anybody has looked.
    return "failing" if connection.problem and connection.state in ("live", "polling") else connection.state


def _words(code: str, platform: str) -> tuple[str, str, str]:
    return {
        "off": (_("Off"), "neutral", _("Messages that arrive are ignored.")),
        "archived": (_("Silent"), "neutral", _("The bot is archived, so it answers nowhere.")),
        "unchecked": (_("On"), "neutral", _("Nobody has checked the connection yet. Check it now.")),
        "connecting": (
            _("Connecting"),
            "accent",
            _("The portal introduces itself to %(platform)s.", platform=platform),
        ),
        "removing": (
            _("Switching off"),
            "accent",
            _("The portal takes its webhook away from %(platform)s.", platform=platform),
        ),
        "live": (_("Live"), "good", _("%(platform)s delivers messages to the portal.", platform=platform)),
        "polling": (
            _("Live"),
            "good",
            _("The portal has no public address, so it fetches messages from %(platform)s itself.", platform=platform),
        ),
        "failing": (_("Failing"), "bad", _("It is switched on, but something is wrong.")),
    }[code]
