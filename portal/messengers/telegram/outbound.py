"""Messages and files on their way to Telegram."""

from collections.abc import Iterator, Mapping, Sequence

from portal.messaging.events import ButtonRequest, Choice, FileKind, OutgoingMessage
from portal.messaging.failures import Failure
from portal.messengers.button_labels import button_request_label, one_line
from portal.messengers.call import Call
from portal.messengers.errors import Rejected
from portal.messengers.file_rules import MEBIBYTE, FileRule, rule_for
from portal.messengers.markup import Run, html, plain, runs_of
from portal.messengers.payload_fields import Payload, identity, mapping, objects, word
from portal.messengers.results import OutgoingFile, Sent
from portal.messengers.splitting import Rules, parts_of, utf16
from portal.messengers.telegram.api import ask
from portal.messengers.terminal import lines

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
# Telegram's server refuses a text of more bytes than that before it takes tags and addresses out of it.
REQUEST_BYTES = 32_768
BUTTON_LIMIT = 100
ROW_LIMIT = 8
LABEL_LIMIT = 256
# About what a phone shows of a row; a button takes some more than its letters.
_ROW_WIDTH = 34
_BUTTON_MARGIN = 4
# A keyboard of more than about 10 kB is refused.
_KEYBOARD_BYTES = 6000
_PRESS_BYTES = 64


def label_of(choice: Choice) -> str:
    """What stands on a button."""
    return one_line(choice.label, LABEL_LIMIT)


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


def request_bytes(runs: Sequence[Run]) -> int:
    """The bytes of a text with tags and addresses; a higher number where even that one is low enough."""
    # A sign takes five at most (&amp;), one of an address as many, and a tag has two ends.
    most = sum(5 * len(run.text) + sum(5 * len(tag) + 20 for tag in run.tags) for run in runs)
    return most if most <= REQUEST_BYTES else len(html(runs).encode("utf-8", "replace"))


RULES = Rules(
    text=TEXT_LIMIT,
    body=TEXT_LIMIT,
    captions=dict.fromkeys(FileKind, CAPTION_LIMIT),
    size=lambda runs: utf16(plain(runs)),
    groups=groups,
    request=request_bytes,
    request_bytes=REQUEST_BYTES,
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


_FIELDS = {FileKind.IMAGE: "photo"}
_ALL_FIELDS = ("photo", "video", "animation", "audio", "voice", "document")
# What Telegram takes as such, by the beginning of the content type; anything else goes as a document.
_TAKEN = {
    "photo": ("image/jpeg", "image/png", "image/webp"),
    "video": ("video/mp4",),
    "animation": ("image/gif", "video/mp4"),
    "audio": ("audio/mpeg", "audio/mp3", "audio/mp4", "audio/x-m4a", "audio/m4a"),
    "voice": ("audio/ogg", "audio/opus", "audio/mpeg", "audio/mp4"),
    "document": ("",),
}
_PHOTO_BYTES = 10 * MEBIBYTE
# What goes as nothing else goes as a document.
FILES = (FileRule("document", frozenset(), 50 * MEBIBYTE),)
_TOAST = 200
_OVER = ("query is too old", "query_id_invalid", "query id is invalid")


def parts(outgoing: OutgoingMessage) -> tuple[OutgoingMessage, ...]:
    """Texts of 4 096 and captions of 1 024 UTF-16 units, 32 768 bytes with tags and addresses, 100 buttons."""
    return parts_of(outgoing, RULES)


def shown(outgoing: OutgoingMessage) -> list[str]:
    """Buttons in their rows."""
    return lines(outgoing, lines_of(outgoing))


def send(
    call: Call,
    chat_id: str,
    outgoing: OutgoingMessage,
    file: OutgoingFile | None,
    row_id: str,
    reply_to: str | None = None,
) -> Sent:
    """One message; Telegram has no place for ``row_id``."""
    values = _values(chat_id, outgoing, reply_to)
    if outgoing.attachment is None:
        values |= {"text": text_of(outgoing), "parse_mode": "HTML"}
        return Sent(_reference(ask(call, "sendMessage", values)))
    if file is None:
        raise Rejected(Failure.FILE_MISSING)
    if outgoing.text:
        values |= {"caption": text_of(outgoing), "parse_mode": "HTML"}
    return _send_file(call, _field(outgoing.attachment.kind, file), values, file)


def acknowledge(call: Call, callback: str | None, text: str | None = None) -> None:
    """Stop the button's waiting sign; one that is answered or too old is fine."""
    if callback is None:
        return
    try:
        ask(call, "answerCallbackQuery", {"callback_query_id": callback} | ({"text": text[:_TOAST]} if text else {}))
    except Rejected as refusal:
        if not any(words in refusal.detail.lower() for words in _OVER):
            raise


def _values(chat_id: str, outgoing: OutgoingMessage, reply_to: str | None) -> Payload:
    values: Payload = {"chat_id": chat_id}
    markup = keyboard(outgoing)
    if markup:
        values["reply_markup"] = markup
    if reply_to and reply_to.isascii() and reply_to.isdigit():
        values["reply_parameters"] = {"message_id": int(reply_to), "allow_sending_without_reply": True}
    return values


def _field(kind: FileKind, file: OutgoingFile) -> str:
    field = _FIELDS.get(kind) or kind.value
    is_taken = file.content_type.lower().startswith(_TAKEN[field])
    if field == "photo" and file.size > _PHOTO_BYTES:
        is_taken = False
    return field if is_taken else "document"


def _send_file(call: Call, field: str, values: Payload, file: OutgoingFile) -> Sent:
    """By the id of an earlier upload where there is one that still counts, else with the bytes."""
    if file.platform_file_id:
        known, _, reference = file.platform_file_id.rpartition("|")
        known = known if known in _ALL_FIELDS else field
        try:
            result = ask(call, _method(known), values | {known: reference})
            return Sent(_reference(result), file.platform_file_id)
        except Rejected as refusal:
            if refusal.code != Failure.FILE_UNKNOWN:
                raise
    if rule_for(FILES, file.content_type, file.size) is None:
        raise Rejected(Failure.FILE_TOO_LARGE)
    try:
        return _upload(call, field, field, values, file)
    except Rejected as refusal:
        if field == "document" or refusal.code not in (Failure.FILE_TYPE_REFUSED, Failure.FILE_TOO_LARGE):
            raise
    return _upload(call, "document", field, values, file)


def _upload(call: Call, field: str, wanted: str, values: Payload, file: OutgoingFile) -> Sent:
    parts = {field: (file.name or "file", file.data(), file.content_type or "application/octet-stream")}
    result = mapping(ask(call, _method(field), values, parts))
    return Sent(_reference(result), _uploaded(result, wanted))


def _uploaded(result: Mapping[str, object], wanted: str) -> str | None:
    """The file's id, which is good for one kind of message alone: led by that kind where it is not the wanted one."""
    for field in (wanted, *_ALL_FIELDS):
        found = objects(result.get(field))[-1:] if field == "photo" else [mapping(result.get(field))]
        reference = word(found[0].get("file_id"), 500) if found else ""
        if reference:
            return reference if field == wanted else f"{field}|{reference}"
    return None


def _method(field: str) -> str:
    return f"send{field.capitalize()}"


def _reference(result: object) -> str:
    return identity(mapping(result).get("message_id")) or ""
