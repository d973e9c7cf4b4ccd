"""Processors: what came in, applied. Each chat in its order, one update a transaction, nothing sent."""

import json
import logging
from enum import Enum
from uuid import UUID

from flask import Flask

from portal.conversations.conversation import Conversation, Press
from portal.conversations.locking import lock_conversation
from portal.db.types import utc_now
from portal.messaging import queries
from portal.messaging.backoff import MAX_TRIES, delay_after
from portal.messaging.events import UpdateKind
from portal.messaging.notices import UPDATES_UNPROCESSED, raise_for_bot
from portal.messaging.queries import Chat, Head, Timer
from portal.messaging.receiving.files import fetch_received_file
from portal.messaging.sending.sender import Acknowledge, PressToAcknowledge
from portal.messaging.transactions import failure_location, is_database_away, transaction
from portal.messengers.registry import PLATFORMS
from portal.scenarios.engine.state import ConversationStatus

log = logging.getLogger(__name__)


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

    def advance(self, chat: Chat) -> Step:
        """Apply the oldest update of a chat, if it is due."""
        head: Head | None = None
        press: Press | None = None
        try:
            with transaction(self.app, chat.account_id):
                if not queries.lock_chat(chat.credential_id, chat.chat_id):
                    return Step.ELSEWHERE
                head = queries.head_of_chat(chat.account_id, chat.credential_id, chat.chat_id)
                if head is None or not head.is_due:
                    return Step.NOTHING
                press = self._apply(chat, head)
        except Exception as error:
            if head is None or is_database_away(error):
                raise
            self._postpone(chat, head, error)
            return Step.POSTPONED
        if press is not None:
            self.acknowledge(PressToAcknowledge(chat.account_id, chat.credential_id, head.platform, press))
        return Step.APPLIED

    def wake(self, timer: Timer) -> Step:
        """Let a conversation go on by itself, if its time has come and it is still the bot's."""
        try:
            with transaction(self.app, timer.account_id):
                if not queries.lock_chat(timer.credential_id, timer.chat_id):
                    return Step.ELSEWHERE
                conversation = lock_conversation(timer.dialog_id)
                if conversation is None or conversation.wake_at is None or conversation.wake_at > utc_now():
                    return Step.NOTHING
                Conversation(conversation, credential_id=timer.credential_id).tick()
        except Exception as error:
            if is_database_away(error):
                raise
            self._postpone_timer(timer, error)
            return Step.POSTPONED
        self._failed_timers.pop(timer.dialog_id, None)
        return Step.APPLIED

    def _apply(self, chat: Chat, head: Head) -> Press | None:
        """The step itself, within the transaction."""
        adapter = PLATFORMS.get(head.platform)
        inbound = None
        if head.is_live and adapter is not None and chat.chat_id is not None:
            inbound = adapter.inbound.read_event(json.loads(head.payload), UpdateKind(head.kind))
        press = None
        if inbound is not None and chat.chat_id is not None:
            conversation = Conversation.of(
                head.bot_id, head.platform, chat.chat_id, credential_id=chat.credential_id, live_id=head.live_id
            )
            heard = conversation.hear(inbound, head.id)
            press = heard.press
            if heard.file_of is not None:
                fetch_received_file.queue(message_id=str(heard.file_of), account_id=str(chat.account_id))
        queries.finish_updates(chat.account_id, [head.id], "done" if inbound else "ignored")
        return press

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
