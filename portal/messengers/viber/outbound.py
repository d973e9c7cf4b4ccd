"""Messages and files on their way to Viber, which fetches files by their address."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape

from portal.messaging.events import ButtonRequest, Choice, FileKind, OutgoingMessage, TextSpan
from portal.messaging.failures import Failure
from portal.messengers.button_labels import button_request_label, one_line, typed_label
from portal.messengers.call import Call
from portal.messengers.errors import Rejected, Throttled, Unavailable, Unclear
from portal.messengers.file_rules import MEBIBYTE, FileRule, rule_for
from portal.messengers.markup import Run, runs_of, signs
from portal.messengers.payload_fields import Payload, identity
from portal.messengers.results import OutgoingFile, Sent
from portal.messengers.splitting import Rules, beginning, parts_of, utf16
from portal.messengers.terminal import lines
from portal.messengers.viber.api import ask
from portal.messengers.viber.markers import sealed

TEXT_LIMIT = 7000
# The lowest limit in use.
CAPTION_LIMIT = 512
BUTTON_LIMIT = 24
# So many rows of one button are shown; of a keyboard of more the rest cannot be reached.
ROW_LIMIT = 12
LABEL_LIMIT = 200
# Buttons that send nothing into the chat by themselves, and those that share, are known to clients since then.
MIN_API_VERSION = 7
_HALF_ROW = 14
_BUTTON_BYTES = 260
# A request of more than 30 kB is refused: 14 kB of text at most, the rest for the buttons.
_KEYBOARD_BYTES = 13_000


def label_of(choice: Choice) -> str:
    """What stands on a button."""
    return one_line(choice.label, LABEL_LIMIT)


def groups(choices: Sequence[Choice]) -> list[tuple[Choice, ...]]:
    """The buttons of one message: of several only the last one's would be shown."""
    return [tuple(choices)] if choices else []


def fitting(choices: Sequence[Choice]) -> int:
    """How many of the buttons, from the first on, one keyboard shows."""
    room, rows, count = _KEYBOARD_BYTES, 0.0, 0
    for choice, columns in _laid_out(choices):
        room -= _sent_bytes(_text_of(label_of(choice))) + len(choice.marker) + _BUTTON_BYTES
        rows += columns / 6
        if rows > ROW_LIMIT or count == BUTTON_LIMIT or room < 0:
            break
        count += 1
    return count


def _size(runs: Sequence[Run]) -> int:
    """In UTF-16 units, or in pairs of bytes where these are more: the request is bounded in bytes."""
    text = signs(runs)
    return max(utf16(text), (_sent_bytes(text) + 1) // 2)


def _sent_bytes(text: str) -> int:
    """The bytes that a text takes in a request, where quotation marks and the ends of lines take two."""
    return len(text.encode("utf-8", "replace")) + sum(map(text.count, '"\\\n\t'))


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


def plain_button(label: str, body: str) -> Payload:
    """A button as wide as the keyboard that writes ``body`` for the person, unseen."""
    return _button(label, "reply", body, 6)


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
    """A label, in which Viber would read tags; at most 250 UTF-16 units."""
    while utf16(escape(label)) > 250:
        label = beginning(label, utf16(label) - 1)
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


# A picture of more than a megabyte is shown on some devices only; as a file it comes to all.
_PICTURE = FileRule("picture", frozenset({"image/jpeg", "image/png"}), MEBIBYTE)
_VIDEO = FileRule("video", frozenset({"video/mp4"}), 26 * MEBIBYTE)
FILES = (FileRule("file", frozenset(), 50 * MEBIBYTE),)
MAX_SENDER = 28
_FILE_NAME = 256


def parts(outgoing: OutgoingMessage) -> tuple[OutgoingMessage, ...]:
    """Texts of 7 000 and captions of 512 UTF-16 units, twelve rows of buttons.

    What has no room among the buttons stands in the text: typed, its words count as if it were pressed.
    """
    count = fitting(outgoing.choices)
    rest = outgoing.choices[count:]
    if not rest:
        return parts_of(outgoing, RULES)
    listed = "\n".join([typed_label(outgoing), *(f"• {label_of(choice)}" for choice in rest)])
    start = "\n\n" if outgoing.text.strip() else ""
    spans = (*outgoing.spans, TextSpan(start + listed, typed=True))
    return parts_of(replace(outgoing, spans=spans, choices=outgoing.choices[:count]), RULES)


def shown(outgoing: OutgoingMessage) -> list[str]:
    """The keyboard, one or two buttons a row."""
    return lines(outgoing, lines_of(outgoing))


def send(
    call: Call,
    chat_id: str,
    outgoing: OutgoingMessage,
    file: OutgoingFile | None,
    row_id: str,
    reply_to: str | None = None,
) -> Sent:
    """One message; Viber has no place for ``row_id`` and no replies."""
    message: Payload = {"receiver": chat_id, "sender": {"name": call.values["sender_name"][:MAX_SENDER]}}
    text = text_of(outgoing)
    if outgoing.attachment is None:
        return _post(call, message | _keyed(call, chat_id, outgoing) | {"type": "text", "text": text})
    if file is None:
        raise Rejected(Failure.FILE_MISSING)
    content = _content(outgoing.attachment.kind, file, text)
    if text.strip() and "text" not in content:
        # What goes as a file cannot carry words.
        _post(call, message | {"type": "text", "text": text})
        return _after_words(call, message | _keyed(call, chat_id, outgoing) | content)
    return _post(call, message | _keyed(call, chat_id, outgoing) | content)


def acknowledge(call: Call, callback: str | None, text: str | None = None) -> None:
    """A press waits for nothing on Viber."""


def _after_words(call: Call, message: Payload) -> Sent:
    """The words are there already: when all of it is sent again they may come twice, and that is said."""
    try:
        return _post(call, message)
    except (Throttled, Unavailable) as error:
        raise Unclear(error.code, error.detail) from None


def _keyed(call: Call, chat_id: str, outgoing: OutgoingMessage) -> Payload:
    found = keyboard(outgoing, call.values["auth_token"], chat_id)
    return {"keyboard": found, "min_api_version": MIN_API_VERSION} if found else {}


def _content(kind: FileKind, file: OutgoingFile, text: str) -> Payload:
    if not file.public_url:
        raise Rejected(Failure.NO_PUBLIC_ADDRESS)
    if kind is FileKind.IMAGE and rule_for((_PICTURE,), file.content_type, file.size):
        return {"type": "picture", "text": text, "media": file.public_url}
    if kind is not FileKind.DOCUMENT and rule_for((_VIDEO,), file.content_type, file.size):
        return {"type": "video", "media": file.public_url, "size": file.size}
    if rule_for(FILES, file.content_type, file.size) is None:
        raise Rejected(Failure.FILE_TOO_LARGE)
    name = (file.name or "file")[-_FILE_NAME:]
    return {"type": "file", "media": file.public_url, "size": file.size, "file_name": name}


def _post(call: Call, message: Payload) -> Sent:
    return Sent(identity(ask(call, "send_message", message).get("message_token")) or "")
