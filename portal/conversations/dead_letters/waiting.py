"""Replies of colleagues that cannot be sent at present, because the platform does not take the bot's messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import join

from portal.bots.models import BotInstance
from portal.channels.models import BotConnection
from portal.conversations.models import BotDialogState
from portal.conversations.obstacles import STOPPING, wait_of
from portal.db.base import db
from portal.messaging.events import MessageState
from portal.messaging.messages import BotMessage
from portal.messengers.registry import platform_label

SHOWN = 20
m, k, d, b = BotMessage, BotConnection, BotDialogState, BotInstance
# Of the connections that send nothing: few, and their messages are found by the queue.
_QUEUED = and_(m.account_id == k.account_id, m.credential_id == k.credential_id)
_HELD_UP = and_(k.problem.in_(STOPPING), m.state == MessageState.QUEUED.value, m.author == "person")


def any_held_up() -> ColumnElement[bool]:
    """Whether the bot that a list stands on has such replies."""
    return select(m.id).join(k, _QUEUED).where(k.account_id == b.account_id, k.bot_id == b.id, _HELD_UP).exists()


@dataclass(frozen=True, slots=True)
class WaitingReplies:
    """The latest of a bot's replies that wait, and whether there are more."""

    rows: Sequence[Any]
    has_more: bool

    @classmethod
    def of(cls, bot: Any) -> "WaitingReplies":
        """Those of a bot that is known to have ``held_up`` ones, or none of which anything is asked."""
        if not bot.held_up:
            return cls((), False)
        query = (
            select(m.seq, m.bot_id, m.dialog_id, m.text, m.created_at, k.problem, d.platform, d.person)
            .add_columns(d.platform_chat_id.label("chat_id"))
            .select_from(join(k, m, _QUEUED))
            .join(d, and_(d.account_id == m.account_id, d.id == m.dialog_id))
            .where(k.bot_id == bot.id, _HELD_UP)
        )
        rows = db.session.execute(query.order_by(m.seq.desc()).limit(SHOWN + 1)).all()
        return cls(rows[:SHOWN], len(rows) > SHOWN)

    def reason(self, row: Any) -> str:
        """Why one of them waits."""
        return wait_of(row.problem, platform_label(row.platform)) or ""
