"""A scenario as a document: read from the text a restaurant has, or from what the database kept of it."""

import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

from portal.bots.scenarios.json_source import JsonError, Spot, read_json
from portal.bots.scenarios.problems import Place, Problem, ScenarioUnreadable, Severity
from portal.bots.scenarios.steps import Step, as_list, as_object, as_text, objects_in
from portal.bots.scenarios.wording import Phrase, _l

MAX_SOURCE_BYTES = 1024 * 1024

INTENT_SCHEME = "intent://"
_INTENT_JUMP = re.compile(r"intent://(?:(?P<kind>[^/\s]+)/)?(?P<intent>[^/\s]+)/(?P<step>[^/\s]+)")


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
        return as_text(self._root.get("name")) or as_text(self._root.get("intent_name"))

    @cached_property
    def description(self) -> str:
        """The description in the file, or an empty text."""
        return as_text(self._root.get("description"))

    @cached_property
    def version(self) -> str:
        """The author's own version, or an empty text; a number reads as its text."""
        version = self._root.get("version")
        is_number = isinstance(version, int | float) and not isinstance(version, bool)
        return str(version) if is_number else as_text(version)

    @cached_property
    def intent_id(self) -> str:
        """The id of the intent this file holds, or an empty text."""
        return as_text(self._root.get("intent_id"))

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All steps in the order of the file; one of a list without an id is called ``#1`` by its place."""
        raw = self._root.get("steps")
        if isinstance(raw, dict):
            return tuple(Step(key, ("steps", key), as_object(value)) for key, value in raw.items())
        return tuple(
            Step(as_text(item.get("id")) or f"#{index + 1}", ("steps", index), item) for index, item in objects_in(raw)
        )

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
        written = as_text(self._root.get("start_step"))
        return written or (self.steps[0].id if self.steps else None)

    @cached_property
    def variables_mapping(self) -> dict[str, dict[str, str]]:
        """The label of each value of each variable."""
        mapping = as_object(self._root.get("variables_mapping"))
        return {
            variable: {value: label for value, label in labels.items() if isinstance(label, str)}
            for variable, labels in mapping.items()
            if isinstance(labels, dict)
        }

    @cached_property
    def platforms(self) -> tuple[str, ...]:
        """The platforms the author wrote it for."""
        listed = as_list(as_object(self._root.get("metadata")).get("platforms"))
        return tuple(platform for platform in listed if isinstance(platform, str))

    @cached_property
    def entry_steps(self) -> tuple[str, ...]:
        """Ids of the steps a dialog can begin with: the first step and an intent's entry points."""
        points = self._root.get("entry_points")
        candidates = [self.start_step, *_entry_names(points)]
        return tuple(dict.fromkeys(name for name in candidates if name in self.steps_by_id and name))

    @cached_property
    def asked_variables(self) -> frozenset[str]:
        """Names of the variables that some step asks for."""
        return frozenset(
            step.expected_input.variable for step in self.steps if step.expected_input and step.expected_input.variable
        )

    def destination(self, target: str | None) -> Destination:
        """Where a way out leads. A jump into this file's own intent is a step like any other."""
        if not target:
            return Destination(DestinationKind.END)
        if target in self.steps_by_id:
            return Destination(DestinationKind.STEP, target)
        jump = _INTENT_JUMP.fullmatch(target)
        if jump is None:
            return Destination(DestinationKind.MISSING, target)
        if jump["intent"] == self.intent_id and jump["step"] in self.steps_by_id:
            return Destination(DestinationKind.STEP, jump["step"])
        return Destination(DestinationKind.OUTSIDE, target)

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


def _entry_names(points: Any) -> list[str]:
    items = list(points.values()) if isinstance(points, dict) else as_list(points)
    names = [item for item in items if isinstance(item, str)]
    for item in items:
        names += [value for value in as_object(item).values() if isinstance(value, str)]
    return names


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
