"""A conversation in motion: one event's worth of steps, from where it stood to its outcome."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.messaging.events import OutgoingMessage, TextSpan
from portal.scenarios.checks.graph import MAX_AUTOMATIC_HOPS
from portal.scenarios.document.document import DestinationKind
from portal.scenarios.document.steps import ACTION, Step
from portal.scenarios.document.wording import Phrase
from portal.scenarios.engine import phrases
from portal.scenarios.engine.answers import Question
from portal.scenarios.engine.outgoing_messages import Option, awaited, choices_of, options_of, said, spoken, wish_of
from portal.scenarios.engine.phrases import Say
from portal.scenarios.engine.program import Program
from portal.scenarios.engine.state import (
    ConversationState,
    ConversationStatus,
    DropReason,
    Memory,
    Outcome,
    Stored,
    short,
)
from portal.scenarios.engine.texts import fill
from portal.scenarios.engine.values import Refusal

# So many files are one answer; what comes beyond is in the transcript alone.
MAX_FILES = 30


@dataclass(frozen=True, slots=True)
class Limits:
    """What no conversation goes beyond."""

    messages_a_minute: int = 30
    hops: int = MAX_AUTOMATIC_HOPS
    double_press_seconds: float = 2.0


class Walk:
    """Everything that happens to a standing; :meth:`outcome` says what has become of it."""

    def __init__(
        self,
        program: Program,
        standing: ConversationState,
        now: datetime,
        say: Say,
        limits: Limits,
        written_at: datetime | None = None,
    ) -> None:
        self.program = program
        self.at = now.timestamp()
        self.written_at = (written_at or now).timestamp()
        self.say = say
        self.limits = limits
        self.step, self.state, self.turn = standing.step, standing.state, standing.turn
        self.variables = dict(standing.variables)
        self.memory = Memory.read(standing.memory)
        self.outgoing_messages: list[OutgoingMessage] = []
        self.stored: list[Stored] = []
        self.entered: list[str] = []
        self.has_begun = False
        self.reply: str | None = None
        self.failure: Phrase | None = None

    def outcome(self, dropped: DropReason | None = None, acknowledge: Phrase | None = None) -> Outcome:
        """Where the conversation stands now, and all that was said."""
        # Who cannot be reached is not woken; once back, the wait goes on.
        wake_at = self.memory.wake_at if self.state is not ConversationStatus.BLOCKED else None
        standing = ConversationState(self.step, self.state, self.turn, self.variables, self.memory.as_json())
        return Outcome(
            standing=standing,
            outgoing_messages=tuple(self.outgoing_messages),
            stored=tuple(self.stored),
            acknowledge=acknowledge,
            wake_after=None if wake_at is None else max(wake_at - self.at, 0.0),
            dropped=dropped,
            failure=self.failure,
            entered=tuple(self.entered),
            has_begun=self.has_begun,
        )

    def begin(self, payload: str = "") -> None:
        """From the first step, with nothing known but what the file and the link bring along."""
        self.variables, self.has_begun = self.program.initial_variables, True
        payload, self.memory.link, self.memory.album = payload or self.memory.link or "", None, None
        if payload:
            self.keep("start_payload", payload)
        if self.program.start is not None:
            self.enter(self.program.start)

    def enter(self, address: str) -> None:
        """The one way into a step, and on from there as far as no answer is needed."""
        self.state = ConversationStatus.RUNNING
        self.memory.before = None
        self.memory.chain = []
        self._follow(address)

    @property
    def is_waiting(self) -> bool:
        """Whether the time to go on by itself is still to come."""
        return self.memory.wake_at is not None and self.at < self.memory.wake_at

    def wake(self, step: Step) -> None:
        """The wait of ``auto_next`` is over: on, within the same chain."""
        self._follow(self._after(step))

    def go_on(self, step: Step) -> None:
        """The step has its answer, or needs none and somebody said something."""
        self.memory.chain = []
        self._follow(self._after(step))

    @property
    def is_unseen(self) -> bool:
        """Whether the words of the step that it stands on have not arrived."""
        return bool(self.turn) and self.memory.unseen == self.turn

    def say_again(self, step: Step) -> None:
        """The words of the step, as in a turn of their own: the conversation stays where it stands."""
        self.turn, self.memory.unseen = self.turn + 1, None
        self.outgoing_messages += spoken(self.program, step, self.variables, self.turn, self.say)

    def _follow(self, address: str | None) -> None:
        self.memory.wake_at = self.memory.unseen = None
        while address is not None:
            address = self._arrive(address)

    def _arrive(self, address: str) -> str | None:
        """Enter a step; the address of the next one where no answer and no time is waited for."""
        step = self.program.step(address)
        if step is None:
            self.fail(phrases.no_step(address))
            return None
        name = short(step.id)
        if name in self.memory.chain:
            self.fail(phrases.circle(step.id))
            return None
        if len(self.memory.chain) > self.limits.hops:
            self.fail(phrases.too_far(self.limits.hops))
            return None
        self.memory.chain.append(name)
        self.entered.append(step.id)
        self.step, self.turn = step.id, self.turn + 1
        self.outgoing_messages += spoken(self.program, step, self.variables, self.turn, self.say)
        return self._settle(step)

    def _settle(self, step: Step) -> str | None:
        if self.is_last(step):
            self.state = ConversationStatus.FINISHED
        elif step.goes_on_alone:
            # An action has sent nothing that would need time to be read.
            if step.kind == ACTION and "auto_next_delay" not in step.raw:
                return self._after(step)
            self.memory.wake_at = self.at + step.auto_next_delay
        return None

    def is_last(self, step: Step) -> bool:
        """Whether the step asks nothing and leads nowhere."""
        return awaited(step) is None and not any(route.target for route in step.routes)

    def _after(self, step: Step) -> str | None:
        destination = self.program.after(step, self.variables)
        match destination.kind:
            case DestinationKind.STEP:
                return destination.name
            case DestinationKind.END:
                self.state = ConversationStatus.FINISHED
            case DestinationKind.OUTSIDE:
                self.fail(phrases.outside(destination.name))
            case _:
                self.fail(phrases.no_step(destination.name))
        return None

    def fail(self, failure: Phrase) -> None:
        """The conversation cannot go on: the person hears it, the manager reads why."""
        self.state, self.failure = ConversationStatus.FAILED, failure
        self.memory.wake_at = None
        self.notice(phrases.CANNOT_GO_ON)

    def question(self, step: Step) -> Question | None:
        """What the step asks, or None."""
        expected = awaited(step)
        return Question(expected, self.options(step), self.program.language) if expected else None

    @property
    def open_question(self) -> Step | None:
        """The step whose question the person is to answer, having seen it."""
        step = self.program.step(self.step) if self.state is ConversationStatus.RUNNING else None
        return step if step is not None and not self.is_unseen and self.question(step) else None

    def options(self, step: Step) -> tuple[Option, ...]:
        """The buttons of the step as the person sees them."""
        return options_of(self.program, step, self.variables)

    def keep(self, variable: str, value: Any) -> None:
        """Store an answer; without a variable it is only heard."""
        if variable:
            self.variables[variable] = value
            self.stored.append(Stored(variable, value))

    def add_file(self, variable: str, value: Any) -> None:
        """One more file of an answer that was given; nothing where the variable holds something else by now."""
        known = self.variables.get(variable)
        files = known if isinstance(known, list) else [known]
        if variable and len(files) < MAX_FILES and all(isinstance(each, dict) and "file" in each for each in files):
            self.variables[variable] = [*files, value]
            self.stored.append(Stored(variable, value))

    def ask_again(self, step: Step, refusal: Refusal, *, unread: str | None = None) -> None:
        """The author's words for what is wrong, or ours, and the same buttons: they stay valid.

        ``unread`` is the kind of a message that no question takes: it is named first.
        """
        words = fill(refusal.told, self.variables, self.program.label) or said(refusal.phrase, self.say)
        if unread is not None:
            words = (*said(phrases.unread(unread), self.say), TextSpan("\n"), *words)
        self.remind(step, words)

    def remind(self, step: Step, words: tuple[TextSpan, ...]) -> None:
        """A notice with what the step offers to answer with."""
        choices = choices_of(self.options(step), self.turn)
        self.outgoing_messages.append(
            OutgoingMessage(words, choices, None, wish_of(step), step.id, self.turn, is_notice=True)
        )

    def notice(self, phrase: Phrase) -> None:
        """The engine's own words."""
        notice = OutgoingMessage(said(phrase, self.say), step_id=self.step, turn=self.turn, is_notice=True)
        self.outgoing_messages.append(notice)

    def tell(self, text: str) -> None:
        """The portal's words in answer to a command."""
        words = (TextSpan(text, typed=True),)
        self.outgoing_messages.append(OutgoingMessage(words, step_id=self.step, turn=self.turn, is_notice=True))

    def help(self) -> None:
        """What can be written at any time; with the buttons that are waited for."""
        step = self.program.step(self.step) if self.state is ConversationStatus.RUNNING else None
        if step is not None and awaited(step):
            self.remind(step, said(phrases.HELP, self.say))
        else:
            self.notice(phrases.HELP)
