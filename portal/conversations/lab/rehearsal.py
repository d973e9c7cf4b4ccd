"""A conversation with a scenario apart from any messenger and database: the very engine, its delays skipped."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from itsdangerous import BadData, URLSafeSerializer

from portal.access.signing import signing_keys
from portal.messaging.events import Event, OutgoingMessage
from portal.scenarios.document.wording import Phrase
from portal.scenarios.engine.advance import advance
from portal.scenarios.engine.program import Program
from portal.scenarios.engine.state import ConversationState, ConversationStatus, Outcome, Tick

# Slower than the engine's limits for people who press twice or write too much.
PACE = timedelta(seconds=3)
MAX_LINES = 300

Split = Callable[[OutgoingMessage], Sequence[OutgoingMessage]]


@dataclass(frozen=True, slots=True)
class RehearsalLine:
    """One message of a rehearsal; ``author`` is ``guest``, ``bot`` or ``note`` (what happened besides)."""

    author: str
    text: str
    choices: tuple[tuple[str, str], ...] = ()
    attachment: tuple[str, str, str] | None = None
    step_id: str = ""

    def as_json(self) -> list[Any]:
        """What :meth:`from_json` reads."""
        return [self.author, self.text, self.choices, self.attachment, self.step_id]

    @classmethod
    def from_json(cls, kept: list[Any]) -> "RehearsalLine":
        """The line that :meth:`as_json` described."""
        author, text, choices, attachment, step_id = kept
        attached = tuple(attachment) if attachment else None
        return cls(author, text, tuple((label, marker) for label, marker in choices), attached, step_id)


def _whole(outgoing: OutgoingMessage) -> Sequence[OutgoingMessage]:
    return (outgoing,)


@dataclass
class Rehearsal:
    """``parts`` cuts outgoing messages to what a messenger can carry, ``say`` puts the engine's words into a language.

    ``due`` is when the bot goes on by itself, where it does.
    """

    program: Program
    standing: ConversationState = field(default_factory=ConversationState.fresh)
    lines: list[RehearsalLine] = field(default_factory=list)
    clock: datetime = field(default_factory=lambda: datetime.now(UTC))
    parts: Split = _whole
    say: Callable[[Phrase], str] = str
    due: datetime | None = None

    def hear(self, event: Event, shown: str) -> list[RehearsalLine]:
        """Let the person say something, delays skipped; what came of it, the person's own line first."""
        self.clock += PACE
        heard = [RehearsalLine("guest", shown), *self._advance(event)]
        while self.due is not None:
            heard += self.tick()
        self.lines = [*self.lines, *heard][-MAX_LINES:]
        return heard

    def hear_at(self, event: Event, at: datetime) -> list[RehearsalLine]:
        """Let the person say something at a time of its own; delays last as long as they last."""
        self.clock = at
        return self._advance(event)

    def tick(self) -> list[RehearsalLine]:
        """Let the time pass until the bot goes on by itself; to be called while ``due`` is set."""
        self.clock = max(self.clock, self.due or self.clock)
        return self._advance(Tick(self.standing.turn))

    @property
    def is_over(self) -> bool:
        """Whether the scenario has come to an end."""
        return self.standing.state is ConversationStatus.FINISHED

    @property
    def open_choices(self) -> tuple[tuple[str, str], ...]:
        """The buttons that can be pressed now: label and marker."""
        spoken = [line for line in self.lines if line.author == "bot" and line.choices]
        current = f"{self.standing.turn}."
        return tuple(pair for line in spoken[-3:] for pair in line.choices if pair[1].startswith(current))

    def _advance(self, event: Event | Tick) -> list[RehearsalLine]:
        outcome = advance(self.program, self.standing, event, now=self.clock, say=self.say)
        self.standing = outcome.standing
        wait = outcome.wake_after
        self.due = None if wait is None else self.clock + timedelta(seconds=wait)
        return self._told(outcome)

    def _told(self, outcome: Outcome) -> list[RehearsalLine]:
        said = [_line(part) for outgoing in outcome.outgoing_messages for part in self.parts(outgoing)]
        notes = [self.say(note) for note in (outcome.acknowledge, outcome.failure) if note is not None]
        return [*said, *(RehearsalLine("note", note) for note in notes)]


def _line(outgoing: OutgoingMessage) -> RehearsalLine:
    attached = outgoing.attachment
    return RehearsalLine(
        "bot",
        outgoing.text,
        tuple((choice.label, choice.marker) for choice in outgoing.choices),
        (attached.kind.value, attached.key, attached.description) if attached else None,
        outgoing.step_id or "",
    )


def seal(rehearsal: Rehearsal, scenario_id: UUID) -> str:
    """The state as a form carries it: readable, and good for that version alone."""
    return _serializer(scenario_id).dumps(
        {
            "standing": asdict(rehearsal.standing),
            "lines": [line.as_json() for line in rehearsal.lines],
            "clock": rehearsal.clock.timestamp(),
        }
    )


def unseal(token: str, scenario_id: UUID) -> dict[str, Any] | None:
    """What :func:`seal` kept: ``standing``, ``lines`` and ``clock``; None for anything else."""
    try:
        kept = _serializer(scenario_id).loads(token)
    except BadData:
        return None
    standing = kept["standing"]
    standing["state"] = ConversationStatus(standing["state"])
    return {
        "standing": ConversationState(**standing),
        "lines": [RehearsalLine.from_json(line) for line in kept["lines"]],
        "clock": kept["clock"],
    }


def _serializer(scenario_id: UUID) -> URLSafeSerializer:
    # The oldest first: the last one signs.
    return URLSafeSerializer(list(reversed(signing_keys())), salt=f"lab {scenario_id}")
