"""What a platform's own page says of it, and what is to be done."""

from dataclasses import dataclass

from flask_babel import gettext as _

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.channels.models import UNDER_WAY, BotConnection, BotPlatformCredential
from portal.channels.states import PlatformStatus
from portal.channels.status import Standing
from portal.channels.wording import SET_AGAIN_HELPS, filled_in, problem_of
from portal.messaging.failures import Failure
from portal.users.queries import owners_to_ask

# What the portal or the platform puts right by itself, and what new credentials alone put right.
PASSING = frozenset({Failure.THROTTLED, Failure.UNREACHABLE, Failure.OUR_ERRORS, Failure.BACKLOG_GROWING})
# Of these the detail is another bot's name.
OTHER_BOT = (Failure.IN_USE_BY_ANOTHER_BOT, Failure.MOVED_TO_ANOTHER_BOT)
OF_CREDENTIALS = frozenset({Failure.CREDENTIALS_REFUSED, Failure.CREDENTIALS_UNREADABLE})


@dataclass(frozen=True, slots=True)
class PlatformReport:
    """What a platform's own page says: the standing, a ``sentence`` on it, what went wrong (``reason``), what to do."""

    standing: Standing
    sentence: str
    problem: Failure | None = None
    platform: str = ""
    told: str = ""
    is_under_way: bool = False
    can_be_set_again: bool = False

    @property
    def reason(self) -> str:
        """What is wrong, in a sentence; where another bot has it, with that bot's name."""
        if self.problem is None:
            return ""
        why = self.problem.describe(self.platform)
        return _("%(why)s It is called “%(bot)s”.", why=why, bot=self.told) if self._names_bot else why

    @property
    def detail(self) -> str:
        """The platform's own words."""
        return "" if self._names_bot else self.told

    @property
    def _names_bot(self) -> bool:
        return bool(self.told) and self.problem in OTHER_BOT

    @property
    def advice(self) -> str:
        """What to do about it, read when it is shown."""
        return advice_on(self.problem, self.platform) if self.problem else ""

    @property
    def is_failing(self) -> bool:
        """Whether it does not work, in contrast to what will pass."""
        return self.standing.status is PlatformStatus.FAILING


def advice_on(problem: Failure, platform: str) -> str:
    """What to do about a failure of a connection; for those who may not do it, whom to ask."""
    if problem not in PASSING and not may(_needed(problem)):
        names = ", ".join(owners_to_ask()) or _("whoever runs the portal")
        return _("Ask an owner to put it right: %(names)s.", names=names)
    return filled_in(problem.advice, platform)


def report_on(credential: BotPlatformCredential) -> PlatformReport:
    """The words for a platform that is connected."""
    connection, standing = credential.connection, Standing.of(credential)
    problem = problem_of(connection.problem) if connection and _tells_problem(standing.status, connection) else None
    return PlatformReport(
        standing,
        _sentence(credential, standing.status),
        problem,
        credential.label,
        told=(connection.detail or "") if connection and problem else "",
        is_under_way=connection is not None and connection.state in UNDER_WAY,
        can_be_set_again=bool(
            standing.status is PlatformStatus.FAILING and connection and connection.problem in SET_AGAIN_HELPS
        ),
    )


def _tells_problem(status: PlatformStatus, connection: BotConnection) -> bool:
    """What is off by its owner's wish has no trouble; who was switched off by taking over is told why."""
    is_wanted = status is not PlatformStatus.OFF or connection.state == "removing"
    return is_wanted or connection.problem == Failure.MOVED_TO_ANOTHER_BOT


def _needed(problem: Failure) -> Permission:
    return Permission.CREDENTIALS_REPLACE if problem in OF_CREDENTIALS else Permission.PLATFORMS_EDIT


def _sentence(credential: BotPlatformCredential, status: PlatformStatus) -> str:
    state, name = credential.connection.state if credential.connection else None, credential.label
    match status, state:
        case PlatformStatus.OFF, _state if not credential.bot.is_active:
            return _("The bot is archived, so it answers nowhere.")
        case PlatformStatus.OFF, "removing":
            return _("The portal signs off from %(platform)s.", platform=name)
        case PlatformStatus.OFF, _state:
            return _("Messages that arrive are ignored.")
        case PlatformStatus.CONNECTING, None:
            return _("Another program switched it on, and the portal has not looked yet.")
        case PlatformStatus.CONNECTING, _state:
            return _("The portal introduces itself to %(platform)s.", platform=name)
        case PlatformStatus.NO_SCENARIO, _state:
            return _("Messages arrive, but no scenario is published, so the bot has nothing to say.")
        case PlatformStatus.LIVE, "polling":
            return _(
                "The portal has no public address, so it fetches messages from %(platform)s itself.", platform=name
            )
        case PlatformStatus.LIVE, _state:
            return _("%(platform)s delivers messages to the portal.", platform=name)
    return _("It is switched on, but something is wrong.")
