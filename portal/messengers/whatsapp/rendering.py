"""How messages look on WhatsApp. Facts: the Cloud API's reference of messages."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from portal.messaging.events import Choice, FileKind, Segment, Utterance, Wish
from portal.messengers.button_labels import list_label
from portal.messengers.markup import runs_of, signs
from portal.messengers.splitting import Rules, parts_of, utf16

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
BODY_LIMIT = 1024
MAX_BUTTONS = 3
MAX_ROWS = 10
TITLE = 20
ROW_TITLE = 24
ROW_DESCRIPTION = 72
_EMPTY_LABEL = "•"
_WITHOUT_CAPTION = (FileKind.AUDIO, FileKind.VOICE)


def label_of(choice: Choice) -> str:
    """What a button says, in one line."""
    return " ".join(choice.label.split()) or _EMPTY_LABEL


def are_buttons(choices: Sequence[Choice]) -> bool:
    """Whether they are shown as buttons below the text: few, short, each different."""
    labels = [label_of(choice) for choice in choices]
    is_distinct = len(set(labels)) == len(labels)
    return len(labels) <= MAX_BUTTONS and is_distinct and all(utf16(label) <= TITLE for label in labels)


def groups(choices: Sequence[Choice]) -> list[tuple[Choice, ...]]:
    """The buttons by the messages that carry them."""
    return [tuple(choices[start : start + MAX_ROWS]) for start in range(0, len(choices), MAX_ROWS)]


RULES = Rules(
    text=TEXT_LIMIT,
    body=BODY_LIMIT,
    captions={kind: 0 if kind in _WITHOUT_CAPTION else CAPTION_LIMIT for kind in FileKind},
    size=lambda runs: utf16(signs(runs)),
    groups=groups,
    on_files=False,
)


def parts(utterance: Utterance) -> tuple[Utterance, ...]:
    """Labels longer than a row can show are numbered and stand in the text in full."""
    if all(utf16(label_of(choice)) <= ROW_DESCRIPTION for choice in utterance.choices):
        return parts_of(utterance, RULES)
    labels = [f"{number}. {label_of(choice)}" for number, choice in enumerate(utterance.choices, 1)]
    choices = tuple(
        replace(choice, label=_shortened(label, ROW_DESCRIPTION))
        for choice, label in zip(utterance.choices, labels, strict=True)
    )
    start = "\n\n" if utterance.text.strip() else ""
    listed = Segment(start + "\n".join(labels), typed=True)
    return parts_of(replace(utterance, segments=(*utterance.segments, listed), choices=choices), RULES)


def text_of(utterance: Utterance) -> str:
    """The text with WhatsApp's signs."""
    return signs(runs_of(utterance.segments))


def message_of(utterance: Utterance) -> dict[str, Any]:
    """Type and content of a message without a file."""
    text = text_of(utterance)
    if utterance.choices:
        return _interactive(_buttons(text, utterance) if are_buttons(utterance.choices) else _list(text, utterance))
    if utterance.wish is Wish.LOCATION and utf16(text) <= BODY_LIMIT:
        action = {"name": "send_location"}
        return _interactive({"type": "location_request_message", "body": {"text": text}, "action": action})
    return {"type": "text", "text": {"body": text, "preview_url": "https://" in text}}


def _interactive(content: dict[str, Any]) -> dict[str, Any]:
    return {"type": "interactive", "interactive": content}


def _buttons(text: str, utterance: Utterance) -> dict[str, Any]:
    buttons = [
        {"type": "reply", "reply": {"id": choice.marker, "title": label_of(choice)}} for choice in utterance.choices
    ]
    return {"type": "button", "body": {"text": text}, "action": {"buttons": buttons}}


def _list(text: str, utterance: Utterance) -> dict[str, Any]:
    found = [{"id": choice.marker, **row(choice)} for choice in utterance.choices]
    action = {"button": list_label(utterance), "sections": [{"rows": found}]}
    return {"type": "list", "body": {"text": text}, "action": action}


def row(choice: Choice) -> dict[str, str]:
    """Title and, where the title cannot hold it, the label once more as description."""
    label = label_of(choice)
    if utf16(label) <= ROW_TITLE:
        return {"title": label}
    return {"title": _shortened(label, ROW_TITLE), "description": _shortened(label, ROW_DESCRIPTION)}


def _shortened(label: str, longest: int) -> str:
    if utf16(label) <= longest:
        return label
    while utf16(label) > longest - 1:
        label = label[:-1]
    return label.rstrip() + "…"


def lines_of(utterance: Utterance) -> Iterator[str]:
    """The buttons for a terminal."""
    if utterance.choices and are_buttons(utterance.choices):
        yield from (f"[{label_of(choice)}]" for choice in utterance.choices)
    elif utterance.choices:
        yield f"[≡ {list_label(utterance)}]"
        for number, choice in enumerate(utterance.choices, 1):
            shown = row(choice)
            yield f"  {number}. " + " — ".join(shown.values())
