"""What a conversation told of a person: of each answer the last one before the trigger, with its message."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from hashlib import blake2s
from typing import Any, Self
from uuid import UUID

from sqlalchemy import or_, select

from portal.conversations.models import BotDialogState
from portal.db.base import db
from portal.messaging.messages import BotMessage
from portal.onboarding.intake.models import BotIntakeRule
from portal.scenarios.engine.program import Program
from portal.scenarios.programs import EMPTY_PROGRAM, program_of

# Of one conversation since it began; nobody answers more.
MAX_ANSWERS = 1_000


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: its value as it is stored, how people call it, and the message that gave it.

    ``at`` is when it was written, ``file`` whether it is one.
    """

    value: str
    message: str
    at: str
    label: str = ""
    file: bool = False

    @property
    def message_id(self) -> UUID:
        """The message's key."""
        return UUID(self.message)

    @property
    def moment(self) -> datetime:
        """When it was written."""
        return datetime.fromisoformat(self.at)

    @property
    def shown(self) -> str:
        """As people call it."""
        return self.label or self.value


@dataclass(frozen=True, slots=True)
class IntakeAnswers:
    """The answers by the field that they fill, those that are papers by the kind's code, and the person's consent.

    Kept as JSON with the intake, so that what waits for a decision waits with all its values. ``name`` is what the
    messenger calls the person, ``restaurant_id`` that of a bot for one restaurant.
    """

    fields: Mapping[str, list[Answer]] = field(default_factory=dict)
    documents: Mapping[str, Answer] = field(default_factory=dict)
    consent: Answer | None = None
    name: str = ""
    at: str = ""
    restaurant_id: str | None = None

    @classmethod
    def of(cls, rule: BotIntakeRule, dialog: BotDialogState, trigger: BotMessage, name: str) -> Self:
        """What was told by the time of the trigger."""
        version = dialog.scenario_id
        program = program_of(dialog.account_id, version) if version else EMPTY_PROGRAM
        answers = answers_until(dialog.id, trigger, program)
        told = {each: _told(answers, variables) for each, variables in rule.fields.items()}
        consent = answers.get(rule.consent or "")
        return cls(
            fields={each: found for each, found in told.items() if found},
            documents={code: answers[name] for code, name in rule.documents.items() if answers.get(name)},
            consent=consent and _with_text(consent, rule.consent or "", program),
            name=name,
            at=_moment(trigger).isoformat(),
            restaurant_id=str(rule.restaurant_id) if rule.restaurant_id else None,
        )

    @classmethod
    def read(cls, raw: Any) -> Self:
        """What :meth:`as_json` gave."""
        told = raw if isinstance(raw, dict) else {}
        consent = told.get("consent")
        return cls(
            fields={name: [Answer(**each) for each in found] for name, found in told.get("fields", {}).items()},
            documents={code: Answer(**each) for code, each in told.get("documents", {}).items()},
            consent=Answer(**consent) if consent else None,
            name=told.get("name", ""),
            at=told.get("at", ""),
            restaurant_id=told.get("restaurant_id"),
        )

    def as_json(self) -> dict[str, Any]:
        """As the intake keeps it."""
        return asdict(self)

    @property
    def moment(self) -> datetime:
        """When the trigger was pulled."""
        return datetime.fromisoformat(self.at)

    def first(self, name: str) -> Answer | None:
        """The answer that fills a field of one part."""
        return next(iter(self.fields.get(name, ())), None)


def answers_until(dialog_id: UUID, trigger: BotMessage, program: Program) -> dict[str, Answer]:
    """By variable the last answer at or before the trigger and since the conversation began anew."""
    m = BotMessage
    query = (
        select(m)
        .where(m.dialog_id == dialog_id, m.direction == "in", m.seq <= trigger.seq, m.state != "ignored")
        .where(or_(m.variable.is_not(None), m.content.has_key("begins")))
        .order_by(m.seq.desc())
        .limit(MAX_ANSWERS)
    )
    found: dict[str, Answer] = {}
    for message in db.session.scalars(query):
        if message.variable and message.variable not in found:
            found[message.variable] = _answer(message, message.variable, program)
        if message.content.get("begins"):
            break
    return found


def _answer(message: BotMessage, variable: str, program: Program) -> Answer:
    value = message.value or ""
    label = _label(program, variable, value)
    return Answer(value, str(message.id), _moment(message).isoformat(), label, message.file_state is not None)


def _label(program: Program, variable: str, value: str) -> str:
    """What people call a value: as the author mapped it, else as the button says it."""
    buttons = (
        button.text
        for step in program.document.steps
        if step.expected_input is not None and step.expected_input.variable == variable
        for button in step.buttons
        if button.value == value
    )
    return program.label(variable, value) or next(buttons, "")


def _told(answers: Mapping[str, Answer], variables: Any) -> list[Answer]:
    names: Iterable[Any] = variables if isinstance(variables, list) else [variables]
    return [answers[name] for name in names if isinstance(name, str) and answers.get(name)]


def _with_text(answer: Answer, variable: str, program: Program) -> Answer:
    """The answer with a mark of the very text that was agreed to."""
    asked = [
        step.text
        for step in program.document.steps
        if step.expected_input is not None and step.expected_input.variable == variable
    ]
    mark = blake2s("\n".join(asked).encode(errors="replace"), digest_size=4).hexdigest()
    return Answer(answer.value, answer.message, answer.at, f"{answer.shown} · {mark}")


def _moment(message: BotMessage) -> datetime:
    return (message.sent_at or message.created_at).astimezone(UTC)
