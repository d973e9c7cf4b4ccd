"""A scenario as a document: read from the text a restaurant has, or from what the database kept of it."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

from portal.scenarios.document.json_source import JsonError, Spot, read_json
from portal.scenarios.document.parts import Part, first_part, is_bundle, parts_of, read_jump
from portal.scenarios.document.problems import Place, Problem, ScenarioUnreadable, Severity
from portal.scenarios.document.steps import Step, as_list, as_object, as_text
from portal.scenarios.document.wording import Phrase, _l

MAX_SOURCE_BYTES = 1024 * 1024


class DestinationKind(StrEnum):
    """Where a way out leads."""

    STEP = "step"
    END = "end"
    OUTSIDE = "outside"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a target leads; ``name`` is a step's id, the address outside, or the name nothing answers to."""

    kind: DestinationKind
    name: str = ""


class ScenarioDocument:
    """A scenario, readable however malformed its parts are.

    ``data`` is what goes into JSONB; ``source`` the text unchanged (a byte order mark included), None for a
    document read from data alone. JSONB keeps neither the order of keys nor lines: read from the source where
    there is one.
    """

    def __init__(self, data: Any, source: str | None = None, spots: Spot = 0) -> None:
        self.data = data
        self.source = source
        self._spots = spots
        self._root = as_object(data)
        self.is_bundle = is_bundle(self._root)
        # Where a file says what it is: a package in its ``package.json``, everything else by itself.
        self.head = as_object(self._root.get("package")) if self.is_bundle else self._root

    @classmethod
    def from_text(cls, text: str | bytes) -> Self:
        """Read a file or a pasted text; raises :class:`ScenarioUnreadable`, nothing else, whatever comes."""
        source = text if isinstance(text, str) else _decoded(text)
        if len(source) > MAX_SOURCE_BYTES or len(source.encode(errors="replace")) > MAX_SOURCE_BYTES:
            raise _too_long()
        try:
            data, spots = read_json(source)
        except JsonError as fault:
            raise _unreadable(fault.message, source, fault.offset) from None
        if not isinstance(data, dict):
            message = _l("A scenario starts with { and ends with }. This is a single value or a list.")
            raise _unreadable(message, source, 0)
        return cls(data, source, spots)

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """Read what JSONB kept; anything but an object reads as a scenario without steps."""
        return cls(data)

    @cached_property
    def name(self) -> str:
        """The name in the file, or an empty text."""
        names = (as_text(self.head.get(key)) for key in ("name", "intent_name", "package_name"))
        return next((name for name in names if name), "")

    @cached_property
    def description(self) -> str:
        """The description in the file, or an empty text."""
        return as_text(self.head.get("description"))

    @cached_property
    def version(self) -> str:
        """The author's own version, or an empty text; a number reads as its text."""
        version = self.head.get("version")
        is_number = isinstance(version, int | float) and not isinstance(version, bool)
        return str(version) if is_number else as_text(version)

    @cached_property
    def intent_id(self) -> str:
        """The id of the intent this file holds, or an empty text."""
        return as_text(self._root.get("intent_id"))

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The file itself, or the intents of a package."""
        return parts_of(self._root)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All steps in the order of the file; those of a package are named ``intent://<intent>/<step>``."""
        return tuple(step for part in self.parts for step in part.steps)

    @cached_property
    def steps_by_id(self) -> dict[str, Step]:
        """Steps by their id; of two with the same id the first."""
        found: dict[str, Step] = {}
        for step in self.steps:
            found.setdefault(step.id, step)
        return found

    @cached_property
    def start_step(self) -> str | None:
        """The id of the first step: as written, else the first in the file; None without steps."""
        if not self.is_bundle:
            return self.parts[0].start_step
        written = as_text(self._root.get("start_step")) or as_text(self.head.get("start_step"))
        if written:
            found = self.destination(written)
            return found.name if found.kind is DestinationKind.STEP else written
        first = first_part(self.parts, self.head)
        return first.start_step if first else None

    @cached_property
    def variables_mapping(self) -> dict[str, dict[str, str]]:
        """The label of each value of each variable; an intent's own come before those of its package."""
        found: dict[str, dict[str, str]] = {}
        for raw in (self.head, *(part.raw for part in self.parts)):
            for variable, labels in as_object(raw.get("variables_mapping")).items():
                if isinstance(labels, dict):
                    texts = {value: label for value, label in labels.items() if isinstance(label, str)}
                    found[variable] = found.get(variable, {}) | texts
        return found

    @cached_property
    def initial_variables(self) -> dict[str, Any]:
        """What is known before anything was asked: ``global_context``."""
        return as_object(self.head.get("global_context"))

    @cached_property
    def platforms(self) -> tuple[str, ...]:
        """The platforms the author wrote it for."""
        listed = as_list(as_object(self.head.get("metadata")).get("platforms"))
        return tuple(platform for platform in listed if isinstance(platform, str))

    @cached_property
    def entry_steps(self) -> tuple[str, ...]:
        """Ids of the steps a conversation can begin with: the first step and the entry points of intents."""
        candidates = [self.start_step, *(name for part in self.parts for name in part.entry_steps)]
        return tuple(dict.fromkeys(name for name in candidates if name in self.steps_by_id and name))

    @cached_property
    def asked_variables(self) -> frozenset[str]:
        """Names of the variables that some step asks for."""
        return frozenset(
            step.expected_input.variable for step in self.steps if step.expected_input and step.expected_input.variable
        )

    def destination(self, target: str | None) -> Destination:
        """Where a way out leads. A jump into an intent of this file is a step like any other.

        Where a step and an entry point of an intent share a name, the step is meant.
        """
        if not target:
            return Destination(DestinationKind.END)
        if target in self.steps_by_id:
            return Destination(DestinationKind.STEP, target)
        jump = read_jump(target)
        if jump is None:
            return Destination(DestinationKind.MISSING, target)
        part = self._parts_by_intent.get(jump.intent)
        if part is None and not self.is_bundle:
            return Destination(DestinationKind.OUTSIDE, target)
        names = (part.address(jump.step), part.entry_points.get(jump.step)) if part else ()
        found = next((name for name in names if name in self.steps_by_id), None)
        return Destination(DestinationKind.STEP, found) if found else Destination(DestinationKind.MISSING, target)

    @cached_property
    def _parts_by_intent(self) -> dict[str, Part]:
        return {part.intent_id: part for part in reversed(self.parts) if part.intent_id}

    def line_of(self, place: Place) -> int | None:
        """The line of a place in the source, from 1; of the part around it where it is absent."""
        if self.source is None:
            return None
        spot: Spot = self._spots
        for part in place:
            inner = _inside(spot, part)
            if inner is None:
                break
            spot = inner
        offset = spot if isinstance(spot, int) else spot[0]
        return bisect_right(self._line_starts, offset)

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.source or ""))]


def _inside(spot: Spot, part: str | int) -> Spot | None:
    if isinstance(spot, int):
        return None
    held = spot[1]
    if isinstance(held, dict):
        return held.get(str(part))
    return held[part] if isinstance(part, int) and part < len(held) else None


def _decoded(raw: bytes) -> str:
    if len(raw) > MAX_SOURCE_BYTES:
        raise _too_long()
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode(errors="replace")
        message = _l("The file is not saved as UTF-8. Open it in an editor and save it with that encoding.")
        raise _unreadable(message, before, len(before)) from None


def _too_long() -> ScenarioUnreadable:
    message = _l("The scenario is larger than %(most)s KB.", most=MAX_SOURCE_BYTES // 1024)
    return ScenarioUnreadable(Problem(Severity.ERROR, message))


def _unreadable(message: Phrase, source: str, offset: int) -> ScenarioUnreadable:
    line = source.count("\n", 0, offset) + 1
    column = offset - source.rfind("\n", 0, offset)
    return ScenarioUnreadable(Problem(Severity.ERROR, message, line=line, column=column))
