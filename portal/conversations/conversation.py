"""A conversation in motion: its row is held, the engine says what happens, state and messages are written together.

Nothing is sent here: what is to be said becomes queued rows of the same transaction.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol, TypeAlias
from uuid import UUID

from sqlalchemy import select

from portal.audit.models import Action
from portal.audit.recording import record
from portal.channels.models import BotPlatformCredential
from portal.conversations.beginning import begins_anew
from portal.conversations.message_rows import (
    ConversationRow,
    cancel_queued,
    greeting_rows,
    inbound_row,
    is_unseen,
    label_of_press,
    outgoing_rows,
    write,
)
from portal.conversations.models import UNSENT, BotDialogState
from portal.conversations.moving import move_chat
from portal.conversations.records import ConversationRecord
from portal.conversations.transition import NOTHING, Heard, Press, Transition
from portal.conversations.wording import say_in, spoken
from portal.db.base import db
from portal.db.types import utc_now
from portal.messaging.events import (
    NEWS,
    Blocked,
    InboundEvent,
    Opened,
    OutgoingMessage,
    Pressed,
    SentFile,
    TextSpan,
)
from portal.messaging.news import Moved
from portal.scenarios.engine.advance import advance
from portal.scenarios.engine.advance import enter as enter_step
from portal.scenarios.engine.program import Program
from portal.scenarios.engine.state import ConversationState, ConversationStatus, Outcome, Tick
from portal.scenarios.programs import EMPTY_PROGRAM, live_version, program_of

Reply: TypeAlias = Callable[[str], str | None]
# How often a timer looks whether a bot without a live version has one again.
LOOK_AGAIN = timedelta(minutes=1)


class NotConnected(LookupError):
    """The bot has never been connected to the conversation's platform, so nothing can be sent."""


class Writer(Protocol):
    """A person of the chain, or a visiting superuser, who is no member of it."""

    @property
    def id(self) -> UUID: ...
    @property
    def is_superuser(self) -> bool: ...


