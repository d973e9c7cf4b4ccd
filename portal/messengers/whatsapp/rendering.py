"""How messages look on WhatsApp. Facts: the Cloud API's reference of messages."""

from collections.abc import Iterator, Sequence

from portal.messaging.events import ButtonRequest, Choice, FileKind, OutgoingMessage
from portal.messengers.button_labels import list_label
from portal.messengers.markup import runs_of, signs
from portal.messengers.payload_fields import Payload
from portal.messengers.splitting import Rules, utf16

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


def text_of(outgoing: OutgoingMessage) -> str:
    """The text with WhatsApp's signs."""
    return signs(runs_of(outgoing.spans))


def message_of(outgoing: OutgoingMessage) -> Payload:
    """Type and content of a message without a file."""
    text = text_of(outgoing)
    if outgoing.choices:
        return _interactive(_buttons(text, outgoing) if are_buttons(outgoing.choices) else _list(text, outgoing))
    if outgoing.button_request is ButtonRequest.LOCATION and utf16(text) <= BODY_LIMIT:
        action = {"name": "send_location"}
        return _interactive({"type": "location_request_message", "body": {"text": text}, "action": action})
    return {"type": "text", "text": {"body": text, "preview_url": "https://" in text}}


def _interactive(content: Payload) -> Payload:
    return {"type": "interactive", "interactive": content}


def _buttons(text: str, outgoing: OutgoingMessage) -> Payload:
    buttons = [
        {"type": "reply", "reply": {"id": choice.marker, "title": label_of(choice)}} for choice in outgoing.choices
    ]
    return {"type": "button", "body": {"text": text}, "action": {"buttons": buttons}}


def _list(text: str, outgoing: OutgoingMessage) -> Payload:
    found = [{"id": choice.marker, **row(choice)} for choice in outgoing.choices]
    action = {"button": list_label(outgoing), "sections": [{"rows": found}]}
    return {"type": "list", "body": {"text": text}, "action": action}


def row(choice: Choice) -> dict[str, str]:
    """Title and, where the title cannot hold it, the label once more as description."""
    label = label_of(choice)
    if utf16(label) <= ROW_TITLE:
        return {"title": label}
    return {"title": shortened(label, ROW_TITLE), "description": shortened(label, ROW_DESCRIPTION)}


def shortened(label: str, longest: int) -> str:
    """A label that ends in an ellipsis where it is longer than that many UTF-16 units."""
    if utf16(label) <= longest:
        return label
    while utf16(label) > longest - 1:
        label = label[:-1]
    return label.rstrip() + "…"


def lines_of(outgoing: OutgoingMessage) -> Iterator[str]:
    """The buttons for a terminal."""
    if outgoing.choices and are_buttons(outgoing.choices):
        yield from (f"[{label_of(choice)}]" for choice in outgoing.choices)
    elif outgoing.choices:
        yield f"[≡ {list_label(outgoing)}]"
        for number, choice in enumerate(outgoing.choices, 1):
            shown = row(choice)
            yield f"  {number}. " + " — ".join(shown.values())
