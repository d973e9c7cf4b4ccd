"""Messages and files on their way to Telegram."""

import json
from collections.abc import Mapping
from typing import Any

from portal.messaging.events import FileKind, Utterance
from portal.messengers.calls import Call
from portal.messengers.errors import Rejected
from portal.messengers.payload_fields import identity, mapping, objects, word
from portal.messengers.results import OutgoingFile, Sent
from portal.messengers.telegram.api import ask
from portal.messengers.telegram.rendering import keyboard, text_of

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
_PHOTO_BYTES = 10 * 1024 * 1024
_MOST_BYTES = 50 * 1024 * 1024
_TOAST = 200
_OVER = ("query is too old", "query_id_invalid", "query id is invalid")


def send(
    call: Call, chat_id: str, utterance: Utterance, file: OutgoingFile | None, reply_to: str | None = None
) -> Sent:
    """One message."""
    values = _values(chat_id, utterance, reply_to)
    if utterance.attachment is None:
        values |= {"text": text_of(utterance), "parse_mode": "HTML"}
        return Sent(_reference(ask(call, "sendMessage", values)))
    if file is None:
        raise Rejected("file_missing")
    if utterance.text:
        values |= {"caption": text_of(utterance), "parse_mode": "HTML"}
    return _send_file(call, _field(utterance.attachment.kind, file), values, file)


def acknowledge(call: Call, callback: str | None, text: str | None) -> None:
    """Stop the button's waiting sign; one that is answered or too old is fine."""
    if callback is None:
        return
    try:
        ask(call, "answerCallbackQuery", {"callback_query_id": callback} | ({"text": text[:_TOAST]} if text else {}))
    except Rejected as refusal:
        if not any(words in refusal.detail.lower() for words in _OVER):
            raise


def _values(chat_id: str, utterance: Utterance, reply_to: str | None) -> dict[str, Any]:
    values: dict[str, Any] = {"chat_id": chat_id}
    markup = keyboard(utterance)
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


def _send_file(call: Call, field: str, values: dict[str, Any], file: OutgoingFile) -> Sent:
    """By the id of an earlier upload where there is one that still counts, else with the bytes."""
    if file.platform_file_id:
        known, _, reference = file.platform_file_id.rpartition("|")
        known = known if known in _ALL_FIELDS else field
        try:
            result = ask(call, _method(known), values | {known: reference})
            return Sent(_reference(result), file.platform_file_id)
        except Rejected as refusal:
            if refusal.code != "file_unknown":
                raise
    if file.size > _MOST_BYTES:
        raise Rejected("file_too_large")
    try:
        return _upload(call, field, field, values, file)
    except Rejected as refusal:
        if field == "document" or refusal.code not in ("file_type_refused", "file_too_large"):
            raise
    return _upload(call, "document", field, values, file)


def _upload(call: Call, field: str, wanted: str, values: dict[str, Any], file: OutgoingFile) -> Sent:
    parts = {field: (file.name or "file", file.data(), file.content_type or "application/octet-stream")}
    result = mapping(ask(call, _method(field), _as_form(values), parts))
    return Sent(_reference(result), _uploaded(result, wanted))


def _uploaded(result: Mapping[str, Any], wanted: str) -> str | None:
    """The file's id, which is good for one kind of message alone: led by that kind where it is not the wanted one."""
    for field in (wanted, *_ALL_FIELDS):
        found = objects(result.get(field))[-1:] if field == "photo" else [mapping(result.get(field))]
        reference = word(found[0].get("file_id"), 500) if found else ""
        if reference:
            return reference if field == wanted else f"{field}|{reference}"
    return None


def _as_form(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}


def _method(field: str) -> str:
    return f"send{field.capitalize()}"


def _reference(result: Any) -> str:
    return identity(mapping(result).get("message_id")) or ""
