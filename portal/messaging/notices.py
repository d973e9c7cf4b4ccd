"""What people are told of messages that got lost on the way."""

from typing import Any
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.bots.models import BotInstance
from portal.channels.notices import PLATFORM_FAILING
from portal.db.base import db
from portal.messaging.failures import Failure, reason_of
from portal.messengers.registry import platform_label
from portal.notices.kinds import NoticeContent, NoticeKind, Severity
from portal.notices.raising import Subject, raise_notice


def _reason(content: NoticeContent) -> str | None:
    return reason_of(content["error"], platform_label(content["platform"])) if "error" in content.parameters else None


MESSAGES_UNDELIVERED = NoticeKind(
    key="messages_undelivered",
    label=_l("Messages were not delivered"),
    permission=Permission.DIALOGS_TAKE_OVER,
    severity=Severity.PROBLEM,
    sentence=lambda content: _("Messages of %(bot)s were not delivered.", bot=content.label),
    detail=_reason,
    link=lambda content: url_for("account.undelivered.index", bot_id=content.entity_id),
)
UPDATES_UNPROCESSED = NoticeKind(
    key="updates_unprocessed",
    label=_l("Messages were received but not handled"),
    permission=Permission.DIALOGS_TAKE_OVER,
    severity=Severity.PROBLEM,
    sentence=lambda content: _("%(bot)s could not handle messages that it received.", bot=content.label),
    link=lambda content: url_for("account.unprocessed.index", bot_id=content.entity_id),
)
FILES_REFUSED = NoticeKind(
    key="files_refused",
    label=_l("Files that guests send are not kept"),
    permission=Permission.PLATFORMS_SEE,
    severity=Severity.PROBLEM,
    sentence=lambda content: _("%(bot)s does not keep the files that guests send it.", bot=content.label),
    detail=lambda content: str(Failure.STORE_FULL.sentence),
    link=lambda content: url_for("account.media.index", bot_id=content.entity_id),
)
BOT_CROWDED = NoticeKind(
    key="bot_crowded",
    label=_l("More messages than a bot can answer at once"),
    permission=Permission.DIALOGS_TAKE_OVER,
    severity=Severity.NEWS,
    sentence=lambda content: _("More guests wrote to %(bot)s than it can answer at once.", bot=content.label),
    link=lambda content: url_for("account.bot_conversations.index", bot_id=content.entity_id),
)


def raise_for_bot(kind: NoticeKind, bot_id: UUID, **parameters: Any) -> None:
    """Tell of messages of one bot; they are looked at, tried again or dismissed on its page."""
    raise_notice(kind, Subject("bot_instance", bot_id, _name_of(bot_id)), **parameters)


def raise_refusal(message: Any, problem: str) -> None:
    """The platform refuses the bot whose message was to go out."""
    subject = Subject("bot_platform_credential", message.credential_id, _name_of(message.bot_id))
    raise_notice(PLATFORM_FAILING, subject, bot_id=str(message.bot_id), platform=message.platform, problem=problem)


def _name_of(bot_id: UUID) -> str:
    return db.session.scalar(select(BotInstance.name).where(BotInstance.id == bot_id)) or ""
