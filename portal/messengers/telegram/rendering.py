"""How messages look on Telegram. Facts: core.telegram.org/bots/api#sendmessage, #formatting-options."""

from collections.abc import Iterator, Sequence

from portal.messaging.events import ButtonRequest, Choice, FileKind, OutgoingMessage
from portal.messengers.button_labels import button_request_label
from portal.messengers.markup import html, plain, runs_of
from portal.messengers.payload_fields import Payload
from portal.messengers.splitting import Rules, utf16

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
BUTTON_LIMIT = 100
ROW_LIMIT = 8
LABEL_LIMIT = 256
# About what a phone shows of a row; a button takes some more than its letters.
_ROW_WIDTH = 34
_BUTTON_MARGIN = 4
# A keyboard of more than about 10 kB is refused.
_KEYBOARD_BYTES = 6000
_PRESS_BYTES = 64
_EMPTY_LABEL = "•"


def label_of(choice: Choice) -> str:
    """What stands on a button."""
    return " ".join(choice.label.split())[:LABEL_LIMIT] or _EMPTY_LABEL


def groups(choices: Sequence[Choice]) -> list[tuple[Choice, ...]]:
    """The buttons by the messages that carry them."""
    found: list[list[Choice]] = []
    room = 0
    for choice in choices:
        taken = len(label_of(choice).encode()) + _PRESS_BYTES
        if not found or len(found[-1]) == BUTTON_LIMIT or taken > room:
            found.append([])
            room = _KEYBOARD_BYTES
        found[-1].append(choice)
        room -= taken
    return [tuple(group) for group in found]


RULES = Rules(
    text=TEXT_LIMIT,
    body=TEXT_LIMIT,
    captions=dict.fromkeys(FileKind, CAPTION_LIMIT),
    size=lambda runs: utf16(plain(runs)),
    groups=groups,
)


def rows(choices: Sequence[Choice]) -> list[list[Choice]]:
    """Short buttons side by side, long ones each in a row of its own; never one lonely beside a full row of two."""
    found: list[list[Choice]] = []
    for choice in choices:
        row = [*found[-1], choice] if found else [choice]
        if found and len(row) <= ROW_LIMIT and _width(row) <= _ROW_WIDTH:
            found[-1].append(choice)
        else:
            found.append([choice])
    return found


def _width(row: Sequence[Choice]) -> int:
    # All buttons of a row are as wide as its widest.
    return len(row) * (max(len(label_of(choice)) for choice in row) + _BUTTON_MARGIN)


def keyboard(outgoing: OutgoingMessage) -> Payload | None:
    """The markup of a message's buttons."""
    if outgoing.choices:
        lines = [
            [{"text": label_of(choice), "callback_data": choice.marker} for choice in row]
            for row in rows(outgoing.choices)
        ]
        return {"inline_keyboard": lines}
    if outgoing.button_request:
        request = "request_contact" if outgoing.button_request is ButtonRequest.PHONE else "request_location"
        button = {"text": button_request_label(outgoing), request: True}
        return {"keyboard": [[button]], "resize_keyboard": True, "one_time_keyboard": True}
    return None


def text_of(outgoing: OutgoingMessage) -> str:
    """The text in Telegram's HTML."""
    return html(runs_of(outgoing.spans))


def lines_of(outgoing: OutgoingMessage) -> Iterator[str]:
    """The buttons for a terminal."""
    for row in rows(outgoing.choices):
        yield " ".join(f"[{label_of(choice)}]" for choice in row)
    if outgoing.button_request and not outgoing.choices:
        yield f"({button_request_label(outgoing)})"