class Conversation:
    """One conversation; whoever makes it holds the conversation's row until the transaction ends."""

    def __init__(
        self,
        conversation: ConversationRow,
        *,
        credential_id: UUID | None = None,
        live_id: UUID | None = None,
        at: datetime | None = None,
    ) -> None:
        self.row = conversation
        self.now = at or utc_now()
        # What came of the event or the timer, and the message that tells of the event.
        self.transition: Transition = NOTHING
        self.heard_id: UUID | None = None
        self._credential_id = credential_id
        self._live_id = live_id

    @property
    def credential_id(self) -> UUID | None:
        """The platform it goes over; of a disconnected one the last, whose messages are cancelled."""
        if self._credential_id is None:
            own = BotPlatformCredential
            query = select(own.id).where(own.bot_id == self.row.bot_id, own.platform == self.row.platform)
            query = query.order_by(own.superseded_at.desc().nulls_first())
            self._credential_id = db.session.scalar(query.limit(1))
        return self._credential_id

    @cached_property
    def live_id(self) -> UUID | None:
        """The bot's live version."""
        return self._live_id or live_version(self.row.account_id, self.row.bot_id)

    # What happens to it.

    def hear(self, inbound: InboundEvent, update_id: UUID | None = None, reply: Reply | None = None) -> Heard:
        """The person did something; ``reply`` are the portal's own words, by language, where it was a command."""
        self._meet(inbound)
        event = inbound.event
        if isinstance(event, Pressed):
            event = replace(event, label=label_of_press(self.row, event))
            inbound = replace(inbound, event=event)
        begins = begins_anew(event, self.row)
        program = self._program(begins=begins)
        standing = self._reached(self._standing(program))
        say = say_in(program.language)
        own = reply(program.language) if reply is not None else None
        written_at = self._written(inbound)
        outcome = advance(program, standing, event, now=self.now, say=say, written_at=written_at, reply=own)
        if begins and not self._is_new:
            cancel_queued(self.row, of_bot_only=True)
        self._stand(outcome, program)
        told = [*self._told(inbound, outcome, update_id), *self._greeting(event)]
        write([*told, *self._answers(outcome, program)])
        if isinstance(event, Moved):
            move_chat(self.row, self.credential_id, event)
        if isinstance(event, Blocked):
            cancel_queued(self.row)
        awaited = [row["id"] for row in told if isinstance(event, SentFile) and row["file_state"] == "waiting"]
        file_of = awaited[0] if awaited else None
        if not isinstance(event, Pressed) or not event.callback:
            return Heard(file_of=file_of)
        return Heard(Press(event.callback, spoken(outcome.acknowledge, program.language)), file_of)

    def tick(self) -> None:
        """Go on by itself, where the time has come and the bot may speak."""
        program = self._program()
        if self.row.state != ConversationStatus.RUNNING:
            return
        if program is EMPTY_PROGRAM:
            self.row.wake_at = self.now + LOOK_AGAIN
            self._keep()
            return
        standing, tick = self._standing(program), Tick(self.row.turn)
        outcome = advance(program, standing, tick, now=self.now, say=say_in(program.language))
        self._stand(outcome, program)
        write(self._answers(outcome, program))

    def enter(self, step: str) -> None:
        """Let the bot go on at a step; without one it goes on where it stands, silent until it has to speak."""
        self.release()
        program = self._program()
        if not step or program is EMPTY_PROGRAM:
            return
        outcome = enter_step(program, self._standing(program), step, now=self.now, say=say_in(program.language))
        self._stand(outcome, program)
        write(self._answers(outcome, program))

    def say(self, text: str, by: Writer) -> None:
        """Queue a person's message. Raises :class:`NotConnected`."""
        if self.credential_id is None:
            raise NotConnected
        author_id = None if by.is_superuser else by.id
        words = OutgoingMessage((TextSpan(text, typed=True),), step_id=self.row.current_step or None)
        rows = outgoing_rows(self._owner, self.row.platform, [words], author="person", author_id=author_id)
        write(list(rows))
        self.row.last_interaction_at = self.now

    def release(self) -> None:
        """Nobody holds it any more: the bot has it again, as it stood."""
        conversation = self.row
        if conversation.state == ConversationStatus.TAKEN_OVER:
            conversation.state = ConversationStatus.RUNNING
        conversation.taken_over_by_id = conversation.taken_over_at = conversation.hand_back_at = None

    def hand_back(self) -> None:
        """The time of whoever took it over is up."""
        conversation = self.row
        assert isinstance(conversation, BotDialogState), "the log names rows of mapped classes"
        before = {"hand_back_at": str(conversation.hand_back_at)}
        self.release()
        record(
            Action.HANDED_BACK, conversation, before=before, after={"by": "time"}, label=conversation.platform_chat_id
        )

    # How that is written.

    def _meet(self, inbound: InboundEvent) -> None:
        """Who it is and when they were heard; an edit is not a new word of theirs."""
        conversation, person = self.row, inbound.person
        told = {"name": person.name, "username": person.username, "language": person.language}
        known = dict(conversation.person or {}) | {key: value for key, value in told.items() if value}
        if known != conversation.person:
            conversation.person = known
        conversation.last_interaction_at = self.now
        if not isinstance(inbound.event, (*NEWS, Blocked)):
            heard = self._written(inbound)
            conversation.last_inbound_at = max(heard, conversation.last_inbound_at or heard)

    def _written(self, inbound: InboundEvent) -> datetime:
        """When they did it, never later than now."""
        return min(inbound.sent_at or self.now, self.now)

    def _program(self, *, begins: bool = False) -> Program:
        """What the bot says here: the version the conversation began with, or the live one where it begins."""
        if self.live_id is None:
            return EMPTY_PROGRAM
        if self.row.scenario_id is None or begins:
            self.row.scenario_id = self.live_id
        return program_of(self.row.account_id, self.row.scenario_id)

    def _standing(self, program: Program) -> ConversationState:
        """Where the row says it stands; a step that an older writer left and the version lacks is none."""
        conversation = self.row
        joins = not conversation.turn and program is not EMPTY_PROGRAM
        known = not joins or program.step(conversation.current_step) is not None
        return ConversationState(
            step=(conversation.current_step or None) if known else None,
            state=ConversationStatus(conversation.state),
            turn=conversation.turn,
            variables=conversation.answers,
            memory=conversation.engine_state if isinstance(conversation.engine_state, dict) else {},
        )

    def _reached(self, standing: ConversationState) -> ConversationState:
        """As the person finds it: where a message could not be sent, it may be the question that they never saw."""
        was_lost = standing.state is ConversationStatus.FAILED and self.row.failure == UNSENT
        if (was_lost or standing.state is ConversationStatus.BLOCKED) and is_unseen(self.row):
            standing = replace(standing, memory={**standing.memory, "unseen": standing.turn})
        # What failed was a message on its way; whoever writes can be answered again.
        return replace(standing, state=ConversationStatus.RUNNING) if was_lost else standing

    def _stand(self, outcome: Outcome, program: Program) -> None:
        """Keep the outcome's standing."""
        conversation, standing = self.row, outcome.standing
        self.transition = Transition.of(outcome, conversation.state)
        if program is not EMPTY_PROGRAM:
            conversation.current_step, conversation.turn = standing.step or "", standing.turn
            conversation.collected_data = standing.variables
            conversation.wake_at = _after(self.now, outcome.wake_after)
        conversation.engine_state = standing.memory
        if conversation.state != standing.state.value:
            conversation.state, conversation.failure = standing.state.value, None
        if outcome.failure is not None:
            conversation.failure = spoken(outcome.failure, program.language)
        self._keep()

    def _answers(self, outcome: Outcome, program: Program) -> list[dict[str, Any]]:
        """What is said, as rows to be sent."""
        if not outcome.outgoing_messages or program is EMPTY_PROGRAM or self.credential_id is None:
            return []
        return list(outgoing_rows(self._owner, self.row.platform, outcome.outgoing_messages, author="bot"))

    def _greeting(self, event: Any) -> list[dict[str, Any]]:
        """What somebody new was told in the answer to the delivery itself, as the row of the history."""
        is_greeted = isinstance(event, Opened) and not event.can_be_answered and self.live_id is not None
        if not is_greeted or self.credential_id is None:
            return []
        language = str((self.row.person or {}).get("language") or "")
        return greeting_rows(self._owner, self.row.platform, language, self.now)

    def _told(self, inbound: InboundEvent, outcome: Outcome, update_id: UUID | None) -> list[dict[str, Any]]:
        """What the person did, as the row of the history."""
        if self.credential_id is None:
            return []
        row = inbound_row(self._owner, inbound, outcome, update_id, self.now)
        self.heard_id = row["id"]
        return [row]

    def _keep(self) -> None:
        """Write the row where no session does: messages that refer to it follow."""
        if isinstance(self.row, ConversationRecord):
            self.row.write()

    @property
    def _is_new(self) -> bool:
        return isinstance(self.row, ConversationRecord) and self.row.is_new

    @property
    def _owner(self) -> dict[str, Any]:
        conversation = self.row
        return {
            "account_id": conversation.account_id,
            "bot_id": conversation.bot_id,
            "credential_id": self.credential_id,
            "dialog_id": conversation.id,
        }


def _after(now: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)
