"""Where a conversation stands in its version of the scenario, and what was answered, in words for people."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from portal.scenarios.document.document import DestinationKind, ScenarioDocument
from portal.scenarios.document.placeholders import PLACEHOLDER
from portal.scenarios.document.steps import Step
from portal.scenarios.document.wording import Phrase, _l, shortened
from portal.scenarios.engine.texts import shown as in_words
from portal.scenarios.flow.cards import GAP
from portal.scenarios.flow.flow import step_order
from portal.scenarios.flow.labels import INPUT_KINDS, value_label
from portal.scenarios.flow.outline import anchors_of

# Words, tone and symbol of each state of a conversation.
STATES = {
    "running": (_l("Running"), "neutral", "chat"),
    "finished": (_l("Finished"), "good", "check"),
    "taken_over": (_l("Taken over"), "accent", "user"),
    "blocked": (_l("Blocked the bot"), "warn", "x"),
    "failed": (_l("Failed"), "bad", "alert"),
}
MAX_NAME = 70


@dataclass(frozen=True, slots=True)
class Answer:
    """One collected value.

    ``question`` is what was asked, ``shown`` how people call the value, ``raw`` what is stored, ``seq`` the place
    of the message that it came with, where that is known.
    """

    variable: str
    question: str
    shown: str
    raw: str
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Progress:
    """A step of the scenario: its text as it was sent, what is awaited, its fragment on the scenario's page."""

    text: str
    state: Phrase
    tone: str
    anchor: str


def progress_of(step_id: str, answers: list[Answer], document: ScenarioDocument | None) -> Progress:
    """Where a conversation stands; ``document`` None where the bot has no scenario for it."""
    if document is None:
        return Progress("", _l("The bot has no live scenario"), "neutral", "")
    step = document.steps_by_id.get(step_id)
    if step is None:
        return Progress("", _l("This step is not in the scenario"), "warn", "")
    text = step.text or next((variant.text for variant in step.variants if variant.text), "")
    state, tone = _state(step, document)
    return Progress(_filled(text, answers), state, tone, anchors_of([step_id])[step_id])


def answers_in(
    collected: dict[str, Any], document: ScenarioDocument | None, sources: Mapping[str, int] | None = None
) -> list[Answer]:
    """What was collected, in the order in which the scenario asks, then the rest by name."""
    asking = _asking_steps(document) if document else {}
    order = [*(name for name in asking if name in collected), *sorted(collected.keys() - asking.keys())]
    places = sources or {}
    answers = [_answer(name, collected[name], asking.get(name), document, places.get(name)) for name in order]
    return [replace(answer, question=_filled(answer.question, answers)) for answer in answers]


def step_names(document: ScenarioDocument | None) -> list[tuple[str, str]]:
    """(id, name) of every step, in the order in which people read the scenario: its number and what it says first."""
    if document is None:
        return []
    steps = (document.steps_by_id[step_id] for step_id in step_order(document))
    return [(step.id, f"{number}. {step_name(step)}") for number, step in enumerate(steps, start=1)]


def step_name(step: Step) -> str:
    """A step by the beginning of its text; one without words is a gap."""
    text = step.text or next((variant.text for variant in step.variants if variant.text), "")
    return shortened(PLACEHOLDER.sub(GAP, text), MAX_NAME) or GAP


def _filled(text: str, answers: list[Answer]) -> str:
    """The text with its ``{{names}}`` replaced by what was answered; what was not answered yet is a gap."""
    shown = {answer.variable: answer.shown for answer in answers}
    return PLACEHOLDER.sub(lambda match: shown.get(match[1], GAP), text)


def _state(step: Step, document: ScenarioDocument) -> tuple[Phrase, str]:
    if step.expected_input:
        kind = INPUT_KINDS.get(step.expected_input.kind, step.expected_input.kind)
        return _l("Waits for an answer: %(kind)s", kind=kind), "accent"
    if all(document.destination(route.target).kind is DestinationKind.END for route in step.routes):
        return _l("Finished"), "good"
    if step.goes_on_alone:
        return _l("Goes on by itself"), "neutral"
    return _l("Waits for any message"), "accent"


def _asking_steps(document: ScenarioDocument) -> dict[str, Step]:
    asking: dict[str, Step] = {}
    for step in document.steps:
        if step.expected_input and step.expected_input.variable:
            asking.setdefault(step.expected_input.variable, step)
    return asking


def _answer(variable: str, value: Any, step: Step | None, document: ScenarioDocument | None, seq: int | None) -> Answer:
    raw = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict | list):
        # Files by their names, a place by its degrees.
        return Answer(variable, step.text if step else "", in_words(value) or raw, raw, seq)
    shown = raw
    if document is not None and step is not None:
        shown = value_label(document, step, variable, raw)
    elif document is not None:
        shown = document.variables_mapping.get(variable, {}).get(raw) or raw
    return Answer(variable, step.text if step else "", shown, raw, seq)
