"""Processors: what came in, applied. Each chat in its order, one update a transaction, nothing sent."""

import json
import logging
import time
from dataclasses import replace
from enum import Enum
from functools import partial
from uuid import UUID

import psycopg
from flask import Flask
from psycopg.errors import UniqueViolation

from portal.conversations.conversation import Conversation
from portal.conversations.locking import lock_conversation
from portal.conversations.records import ConversationRecord, select_by_id, select_of_chat
from portal.conversations.transition import Press
from portal.db.types import utc_now
from portal.messaging import queries
from portal.messaging.backoff import MAX_TRIES, delay_after
from portal.messaging.due import Timer
from portal.messaging.events import NEWS, Blocked, InboundEvent, Pressed, UpdateKind
from portal.messaging.notices import BOT_CROWDED, UPDATES_UNPROCESSED, raise_for_bot
from portal.messaging.queries import Chat, Head
from portal.messaging.receiving.ceilings import NEWCOMER_WAITS_SECONDS, Newcomers
from portal.messaging.receiving.files import fetch_received_file
from portal.messaging.sending.sender import Acknowledge, PressToAcknowledge
from portal.messaging.transactions import is_database_away, line_transaction, transaction
from portal.messengers.registry import PLATFORMS
from portal.onboarding.intake.jobs import queue_intake
from portal.onboarding.intake.queries import select_trigger
from portal.onboarding.messages.jobs import queue_delivery
from portal.onboarding.messages.status import asks_for_status, status_text
from portal.scenarios.engine.state import ConversationStatus
from portal.telemetry.failures import failure_location

log = logging.getLogger(__name__)

TOLD_EVERY_SECONDS = 60.0


class Step(Enum):
    """What became of one step of a chat."""

    APPLIED = "applied"
    POSTPONED = "postponed"
    NOTHING = "nothing"
    # Another worker has the chat.
    ELSEWHERE = "elsewhere"


