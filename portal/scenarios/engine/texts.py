"""Texts of a scenario with the variables in them, and what people typed made safe to keep."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from portal.messaging.events import TextSpan
from portal.scenarios.document.conditions import text_of
from portal.scenarios.document.placeholders import PLACEHOLDER

# A text with more in it is cut: nobody reads it, and no messenger takes it.
MAX_TEXT = 50_000
MAX_VALUE = 4096

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")

Label = Callable[[str, Any], str | None]
"""The author's word for a variable's value, or None."""


def clean(text: str, longest: int = MAX_VALUE) -> str:
    """A text as PostgreSQL's JSONB can keep it, without surrounding space, not longer than that."""
    return _UNSTORABLE.sub("", text[:longest]).strip()


def fill(template: str, variables: Mapping[str, Any], label: Label) -> tuple[TextSpan, ...]:
    """The text in one pass: each ``{{name}}`` replaced by its label or value, unknown names as they are.

    A value may have been typed by a person and is marked so; a label is the author's.
    """
    parts: list[TextSpan] = []
    end = room = 0
    for found in PLACEHOLDER.finditer(template[:MAX_TEXT]):
        if found[1] in variables and room < MAX_TEXT:
            value = variables[found[1]]
            said = label(found[1], value) or None
            parts += [TextSpan(template[end : found.start()]), TextSpan(said or shown(value), typed=said is None)]
            room += len(parts[-1].text)
            end = found.end()
    parts.append(TextSpan(template[end:MAX_TEXT]))
    return _joined(parts)


def shown(value: Any) -> str:
    """A value as people read it: a file by its name, a place by its degrees, a list with commas."""
    if value is None:
        return ""
    if isinstance(value, list):
        return ", ".join(shown(item) for item in value[:50])[:MAX_VALUE]
    if isinstance(value, dict):
        file = value.get("file")
        if isinstance(file, dict):
            return str(file.get("name") or file.get("kind") or "")[:MAX_VALUE]
        if {"latitude", "longitude"} <= value.keys():
            return f"{value['latitude']}, {value['longitude']}"[:MAX_VALUE]
    return text_of(value)[:MAX_VALUE]


def _joined(parts: list[TextSpan]) -> tuple[TextSpan, ...]:
    joined: list[TextSpan] = []
    for part in parts:
        if joined and joined[-1].typed == part.typed:
            joined[-1] = TextSpan(joined[-1].text + part.text, part.typed)
        elif part.text:
            joined.append(part)
    return tuple(joined)


MAX_PAYLOAD = 512
_COMMAND = re.compile(r"\s*/(?P<name>\w{1,64})(?:@\w+)?(?:\s+(?P<rest>.*))?\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Command:
    """``/name payload``; ``/name@botname`` is ``/name``."""

    name: str
    payload: str = ""


def read_command(text: str) -> Command | None:
    """The command a text is, or None. A path such as ``/a/b`` is none."""
    found = _COMMAND.fullmatch(text)
    return Command(found["name"].lower(), clean(found["rest"] or "", MAX_PAYLOAD)) if found else None
