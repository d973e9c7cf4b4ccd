"""What a person was told, waits to hear and could not be told, as their page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.conversations.addresses import message_url
from portal.conversations.models import BotDialogState
from portal.conversations.transcript import STATES, UNSENT
from portal.db.base import db
from portal.db.types import utc_now
from portal.db.words import Label
from portal.messaging.events import MessageState
from portal.messaging.failures import reason_of
from portal.messaging.messages import BotMessage
from portal.messengers.registry import platform_label
from portal.onboarding.messages.chats import way_to
from portal.onboarding.messages.models import HeldReason, MessageStanding, StaffMessage
from portal.onboarding.messages.queries import chats_of
from portal.staff.models import StaffMember, StaffStatus

MAX_SHOWN = 20
TONES = {MessageStanding.WAITING: ("neutral", "clock"), MessageStanding.HELD: ("warn", "alert")}
ON_THEIR_WAY = (MessageState.QUEUED, MessageState.SENDING, MessageState.UNCERTAIN)


@dataclass(frozen=True)
class MessageLine:
    """One message: how it stands by word, tone and shape, why it was not sent, and where it is to be read."""

    kind: Label
    text: str
    at: Any
    word: Label
    tone: str
    icon: str
    why: str | None
    url: str | None
    is_unsent: bool


class MessagesOf:
    """What the page asks; who sees nothing private is shown nothing of it."""

    def __init__(self, member: StaffMember) -> None:
        self.member = member

    @classmethod
    def of(cls, member: StaffMember) -> "MessagesOf":
        """The messages to a person."""
        return cls(member)

    @property
    def is_shown(self) -> bool:
        """Whether whoever looks may see them, and there is somebody to write to."""
        return may(Permission.STAFF_PRIVATE) and self.member.erased_at is None

    @property
    def may_write(self) -> bool:
        """Whether they may write through the bot."""
        return self.is_shown and may(Permission.STAFF_EDIT) and self.member.status != StaffStatus.LEFT

    @property
    def obstacle(self) -> Label | None:
        """Why nothing reaches them now."""
        way = way_to(chats_of(self.member.account_id, self.member.id), utc_now())
        return way.reason.label if way.chat is None else None

    @cached_property
    def lines(self) -> list[MessageLine]:
        """The latest first; what was dropped is told of nobody."""
        return [_line(*row) for row in self._rows]

    @property
    def _rows(self) -> Sequence[Any]:
        sent = aliased(BotMessage)
        query = (
            select(StaffMessage, sent.state, sent.error, sent.bot_id, sent.dialog_id, sent.seq, BotDialogState.platform)
            .outerjoin(sent, sent.id == StaffMessage.message_id)
            .outerjoin(BotDialogState, BotDialogState.id == sent.dialog_id)
            .where(StaffMessage.staff_member_id == self.member.id, StaffMessage.state != MessageStanding.DROPPED)
            .order_by(StaffMessage.created_at.desc(), StaffMessage.id)
            .limit(MAX_SHOWN)
        )
        return db.session.execute(query).all()


def _line(message: StaffMessage, state: str | None, error: str | None, *sent_to: Any) -> MessageLine:
    *place, platform = sent_to
    word, tone, icon = _standing(message, state)
    is_lost = state in UNSENT
    why = message.reason.label if isinstance(message.reason, HeldReason) else None
    if is_lost:
        why = reason_of(error, platform_label(platform)) if error else None
    is_unsent = message.state == MessageStanding.HELD or is_lost
    at = message.due_at if message.state == MessageStanding.WAITING else message.created_at
    return MessageLine(message.kind.label, message.text, at, word, tone, icon, why, message_url(*place), is_unsent)


def _standing(message: StaffMessage, state: str | None) -> tuple[Label, str, str]:
    """By word, tone and shape; of what is a message of the conversation by that."""
    if message.state in TONES:
        return (message.state.label, *TONES[message.state])
    told = MessageState(state) if state in set(MessageState) else None
    if told is None or told in ON_THEIR_WAY:
        return message.state.label, "neutral", "send"
    word, tone, icon = STATES[told]
    return word, "neutral" if tone == "muted" else tone, icon
