"""A conversation in motion: its row is held, the engine says what happens, state and messages are written together.

Nothing is sent here: what is to be said becomes queued rows of the same transaction.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

from flask_babel import force_locale
from sqlalchemy import select

from portal.audit.models import Action
from portal.audit.recording import record
from portal.bots.models import BotPlatformCredential
from portal.conversations.locking import hold_chat, open_chat
from portal.conversations.message_rows import cancel_queued, inbound_row, label_of_press, outgoing_rows, write
from portal.conversations.models import UNSENT, BotDialogState
from portal.db.base import db
from portal.db.types import utc_now
from portal.messaging.events import Arrival, Blocked, Edited, Opened, Pressed, Segment, SentFile, Typed, Utterance
from portal.scenarios.document.wording import Phrase
from portal.scenarios.engine.advance import advance
from portal.scenarios.engine.advance import enter as enter_step
from portal.scenarios.engine.commands import read_command
from portal.scenarios.engine.outcome import Outcome, Tick
from portal.scenarios.engine.program import Program
from portal.scenarios.engine.state import DialogState, Standing
from portal.scenarios.programs import SILENCE, live_version, program_of

# Commands that leave the former conversation behind, and with it the version it stood on.
BEGINNING = ("start", "reset")
# How often a timer looks whether a bot without a live version has one again.
LOOK_AGAIN = timedelta(minutes=1)


class NotConnected(LookupError):  # noqa: N818 (it reads as what is wrong)
    """The bot has never been connected to the conversation's platform, so nothing can be sent."""


class Writer(Protocol):
    """A person of the chain, or a visiting superuser, who is no member of it."""

    @property
    def id(self) -> UUID: ...
    @property
    def is_superuser(self) -> bool: ...


@dataclass(frozen=True, slots=True)
class Press:
    """A pressed button that the platform wants acknowledged, with a passing note or without words."""

    callback: str
    text: str | None


