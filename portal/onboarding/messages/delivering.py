"""Telling people: what is due goes out as one message of their conversation, or is held with its reason."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import select

from portal.conversations.locking import lock_conversation
from portal.conversations.notifying import notify
from portal.db.base import db
from portal.db.types import utc_now
from portal.onboarding.messages.chats import way_to
from portal.onboarding.messages.gaps import filled
from portal.onboarding.messages.models import HeldReason, MessageStanding, StaffMessage
from portal.onboarding.messages.queries import (
    Addressee,
    KnownChat,
    addressee,
    chats_of,
    earliest_due,
    hold_addressee,
    untrue_messages,
)
from portal.onboarding.messages.quiet import after_quiet
from portal.tenancy.scope import require_scope
from portal.users.chain import chain_language, chain_zone
from portal.web.times import day_in_words

# What happens within it is told in one message.
JOINED_WITHIN = timedelta(minutes=2)
# More than that has its turn with the next message.
MAX_JOINED = 50
# A conversation that moves at this moment is looked at again then.
LOOK_AGAIN = timedelta(minutes=1)
UNSENT = (MessageStanding.WAITING, MessageStanding.HELD)


class Delivery:
    """One person and what they are to be told; nobody else tells them anything until the transaction ends."""

    def __init__(self, member_id: UUID, at: datetime | None = None) -> None:
        self.account_id, self.member_id, self.now = require_scope().account_id, member_id, at or utc_now()

    def make(self) -> datetime | None:
        """Send, hold or drop what is due; when there is more to do, ``None`` for never."""
        if not hold_addressee(self.account_id, self.member_id):
            return None
        due = self._due()
        person = addressee(self.account_id, self.member_id) if due else None
        if person is None:
            return self._next()
        chats = chats_of(self.account_id, self.member_id)
        awake = after_quiet(self.now, person.zone or chain_zone())
        way = way_to(chats, awake)
        if awake > self.now and way.reason is not HeldReason.WINDOW_OVER:
            self._wait(due, awake)
            return awake
        if way.chat is None:
            self._hold(due, way.reason)
        elif not self._send(due, way.chat, person):
            return self.now + LOOK_AGAIN
        return self._next()

    def _due(self) -> list[StaffMessage]:
        """What is due and still true: all that happened within the same two minutes, and what was held before.

        Read first is what is due first: what is held may stay for ever, and keeps nothing else waiting.
        """
        query = select(StaffMessage).where(StaffMessage.staff_member_id == self.member_id)
        query = query.where(StaffMessage.state.in_(UNSENT)).order_by(
            StaffMessage.state == MessageStanding.HELD, StaffMessage.due_at, StaffMessage.created_at, StaffMessage.id
        )
        unsent = db.session.scalars(query.limit(MAX_JOINED)).all()
        untrue = untrue_messages(self.account_id, self.member_id)
        for message in unsent:
            if message.id in untrue:
                message.state, message.reason = MessageStanding.DROPPED, None
        soon = self.now + JOINED_WITHIN
        is_due = any(each.state == MessageStanding.HELD or each.due_at <= self.now for each in unsent)
        left = [each for each in unsent if each.state in UNSENT] if is_due else []
        # They are told in the order in which they happened.
        left.sort(key=lambda each: (each.created_at, each.due_at, each.id))
        return [each for each in left if each.state == MessageStanding.HELD or each.due_at <= soon]

    def _wait(self, due: Sequence[StaffMessage], until: datetime) -> None:
        for message in due:
            if message.state == MessageStanding.WAITING:
                message.due_at = until

    def _hold(self, due: Sequence[StaffMessage], reason: HeldReason) -> None:
        for message in due:
            message.state, message.reason = MessageStanding.HELD, reason

    def _send(self, due: Sequence[StaffMessage], chat: KnownChat, person: Addressee) -> bool:
        """Queue it; whether the conversation is still as it was found."""
        assert chat.credential_id is not None
        conversation = lock_conversation(chat.dialog_id)
        if conversation is None or conversation.state != chat.state:
            return False
        message_id = notify(conversation, chat.credential_id, text_of(due, person))
        db.session.flush()
        for message in due:
            message.state, message.reason, message.message_id = MessageStanding.QUEUED, None, message_id
        return True

    def _next(self) -> datetime | None:
        db.session.flush()
        return earliest_due(self.account_id, self.member_id)


def text_of(messages: Sequence[StaffMessage], person: Addressee) -> str:
    """Several things as one text, each once; what had to wait is told to be a summary."""
    language = chain_language()
    day = day_in_words(person.start_date, language) if person.start_date else ""
    values = {"name": person.name, "left": str(person.left_to_do or 0), "date": day}
    texts = list(dict.fromkeys(filled(message.text, **values) for message in messages))
    if len(texts) > 1 and any(message.state == MessageStanding.HELD for message in messages):
        with force_locale(language):
            texts.insert(0, str(_("What has happened meanwhile:")))
    return "\n\n".join(texts)
