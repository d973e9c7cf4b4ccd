"""A scenario, or a package of intents, as the engine walks through it."""

from collections.abc import Mapping
from functools import cached_property, lru_cache
from itertools import chain
from typing import Any, Self

from portal.scenarios.document.conditions import Condition, ConditionError, evaluate, parse_condition, text_of
from portal.scenarios.document.document import Destination, ScenarioDocument
from portal.scenarios.document.steps import Step, Variant

ENOUGH_LETTERS = 20_000


class Program:
    """What a bot says. A step is named by one text, its address: ``step``, or ``intent://<intent>/<step>``."""

    def __init__(self, document: ScenarioDocument) -> None:
        self.document = document

    @classmethod
    def of(cls, document: ScenarioDocument) -> Self:
        """The program of a document, malformed parts left out."""
        return cls(document)

    @property
    def start(self) -> str | None:
        """The address of the first step, whether it is there or not; None where there are no steps."""
        return self.document.start_step if self.document.steps else None

    @property
    def documents(self) -> tuple[ScenarioDocument, ...]:
        """The documents it was read from."""
        return (self.document,)

    def step(self, address: str | None) -> Step | None:
        """The step of that address, if there is one."""
        return self.document.steps_by_id.get(address) if address else None

    def step_addresses(self) -> list[str]:
        """All addresses in the order of the file."""
        return list(self.document.steps_by_id)

    @cached_property
    def language(self) -> str:
        """``ru`` where most letters of the texts are Cyrillic, else ``en``."""
        texts = chain.from_iterable(_texts(step) for step in self.document.steps)
        letters = [letter for letter in "".join(texts)[:ENOUGH_LETTERS] if letter.isalpha()]
        cyrillic = sum("\u0400" <= letter <= "\u04ff" for letter in letters)
        return "ru" if cyrillic * 2 > len(letters) else "en"

    @property
    def initial_variables(self) -> dict[str, Any]:
        """What every conversation begins with."""
        return dict(self.document.initial_variables)

    def after(self, step: Step, variables: Mapping[str, Any]) -> Destination:
        """Where the step leads with these variables."""
        route = next(route for route in step.routes if holds(route.condition, variables))
        return self.document.destination(route.target)

    def label(self, variable: str, value: Any) -> str | None:
        """The author's word for a value, where ``variables_mapping`` has one."""
        labels = self.document.variables_mapping.get(variable)
        return labels.get(text_of(value)) if labels else None


def variant_of(step: Step, variables: Mapping[str, Any]) -> Variant | None:
    """Which text of a conditional message is said; None where its own message is."""
    return next((variant for variant in step.variants if holds(variant.condition, variables)), None)


def holds(condition: str | None, variables: Mapping[str, Any]) -> bool:
    """Whether a condition, as written, holds; None always does, one that cannot be read never."""
    if condition is None:
        return True
    try:
        return evaluate(_parsed(condition), variables)
    except ConditionError:
        return False


@lru_cache(maxsize=2048)
def _parsed(condition: str) -> Condition:
    return parse_condition(condition)


def _texts(step: Step) -> list[str]:
    return [step.text, *(variant.text for variant in step.variants), *(button.text for button in step.buttons)]