class Conversation:
    """One conversation; whoever makes it holds the dialog's row until the transaction ends."""

    def __init__(
        self,
        dialog: BotDialogState,
        *,
        credential_id: UUID | None = None,
        live_id: UUID | None = None,
        at: datetime | None = None,
    ) -> None:
        self.dialog = dialog
        self.now = at or utc_now()
        self._credential_id = credential_id
        self._live_id = live_id

    @classmethod
    def of(cls, bot_id: UUID, platform: str, chat_id: str, **known: Any) -> "Conversation":
        """The conversation of a chat, begun here if it is new; its row is held."""
        return cls(hold_chat(bot_id, platform, chat_id) or open_chat(bot_id, platform, chat_id), **known)

    @property
    def credential_id(self) -> UUID | None:
        """The platform it goes over; of a disconnected one the last, whose messages are cancelled."""
        if self._credential_id is None:
            own = BotPlatformCredential
            query = select(own.id).where(own.bot_id == self.dialog.bot_id, own.platform == self.dialog.platform)
            query = query.order_by(own.superseded_at.desc().nulls_first())
            self._credential_id = db.session.scalar(query.limit(1))
        return self._credential_id

    @cached_property
    def live_id(self) -> UUID | None:
        """The bot's live version."""
        return self._live_id or live_version(self.dialog.bot_id)

    # What happens to it.

    def hear(self, arrival: Arrival, update_id: UUID | None = None) -> Press | None:
        """The person did something. The answer is the press that is to be acknowledged, if it was one."""
        self._meet(arrival)
        event = arrival.event
        if isinstance(event, Pressed):
            event = replace(event, label=label_of_press(self.dialog, event))
            arrival = replace(arrival, event=event)
        begins = _begins(event, self.dialog)
        program = self._program(begins=begins)
        standing = self._standing(program)
        if standing.state is DialogState.FAILED and self.dialog.failure == UNSENT:
            # What failed was a message on its way; whoever writes can be answered again.
            standing = replace(standing, state=DialogState.RUNNING)
        outcome = advance(program, standing, event, now=self.now, say=_in(program.language))
        if begins:
            cancel_queued(self.dialog, of_bot_only=True)
        self._stand(outcome, program)
        self._write_down(arrival, outcome, update_id)
        self._answer(outcome, program)
        if isinstance(event, Blocked):
            cancel_queued(self.dialog)
        if not isinstance(event, Pressed) or not event.callback:
            return None
        return Press(event.callback, _said(outcome.acknowledge, program.language))

    def tick(self) -> None:
        """Go on by itself, where the time has come and the bot may speak."""
        program = self._program()
        if self.dialog.state != DialogState.RUNNING:
            return
        if program is SILENCE:
            self.dialog.wake_at = self.now + LOOK_AGAIN
            return
        standing, tick = self._standing(program), Tick(self.dialog.turn)
        outcome = advance(program, standing, tick, now=self.now, say=_in(program.language))
        self._stand(outcome, program)
        self._answer(outcome, program)

    def enter(self, step: str) -> None:
        """Let the bot go on at a step; without one it goes on where it stands, silent until it has to speak."""
        self.release()
        program = self._program()
        if not step or program is SILENCE:
            return
        outcome = enter_step(program, self._standing(program), step, now=self.now, say=_in(program.language))
        self._stand(outcome, program)
        self._answer(outcome, program)

    def say(self, text: str, by: Writer) -> None:
        """Queue a person's message. Raises :class:`NotConnected`."""
        if self.credential_id is None:
            raise NotConnected
        author_id = None if by.is_superuser else by.id
        words = Utterance((Segment(text, typed=True),), step_id=self.dialog.current_step or None)
        rows = outgoing_rows(self._owner, self.dialog.platform, [words], author="person", author_id=author_id)
        write(list(rows))
        self.dialog.last_interaction_at = self.now

    def release(self) -> None:
        """Nobody holds it any more: the bot has it again, as it stood."""
        dialog = self.dialog
        if dialog.state == DialogState.TAKEN_OVER:
            dialog.state = DialogState.RUNNING
        dialog.taken_over_by_id = dialog.taken_over_at = dialog.hand_back_at = None

    def hand_back(self) -> None:
        """The time of whoever took it over is up."""
        dialog = self.dialog
        before = {"hand_back_at": str(dialog.hand_back_at)}
        self.release()
        record(Action.HANDED_BACK, dialog, before=before, after={"by": "time"}, label=dialog.platform_chat_id)

    # How that is written.

    def _meet(self, arrival: Arrival) -> None:
        """Who it is and when they were heard; an edit is not a new word of theirs."""
        dialog, person = self.dialog, arrival.person
        told = {"name": person.name, "username": person.username, "language": person.language}
        known = dict(dialog.person or {}) | {key: value for key, value in told.items() if value}
        if known != dialog.person:
            dialog.person = known
        dialog.last_interaction_at = self.now
        if not isinstance(arrival.event, Edited | Blocked):
            heard = min(arrival.sent_at or self.now, self.now)
            dialog.last_inbound_at = max(heard, dialog.last_inbound_at or heard)

    def _program(self, *, begins: bool = False) -> Program:
        """What the bot says here: the version the conversation began with, or the live one where it begins."""
        if self.live_id is None:
            return SILENCE
        if self.dialog.scenario_id is None or begins:
            self.dialog.scenario_id = self.live_id
        return program_of(self.dialog.scenario_id)

    def _standing(self, program: Program) -> Standing:
        """Where the row says it stands; a step that an older writer left and the version lacks is none."""
        dialog = self.dialog
        joins = not dialog.turn and program is not SILENCE
        known = not joins or program.step(dialog.current_step) is not None
        return Standing(
            step=(dialog.current_step or None) if known else None,
            state=DialogState(dialog.state),
            turn=dialog.turn,
            variables=dialog.answers,
            memory=dialog.engine_state if isinstance(dialog.engine_state, dict) else {},
        )

    def _stand(self, outcome: Outcome, program: Program) -> None:
        """Keep the outcome's standing."""
        dialog, standing = self.dialog, outcome.standing
        if program is not SILENCE:
            dialog.current_step, dialog.turn = standing.step or "", standing.turn
            dialog.collected_data = standing.variables
            dialog.wake_at = _after(self.now, outcome.wake_after)
        dialog.engine_state = standing.memory
        if dialog.state != standing.state.value:
            dialog.state, dialog.failure = standing.state.value, None
        if outcome.failure is not None:
            dialog.failure = _said(outcome.failure, program.language)

    def _answer(self, outcome: Outcome, program: Program) -> None:
        """Queue what is said."""
        if outcome.utterances and program is not SILENCE and self.credential_id is not None:
            write(list(outgoing_rows(self._owner, self.dialog.platform, outcome.utterances, author="bot")))

    def _write_down(self, arrival: Arrival, outcome: Outcome, update_id: UUID | None) -> None:
        if self.credential_id is None:
            return
        row = inbound_row(self._owner, arrival, outcome, update_id)
        write([row])
        if isinstance(arrival.event, SentFile) and row["file_state"] == "waiting":
            from portal.media.jobs import fetch_received_file

            fetch_received_file.queue(message_id=str(row["id"]), account_id=str(row["account_id"]))

    @property
    def _owner(self) -> dict[str, Any]:
        dialog = self.dialog
        return {
            "account_id": dialog.account_id,
            "bot_id": dialog.bot_id,
            "credential_id": self.credential_id,
            "dialog_id": dialog.id,
        }


def _begins(event: Any, dialog: BotDialogState) -> bool:
    """Whether this leaves the former conversation behind."""
    if dialog.state == DialogState.TAKEN_OVER:
        return False
    if isinstance(event, Typed):
        command = read_command(event.text)
        return command is not None and command.name in BEGINNING
    over = dialog.state in (DialogState.FINISHED, DialogState.FAILED)
    return isinstance(event, Opened) and (not dialog.current_step or (over and bool(event.payload)))


def _after(now: datetime, seconds: float | None) -> datetime | None:
    return None if seconds is None else now + timedelta(seconds=seconds)


def _in(language: str) -> Any:
    return lambda phrase: _said(phrase, language)


def _said(phrase: Phrase | None, language: str) -> str | None:
    if phrase is None:
        return None
    with force_locale(language):
        return str(phrase)
