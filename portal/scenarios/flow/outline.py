"""A flow as a list to read: each step, its texts, its answers and where they lead."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from portal.scenarios.document.document import DestinationKind, ScenarioDocument
from portal.scenarios.document.steps import Media, Route, RouteKind, Step
from portal.scenarios.document.wording import shortened
from portal.scenarios.flow.cards import card_text, said, step_facts
from portal.scenarios.flow.labels import MEDIA_KINDS, ROUTE_KINDS, STEP_KINDS, condition_label, step_kind

MAX_NAME = 60
_UNUSUAL = re.compile(r"[^\w-]")


@dataclass(frozen=True, slots=True)
class OutlineText:
    """A text that is sent; ``condition`` is empty where it is always sent, or when nothing else is."""

    condition: str
    text: str


@dataclass(frozen=True, slots=True)
class OutlineExit:
    """A way on. ``label`` says when; ``kind``: step (with number and address), end, outside or missing."""

    label: str
    name: str
    kind: str
    number: int | None = None
    href: str = ""


@dataclass(frozen=True, slots=True)
class OutlineStep:
    """One step of the list; ``variable`` is where the answer is kept, ``facts`` are short remarks."""

    number: int
    id: str
    name: str
    anchor: str
    kind: str
    kind_label: str
    texts: tuple[OutlineText, ...]
    media: tuple[str, ...]
    answers: tuple[str, ...]
    variable: str
    facts: tuple[str, ...]
    exits: tuple[OutlineExit, ...]
    is_start: bool
    is_reachable: bool


def anchors_of(ids: Sequence[str]) -> dict[str, str]:
    """A fragment identifier for every step: ``step-`` and its id, unusual signs replaced, each different."""
    anchors: dict[str, str] = {}
    taken: set[str] = set()
    for step_id in ids:
        plain = "step-" + _UNUSUAL.sub(lambda match: f"_{ord(match[0]):x}", step_id[:80])
        anchor, number = plain, 2
        while anchor in taken:
            anchor, number = f"{plain}-{number}", number + 1
        taken.add(anchor)
        anchors[step_id] = anchor
    return anchors


class Outline:
    """The list of a document in a given order of its step ids, so many steps a page."""

    def __init__(
        self, document: ScenarioDocument, order: Sequence[str], reached: set[str], per_page: int, *, plain: bool = False
    ) -> None:
        self.document, self.per_page, self.plain = document, per_page, plain
        self.reached = reached
        self.numbers = {step_id: number for number, step_id in enumerate(order, 1)}
        self.anchors = anchors_of(order)

    def entry(self, step: Step) -> OutlineStep:
        """The entry of a step."""
        kind = step_kind(step)
        media = [*step.media, *(media for variant in step.variants for media in variant.media)]
        return OutlineStep(
            number=self.numbers[step.id],
            id=step.id,
            name=self.name(step),
            anchor=self.anchors[step.id],
            kind=kind,
            kind_label=str(STEP_KINDS[kind]),
            texts=tuple(self.texts(step)),
            media=tuple(_media_label(item) for item in media),
            answers=tuple(button.text or button.value for button in step.buttons),
            variable=step.expected_input.variable if step.expected_input and not self.plain else "",
            facts=tuple(step_facts(step)),
            exits=tuple(self.exit(step, way) for way in step.routes),
            is_start=step.id == self.document.start_step,
            is_reachable=step.id in self.reached,
        )

    def texts(self, step: Step) -> list[OutlineText]:
        """What the step says, the conditional texts with their conditions."""
        texts = [
            OutlineText(self.condition(step, variant.condition), said(variant.text, self.plain))
            for variant in step.variants
        ]
        if step.text:
            texts.append(OutlineText("", said(step.text, self.plain)))
        return texts

    def exit(self, step: Step, route: Route) -> OutlineExit:
        """A way out with its label and where it leads."""
        label = str(ROUTE_KINDS[route.kind])
        if route.kind is RouteKind.CONDITION:
            label = self.condition(step, route.condition)
        destination = self.document.destination(route.target)
        if destination.kind is not DestinationKind.STEP:
            inside = "" if self.plain else shortened(destination.name)
            return OutlineExit(label, inside or str(STEP_KINDS[destination.kind.value]), destination.kind.value)
        target = self.document.steps_by_id[destination.name]
        href = self.href(step.id, target.id)
        return OutlineExit(label, self.name(target), destination.kind.value, self.numbers[target.id], href)

    def name(self, step: Step) -> str:
        """What a step is called: by its author, or in a plain list by the beginning of what it says."""
        if not self.plain:
            return step.id
        return shortened(said(card_text(step), plain=True), MAX_NAME) or str(STEP_KINDS[step_kind(step)])

    def condition(self, step: Step, text: str | None) -> str:
        """A condition in words."""
        return condition_label(self.document, step, text or "", plain=self.plain)

    def href(self, from_step: str, to_step: str) -> str:
        """Where the entry of a step stands, as a link in the entry of another."""
        page, here = ((self.numbers[name] - 1) // self.per_page + 1 for name in (to_step, from_step))
        return ("" if page == here else f"?steps={page}") + f"#{self.anchors[to_step]}"


def _media_label(media: Media) -> str:
    kind = str(MEDIA_KINDS.get(media.kind, media.kind))
    said = media.caption or media.description
    return f"{kind}: {shortened(said, 120)}" if said else kind
