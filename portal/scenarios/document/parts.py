"""The scenarios a file holds: the file itself, or each intent of a package."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from portal.scenarios.document.problems import Place
from portal.scenarios.document.steps import INTENT_SCHEME, Step, as_list, as_object, as_text, objects_in

_JUMP = re.compile(r"intent://(?:(?P<kind>[^/\s]+)/)?(?P<intent>[^/\s]+)/(?P<step>[^/\s]+)")
_ENTRY_NAMES = ("name", "id", "entry_id")
_ENTRY_STEPS = ("step", "step_id", "start_step", "target")


@dataclass(frozen=True, slots=True)
class Jump:
    """``intent://<intent>/<entry point>``, or with the intent's type before it."""

    intent: str
    step: str
    kind: str = ""


def read_jump(target: str) -> Jump | None:
    """A jump to an intent, or None for anything else, an incomplete one included."""
    found = _JUMP.fullmatch(target)
    return Jump(found["intent"], found["step"], found["kind"] or "") if found else None


@dataclass(frozen=True)
class Part:
    """One scenario of a file. ``scope`` is the intent's id within a package, and empty for a file of its own."""

    raw: dict[str, Any]
    place: Place = ()
    scope: str = ""

    @property
    def intent_id(self) -> str:
        """The id of the intent it is, or an empty text."""
        return self.scope or as_text(self.raw.get("intent_id"))

    def address(self, step_id: str) -> str:
        """How the whole file calls a step of this part."""
        return f"{INTENT_SCHEME}{self.scope}/{step_id}" if self.scope else step_id

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All steps in the order of the file; one of a list without an id is called ``#1`` by its place."""
        raw, place = self.raw.get("steps"), (*self.place, "steps")
        if isinstance(raw, dict):
            return tuple(self._step(key, (*place, key), as_object(value)) for key, value in raw.items())
        return tuple(
            self._step(as_text(item.get("id")) or f"#{index + 1}", (*place, index), item)
            for index, item in objects_in(raw)
        )

    def _step(self, step_id: str, place: Place, raw: dict[str, Any]) -> Step:
        return Step(self.address(step_id), place, raw, self.scope)

    @cached_property
    def start_step(self) -> str | None:
        """The address of the first step: as written, else the first in the file; None without steps."""
        written = as_text(self.raw.get("start_step"))
        return self.address(written) if written else (self.steps[0].id if self.steps else None)

    @cached_property
    def entry_points(self) -> dict[str, str]:
        """Addresses of the steps that others may jump to, by the name of the entry point."""
        return {name: self.address(step) for name, step in _entry_points(self.raw.get("entry_points"))}

    @property
    def entry_steps(self) -> list[str]:
        """Addresses of the steps where it can begin."""
        return [address for address in (self.start_step, *self.entry_points.values()) if address]


def parts_of(root: dict[str, Any]) -> tuple[Part, ...]:
    """The parts of a file; an intent without an id is called by its place."""
    if not is_bundle(root):
        return (Part(root),)
    return tuple(
        Part(item, ("intents", index), as_text(item.get("intent_id")) or f"#{index + 1}")
        for index, item in objects_in(root["intents"])
    )


def is_bundle(root: dict[str, Any]) -> bool:
    """Whether a file holds a package of intents: ``{"package": …, "intents": […]}``."""
    return isinstance(root.get("intents"), list) and "steps" not in root


def first_part(parts: tuple[Part, ...], package: dict[str, Any]) -> Part | None:
    """Where a package begins: the first of ``deployment_order`` that is there and has steps, else the first of all."""
    by_id = {part.intent_id: part for part in reversed(parts) if part.steps}
    for item in as_list(package.get("deployment_order")):
        name = as_text(item) or as_text(as_object(item).get("intent_id"))
        if name in by_id:
            return by_id[name]
    return next((part for part in parts if part.steps), None)


def _entry_points(raw: Any) -> Iterator[tuple[str, str]]:
    if isinstance(raw, dict):
        for name, value in raw.items():
            step = as_text(value) or _first_text(as_object(value), _ENTRY_STEPS)
            if step:
                yield name, step
    for item in as_list(raw):
        step = as_text(item) or _first_text(as_object(item), _ENTRY_STEPS) or _first_text(as_object(item), _ENTRY_NAMES)
        if step:
            yield _first_text(as_object(item), _ENTRY_NAMES) or step, step


def _first_text(item: dict[str, Any], keys: tuple[str, ...]) -> str:
    return next((text for key in keys if (text := as_text(item.get(key)))), "")
