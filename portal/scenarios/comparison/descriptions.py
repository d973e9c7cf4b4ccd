"""The parts of a scenario as texts that two people can compare."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from portal.scenarios.document.document import ScenarioDocument
from portal.scenarios.document.steps import Step, as_object, as_text, objects_in
from portal.scenarios.document.wording import Phrase, _l
from portal.scenarios.flow.labels import MEDIA_KINDS

Label = Phrase | str
Field = tuple[str, Label, str]
"""The path of a field, what it is called, and its value as a text."""

TOP_LABELS: dict[str, Label] = {
    "name": _l("Name"),
    "description": _l("Description"),
    "version": _l("Version"),
    "metadata.created_at": _l("Created"),
    "metadata.updated_at": _l("Last changed"),
    "metadata.version_history": _l("History"),
    "metadata.platforms": _l("Platforms"),
}
STEP_LABELS: dict[str, Label] = {
    "type": _l("Type"),
    "message": _l("Message"),
    "message.text": _l("Text"),
    "message.media": _l("Attachments"),
    "buttons": _l("Buttons"),
    "conditions": _l("Texts by condition"),
    "expected_input": _l("Answer"),
    "expected_input.type": _l("Kind of answer"),
    "expected_input.variable": _l("Kept as"),
    "next_step": _l("Next step"),
    "auto_next": _l("Goes on by itself"),
    "auto_next_delay": _l("Wait in seconds"),
}
RULE_LABELS: dict[str, Label] = {
    "required": _l("Answer required"),
    "min_length": _l("Shortest answer"),
    "max_length": _l("Longest answer"),
    "pattern": _l("Pattern"),
    "min_value": _l("Lowest number"),
    "max_value": _l("Highest number"),
    "format": _l("Date format"),
    "min_date": _l("Earliest date"),
    "max_date": _l("Latest date"),
    "allowed_values": _l("Accepted answers"),
    "allowed_types": _l("Accepted files"),
    "max_size_kb": _l("Largest file in KB"),
    "error_message": _l("Text after a wrong answer"),
}
_OPENED = ("message", "expected_input")
# Compared on their own.
_LEFT_OUT = ("steps", "start_step", "variables_mapping")


def as_value_text(value: Any) -> str:
    """Any JSON value as a text: a text as it is, a list of texts with commas, the rest as JSON."""
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def top_fields(document: ScenarioDocument) -> Iterator[Field]:
    """What a document says of itself, steps and labels of values left out."""
    yield from _head_fields(document.head)
    for part in document.parts if document.is_bundle else ():
        for key, value in part.raw.items():
            if key not in _LEFT_OUT and value is not None:
                yield f"{part.scope}\n{key}", f"{part.scope}: {key}", as_value_text(value)


def _head_fields(head: dict[str, Any]) -> Iterator[Field]:
    for key, value in head.items():
        if key == "metadata" and isinstance(value, dict):
            for inner, item in value.items():
                path = f"{key}.{inner}"
                yield path, _label(TOP_LABELS, path, inner), _described(path, item)
        elif key not in _LEFT_OUT and value is not None:
            yield key, _label(TOP_LABELS, key, key), as_value_text(value)


def mapping_fields(document: ScenarioDocument) -> Iterator[Field]:
    """The labels of the values of all variables."""
    mapping = as_object(document.head.get("variables_mapping"))
    for variable, labels in mapping.items():
        if not isinstance(labels, dict):
            yield variable, variable, as_value_text(labels)
            continue
        for value, label in labels.items():
            yield f"{variable}\n{value}", f"{variable}: {value}", as_value_text(label)


def step_fields(step: Step) -> Iterator[Field]:
    """Everything a step says, unknown keys included."""
    for key, value in step.raw.items():
        if key == "id" or value is None:
            continue
        if key == "message" and isinstance(value, str):
            yield "message.text", _label(STEP_LABELS, "message.text", key), value
        elif key in _OPENED and isinstance(value, dict):
            yield from _inner_fields(key, value)
        else:
            yield key, _label(STEP_LABELS, key, key), _described(key, value)


def _label(labels: dict[str, Label], path: str, otherwise: str) -> Label:
    return labels.get(path, otherwise)


def _inner_fields(key: str, value: dict[str, Any]) -> Iterator[Field]:
    for inner, item in value.items():
        path = f"{key}.{inner}"
        if inner == "validation" and isinstance(item, dict):
            for rule, setting in item.items():
                yield f"{path}.{rule}", _label(RULE_LABELS, rule, rule), as_value_text(setting)
        elif item is not None:
            yield path, _label(STEP_LABELS, path, inner), _described(path, item)


def _described(path: str, value: Any) -> str:
    describe = _DESCRIBED.get(path)
    return describe(value) if describe else as_value_text(value)


def _extra(item: dict[str, Any], *told: str) -> str:
    """What a description would leave out, so that no change goes unseen."""
    rest = {key: value for key, value in item.items() if key not in told}
    return f" {as_value_text(rest)}" if rest else ""


def _objects_as_lines(describe: Callable[[dict[str, Any]], str]) -> Callable[[Any], str]:
    def lines(value: Any) -> str:
        items = [item for _index, item in objects_in(value)]
        if not isinstance(value, list) or len(items) != len(value):
            return as_value_text(value)
        return "\n".join(describe(item) for item in items)

    return lines


def _button(item: dict[str, Any]) -> str:
    if not isinstance(item.get("text"), str) or not isinstance(item.get("value", ""), str):
        return as_value_text(item)
    value = f" → {item['value']}" if "value" in item else ""
    return f"{item['text']}{value}{_extra(item, 'text', 'value')}"


def _media(item: dict[str, Any]) -> str:
    kind = as_text(item.get("type"))
    if any(not isinstance(item.get(key, ""), str) for key in ("type", "file_id", "caption", "description")):
        return as_value_text(item)
    told = [str(MEDIA_KINDS[kind]) if kind in MEDIA_KINDS else kind]
    told += [item[key] for key in ("file_id", "caption", "description") if item.get(key)]
    return " · ".join(told) + _extra(item, "type", "file_id", "caption", "description")


def _condition(item: dict[str, Any]) -> str:
    lines = []
    for key in ("if", "then", "message", "else"):
        value = item.get(key)
        if key in item:
            lines.append(f"{_CONDITION_WORDS[key]} {_said(value)}")
    return " ".join(lines) + _extra(item, "if", "then", "message", "else")


def _said(value: Any) -> str:
    """A message, or the name of a step, where a condition leads."""
    if not isinstance(value, dict) or not isinstance(value.get("text", ""), str):
        return as_value_text(value)
    media = f"\n{_described('message.media', value['media'])}" if "media" in value else ""
    return f"{value.get('text', '')}{media}{_extra(value, 'text', 'media')}"


_CONDITION_WORDS = {"if": _l("If"), "then": "→", "message": "→", "else": _l("Otherwise →")}


def _next_step(value: Any) -> str:
    if not isinstance(value, dict):
        return as_value_text(value)
    lines = [_conditions(value["conditions"])] if "conditions" in value else []
    if "else" in value:
        lines.append(f"{_CONDITION_WORDS['else']} {as_value_text(value['else'])}")
    told = ("conditions", "else", "type") if value.get("type") == "conditional" else ("conditions", "else")
    rest = _extra(value, *told).strip()
    return "\n".join(line for line in [*lines, rest] if line)


_conditions = _objects_as_lines(_condition)
_DESCRIBED: dict[str, Callable[[Any], str]] = {
    "metadata.version_history": _objects_as_lines(lambda item: " · ".join(map(as_value_text, item.values()))),
    "buttons": _objects_as_lines(_button),
    "message.media": _objects_as_lines(_media),
    "conditions": _conditions,
    "next_step": _next_step,
}