class UpdateProcessor:
    """Applies updates and timers; ``acknowledge`` is told of pressed buttons once their step is committed."""

    def __init__(self, app: Flask, acknowledge: Acknowledge) -> None:
        self.app, self.acknowledge = app, acknowledge
        # How often a timer failed; a restart of the worker forgets it, which harms nobody.
        self._failed_timers: dict[UUID, int] = {}
        self._newcomers = Newcomers()
        self._told_of_crowds: dict[UUID, float] = {}
        # Chats whose last update was applied just now.
        self._worked_off: set[Chat] = set()

    def advance(self, chat: Chat) -> Step:
        """Apply the oldest update of a chat, if it is due."""
        try:
            return self._advance(chat, is_first_try=True)
        except UniqueViolation:
            # Another writer began the same conversation between our look and our word.
            return self._advance(chat, is_first_try=False)

    def was_last(self, chat: Chat) -> bool:
        """Whether nothing waited behind the update that was applied last; asked once, by whoever applied it."""
        if chat not in self._worked_off:
            return False
        self._worked_off.discard(chat)
        return True

    def _advance(self, chat: Chat, *, is_first_try: bool) -> Step:
        head: Head | None = None
        try:
            with line_transaction(self.app, chat.account_id):
                asked = queries.lock_chat(chat.credential_id, chat.chat_id)
                heads = queries.head_of_chat(chat.account_id, chat.credential_id, chat.chat_id)
                held = select_of_chat(chat.account_id, chat.credential_id, chat.chat_id)
                if not queries.is_locked(asked):
                    return Step.ELSEWHERE
                head = heads.fetchone()
                if head is None or not head.is_due:
                    return Step.NOTHING
                applied = self._apply(chat, head, held)
        except Exception as error:
            if head is None or is_database_away(error) or (is_first_try and isinstance(error, UniqueViolation)):
                raise
            self._postpone(chat, head, error)
            return Step.POSTPONED
        return self._follow_up(chat, head, applied)

    def _follow_up(self, chat: Chat, head: Head, applied: Press | Step | None) -> Step:
        """What is left to do once the step is committed."""
        if isinstance(applied, Step):
            self._tell_of_crowd(chat.account_id, head.bot_id)
            return applied
        if head.is_last:
            self._worked_off.add(chat)
        if applied is not None:
            self.acknowledge(PressToAcknowledge(chat.account_id, chat.credential_id, head.platform, applied))
        return Step.APPLIED

    def wake(self, timer: Timer) -> Step:
        """Let a conversation go on by itself, if its time has come and it is still the bot's."""
        try:
            with line_transaction(self.app, timer.account_id):
                asked = queries.lock_chat(timer.credential_id, timer.chat_id)
                held = select_by_id(timer.account_id, timer.dialog_id)
                pulled_by = select_trigger(timer.account_id, timer.dialog_id)
                if not queries.is_locked(asked):
                    return Step.ELSEWHERE
                record = held.fetchone()
                if record is None or record.wake_at is None or record.wake_at > utc_now():
                    return Step.NOTHING
                conversation = Conversation(record, credential_id=timer.credential_id)
                conversation.tick()
                queue_intake(conversation, pulled_by.fetchone())
        except Exception as error:
            if is_database_away(error):
                raise
            self._postpone_timer(timer, error)
            return Step.POSTPONED
        self._failed_timers.pop(timer.dialog_id, None)
        return Step.APPLIED

    def _apply(self, chat: Chat, head: Head, held: psycopg.Cursor[ConversationRecord]) -> Press | Step | None:
        """The step itself, within the transaction: a press to acknowledge, or that it has to wait."""
        adapter = PLATFORMS.get(head.platform)
        inbound = None
        if head.is_live and adapter is not None and chat.chat_id is not None:
            inbound = adapter.inbound.read_event(json.loads(head.payload), UpdateKind(head.kind))
        press = None
        if inbound is not None and chat.chat_id is not None:
            record = held.fetchone()
            if record is None:
                if not self._newcomers.admit(chat.credential_id):
                    return self._let_wait(chat, head)
                record = ConversationRecord.begin(chat.account_id, head.bot_id, head.platform, chat.chat_id)
            press = self._hear(
                Conversation(record, credential_id=chat.credential_id, live_id=head.live_id), inbound, head
            )
        queries.finish_updates(chat.account_id, [head.id], "done" if inbound else "ignored")
        return press

    def _let_wait(self, chat: Chat, head: Head) -> Step:
        """More new people than the bot may have at once: this one's words stay where they are for a while."""
        queries.delay_update(chat.account_id, head.id, delay_after(1, first=NEWCOMER_WAITS_SECONDS))
        return Step.POSTPONED

    def _tell_of_crowd(self, account_id: UUID, bot_id: UUID) -> None:
        now = time.monotonic()
        if now - self._told_of_crowds.get(bot_id, -TOLD_EVERY_SECONDS) >= TOLD_EVERY_SECONDS:
            self._told_of_crowds[bot_id] = now
            with transaction(self.app, account_id):
                raise_for_bot(BOT_CROWDED, bot_id)

    def _hear(self, conversation: Conversation, inbound: InboundEvent, head: Head) -> Press | None:
        event = inbound.event
        if head.is_acknowledged and isinstance(event, Pressed):
            # No passing note can be shown any more: what is to be said is said in the chat.
            inbound = replace(inbound, event=replace(event, callback=None))
        account_id, employee_id, reply = conversation.row.account_id, head.employee_id, None
        if employee_id is not None and head.answers_status and asks_for_status(event):
            reply = partial(status_text, account_id, employee_id)
        heard = conversation.hear(inbound, head.id, reply)
        queue_intake(conversation, head.intake_trigger)
        if employee_id is not None and head.waits_to_hear and not isinstance(event, (*NEWS, Blocked)):
            queue_delivery(account_id, employee_id)
        if heard.file_of is not None:
            fetch_received_file.queue(message_id=str(heard.file_of), account_id=str(account_id))
        return heard.press

    def _postpone(self, chat: Chat, head: Head, error: Exception) -> None:
        """Note the failure in a transaction of its own; after the last try the chat goes on without the update."""
        told = failure_location(error)
        with transaction(self.app, chat.account_id):
            delay = delay_after(head.attempts + 1)
            state = queries.postpone_updates(chat.account_id, [head.id], delay, error=told, at_last="dead")
            if state == "dead":
                raise_for_bot(UPDATES_UNPROCESSED, head.bot_id)
        place = {"fields": {"update_id": head.id, "account_id": chat.account_id, "bot_id": head.bot_id}}
        log.log(logging.ERROR if state == "dead" else logging.WARNING, "update %s: %s", head.id, told, extra=place)

    def _postpone_timer(self, timer: Timer, error: Exception) -> None:
        failures = self._failed_timers[timer.dialog_id] = self._failed_timers.get(timer.dialog_id, 0) + 1
        told = failure_location(error)
        place = {"fields": {"dialog_id": timer.dialog_id, "account_id": timer.account_id}}
        log.warning("timer of conversation %s: %s", timer.dialog_id, told, extra=place)
        with transaction(self.app, timer.account_id):
            conversation = lock_conversation(timer.dialog_id)
            if conversation is None:
                return
            conversation.wake_at = utc_now() + delay_after(failures)
            if failures >= MAX_TRIES:
                conversation.state, conversation.failure, conversation.wake_at = (
                    ConversationStatus.FAILED.value,
                    told,
                    None,
                )
                del self._failed_timers[timer.dialog_id]
