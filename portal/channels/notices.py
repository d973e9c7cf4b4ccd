"""What people are told of how their bots stand with the platforms."""

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.bots.models import BotPlatformCredential
from portal.channels.wording import problem_of, told
from portal.messengers.registry import PLATFORMS
from portal.notices.kinds import NoticeKind, Severity, Told
from portal.notices.raising import Subject, raise_notice


def _platform(notice: Told) -> str:
    adapter = PLATFORMS.get(notice["platform"])
    return str(adapter.label) if adapter else str(notice["platform"])


def _page(notice: Told) -> str:
    return url_for("account.bot_platforms.show", bot_id=notice["bot_id"], platform=notice["platform"])


def _trouble(notice: Told) -> str | None:
    problem = problem_of(notice.parameters.get("problem"))
    return told(problem.sentence, _platform(notice)) if problem else None


PLATFORM_RECOVERED = NoticeKind(
    key="platform_recovered",
    label=_l("A platform works again"),
    permission=Permission.PLATFORMS_SEE,
    severity=Severity.RECOVERY,
    sentence=lambda notice: _("%(bot)s works on %(platform)s again.", bot=notice.label, platform=_platform(notice)),
    link=_page,
)
PLATFORM_FAILING = NoticeKind(
    key="platform_failing",
    label=_l("A platform fails"),
    permission=Permission.PLATFORMS_SEE,
    severity=Severity.PROBLEM,
    sentence=lambda notice: _("%(bot)s does not work on %(platform)s.", bot=notice.label, platform=_platform(notice)),
    detail=_trouble,
    link=_page,
    recovery=PLATFORM_RECOVERED,
)
WEBHOOK_HEALED = NoticeKind(
    key="webhook_healed",
    label=_l("A webhook was put right"),
    permission=Permission.PLATFORMS_SEE,
    severity=Severity.RECOVERY,
    sentence=lambda notice: _(
        "The webhook of %(bot)s on %(platform)s was set again.", bot=notice.label, platform=_platform(notice)
    ),
    detail=_trouble,
    link=_page,
)


def raise_for_platform(kind: NoticeKind, credential: BotPlatformCredential, problem: str | None) -> None:
    """Tell of one platform of a bot; ``problem`` is a code of ``portal.channels.wording``."""
    subject = Subject.of(credential, credential.bot.name)
    raise_notice(kind, subject, bot_id=str(credential.bot_id), platform=credential.platform, problem=problem)
