"""Messages and files on their way to Viber, which fetches files by their address."""

from typing import Any

from portal.messaging.events import FileKind, Utterance
from portal.messengers.calls import Call
from portal.messengers.errors import Rejected, Throttled, Unavailable, Unclear
from portal.messengers.payload_fields import identity
from portal.messengers.results import OutgoingFile, Sent
from portal.messengers.viber.api import ask
from portal.messengers.viber.rendering import MIN_API_VERSION, keyboard, text_of

_MIB = 1024 * 1024
_PICTURES, _PICTURE_BYTES = ("image/jpeg", "image/png"), _MIB
_VIDEOS, _VIDEO_BYTES = ("video/mp4",), 26 * _MIB
_MOST_BYTES = 50 * _MIB
_SENDER = 28
_FILE_NAME = 256


def send(call: Call, chat_id: str, utterance: Utterance, file: OutgoingFile | None) -> Sent:
    """One message."""
    message: dict[str, Any] = {"receiver": chat_id, "sender": {"name": call.values["sender_name"][:_SENDER]}}
    text = text_of(utterance)
    if utterance.attachment is None:
        return _post(call, message | _keyed(call, chat_id, utterance) | {"type": "text", "text": text})
    if file is None:
        raise Rejected("file_missing")
    content = _content(utterance.attachment.kind, file, text)
    if text.strip() and "text" not in content:
        # What goes as a file cannot carry words.
        _post(call, message | {"type": "text", "text": text})
        return _after_words(call, message | _keyed(call, chat_id, utterance) | content)
    return _post(call, message | _keyed(call, chat_id, utterance) | content)


def _after_words(call: Call, message: dict[str, Any]) -> Sent:
    """The words are there already: when all of it is sent again they may come twice, and that is said."""
    try:
        return _post(call, message)
    except (Throttled, Unavailable) as error:
        raise Unclear(error.code, error.detail) from None


def _keyed(call: Call, chat_id: str, utterance: Utterance) -> dict[str, Any]:
    found = keyboard(utterance, call.values["auth_token"], chat_id)
    return {"keyboard": found, "min_api_version": MIN_API_VERSION} if found else {}


def _content(kind: FileKind, file: OutgoingFile, text: str) -> dict[str, Any]:
    if not file.public_url:
        raise Rejected("no_public_address")
    content_type = file.content_type.lower().partition(";")[0].strip()
    if kind is FileKind.IMAGE and content_type in _PICTURES and file.size <= _PICTURE_BYTES:
        return {"type": "picture", "text": text, "media": file.public_url}
    if content_type in _VIDEOS and file.size <= _VIDEO_BYTES and kind is not FileKind.DOCUMENT:
        return {"type": "video", "media": file.public_url, "size": file.size}
    if file.size > _MOST_BYTES:
        raise Rejected("file_too_large")
    name = (file.name or "file")[-_FILE_NAME:]
    return {"type": "file", "media": file.public_url, "size": file.size, "file_name": name}


def _post(call: Call, message: dict[str, Any]) -> Sent:
    return Sent(identity(ask(call, "send_message", message).get("message_token")) or "")
