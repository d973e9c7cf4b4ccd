"""What people are told of how their bots stand with the platforms."""

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.access.permissions import Permission
from portal.channels.models import BotPlatformCredential
from portal.channels.wording import filled_in, problem_of
from portal.messengers.registry import platform_label
from portal.notices.kinds import NoticeContent, NoticeKind, Severity
from portal.notices.raising import Subject, raise_notice


def _platform(content: NoticeContent) -> str:
    return platform_label(content["platform"])


def _page(content: NoticeContent) -> str:
    return url_for("account.bot_platforms.show", bot_id=content["bot_id"], platform=content["platform"])


def _trouble(content: NoticeContent) -> str | None:
    problem = problem_of(content.parameters.get("problem"))
    return filled_in(problem.sentence, _platform(content)) if problem else None


PLATFORM_RECOVERED = NoticeKind(
    key="platform_recovered",
    label=_l("A platform works again"),
    permission=Permission.PLATFORMS_SEE,
    severity=Severity.RECOVERY,
    sentence=lambda content: _("%(bot)s works on %(platform)s again.", bot=content.label, platform=_platform(content)),
    link=_page,
)
PLATFORM_FAILING = NoticeKind(
    key="platform_failing",
    label=_l("A platform fails"),
    permission=Permission.PLATFORMS_SEE,
    severity=Severity.PROBLEM,
    sentence=lambda content: _(
        "%(bot)s does not work on %(platform)s.", bot=content.label, platform=_platform(content)
    ),
    detail=_trouble,
    link=_page,
    recovery=PLATFORM_RECOVERED,
)
WEBHOOK_HEALED = NoticeKind(
    key="webhook_healed",
    label=_l("A connection was put right"),
    permission=Permission.PLATFORMS_SEE,
    severity=Severity.RECOVERY,
    sentence=lambda content: _(
        "%(bot)s was connected to %(platform)s again.", bot=content.label, platform=_platform(content)
    ),
    detail=_trouble,
    link=_page,
)


def raise_for_platform(kind: NoticeKind, credential: BotPlatformCredential, problem: str | None) -> None:
    """Tell of one platform of a bot; ``problem`` is a code of ``portal.channels.wording``."""
    subject = Subject.of(credential, credential.bot.name)
    raise_notice(kind, subject, bot_id=str(credential.bot_id), platform=credential.platform, problem=problem)
