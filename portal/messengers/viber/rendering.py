"""How messages look on Viber. Facts: developers.viber.com/docs/api/rest-bot-api, send message, keyboards."""

from collections.abc import Iterator, Sequence
from html import escape

from portal.messaging.events import ButtonRequest, Choice, FileKind, OutgoingMessage
from portal.messengers.button_labels import button_request_label
from portal.messengers.markup import Run, runs_of, signs
from portal.messengers.payload_fields import Payload
from portal.messengers.splitting import Rules, utf16
from portal.messengers.viber.markers import sealed

TEXT_LIMIT = 7000
# The lowest limit in use.
CAPTION_LIMIT = 512
BUTTON_LIMIT = 24
LABEL_LIMIT = 200
# Buttons that send nothing into the chat by themselves, and those that share, are known to clients since then.
MIN_API_VERSION = 7
_HALF_ROW = 14
_BUTTON_BYTES = 260
# A request of more than 30 kB is refused: 14 kB of text at most, the rest for the buttons.
_KEYBOARD_BYTES = 13_000
_EMPTY_LABEL = "•"


def label_of(choice: Choice) -> str:
    """What stands on a button."""
    return " ".join(choice.label.split())[:LABEL_LIMIT] or _EMPTY_LABEL


def groups(choices: Sequence[Choice]) -> list[tuple[Choice, ...]]:
    """The buttons by the messages that carry them."""
    found: list[list[Choice]] = []
    room = 0
    for choice in choices:
        taken = len(_text_of(label_of(choice)).encode()) + len(choice.marker) + _BUTTON_BYTES
        if not found or len(found[-1]) == BUTTON_LIMIT or taken > room:
            found.append([])
            room = _KEYBOARD_BYTES
        found[-1].append(choice)
        room -= taken
    return [tuple(group) for group in found]


def _size(runs: Sequence[Run]) -> int:
    """In UTF-16 units, or in pairs of bytes where these are more: the request is bounded in bytes."""
    text = signs(runs)
    return max(utf16(text), (len(text.encode()) + 1) // 2)


RULES = Rules(
    text=TEXT_LIMIT,
    body=TEXT_LIMIT,
    captions={kind: CAPTION_LIMIT if kind is FileKind.IMAGE else 0 for kind in FileKind},
    size=_size,
    groups=groups,
)


def text_of(outgoing: OutgoingMessage) -> str:
    """The text with Viber's signs."""
    return signs(runs_of(outgoing.spans))


def keyboard(outgoing: OutgoingMessage, token: str, chat_id: str) -> Payload | None:
    """The keyboard below the chat, for this chat alone."""
    buttons = [
        _button(label_of(choice), "reply", sealed(choice.marker, token, chat_id), columns)
        for choice, columns in _laid_out(outgoing.choices)
    ]
    if outgoing.button_request and not buttons:
        action = "share-phone" if outgoing.button_request is ButtonRequest.PHONE else "location-picker"
        buttons = [_button(button_request_label(outgoing), action, outgoing.button_request.value, 6)]
    return {"Type": "keyboard", "DefaultHeight": False, "Buttons": buttons} if buttons else None


def _button(label: str, action: str, body: str, columns: int) -> Payload:
    # Silent: what the button carries does not appear in the chat as the person's words.
    return {
        "ActionType": action,
        "ActionBody": body,
        "Text": _text_of(label),
        "Columns": columns,
        "Rows": 1,
        "Silent": action == "reply",
    }


def _text_of(label: str) -> str:
    """A label, in which Viber would read tags; at most 250 characters."""
    while len(escape(label)) > 250:
        label = label[:-1]
    return escape(label)


def _laid_out(choices: Sequence[Choice]) -> Iterator[tuple[Choice, int]]:
    """Each with its width, of six columns: two short neighbours share a row."""
    place = 0
    while place < len(choices):
        pair = choices[place : place + 2]
        is_pair = len(pair) == 2 and all(len(label_of(choice)) <= _HALF_ROW for choice in pair)
        yield from ((choice, 3 if is_pair else 6) for choice in pair[: 2 if is_pair else 1])
        place += 2 if is_pair else 1


def lines_of(outgoing: OutgoingMessage) -> Iterator[str]:
    """The keyboard for a terminal."""
    row: list[str] = []
    for choice, columns in _laid_out(outgoing.choices):
        row.append(f"[{label_of(choice)}]")
        if columns == 6 or len(row) == 2:
            yield " ".join(row)
            row = []
    if outgoing.button_request and not outgoing.choices:
        yield f"({button_request_label(outgoing)})"
