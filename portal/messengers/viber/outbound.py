"""Messages and files on their way to Viber, which fetches files by their address."""

from portal.messaging.events import FileKind, OutgoingMessage
from portal.messaging.failures import Failure
from portal.messengers.call import Call
from portal.messengers.errors import Rejected, Throttled, Unavailable, Unclear
from portal.messengers.payload_fields import Payload, identity
from portal.messengers.results import OutgoingFile, Sent
from portal.messengers.splitting import parts_of
from portal.messengers.terminal import lines
from portal.messengers.viber.api import ask
from portal.messengers.viber.rendering import MIN_API_VERSION, RULES, keyboard, lines_of, text_of

_MIB = 1024 * 1024
_PICTURES, _PICTURE_BYTES = ("image/jpeg", "image/png"), _MIB
_VIDEOS, _VIDEO_BYTES = ("video/mp4",), 26 * _MIB
_MAX_BYTES = 50 * _MIB
_SENDER = 28
_FILE_NAME = 256


def parts(outgoing: OutgoingMessage) -> tuple[OutgoingMessage, ...]:
    """Texts of 7 000 and captions of 512 UTF-16 units, 24 buttons."""
    return parts_of(outgoing, RULES)


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
    message: Payload = {"receiver": chat_id, "sender": {"name": call.values["sender_name"][:_SENDER]}}
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
    content_type = file.content_type.lower().partition(";")[0].strip()
    if kind is FileKind.IMAGE and content_type in _PICTURES and file.size <= _PICTURE_BYTES:
        return {"type": "picture", "text": text, "media": file.public_url}
    if content_type in _VIDEOS and file.size <= _VIDEO_BYTES and kind is not FileKind.DOCUMENT:
        return {"type": "video", "media": file.public_url, "size": file.size}
    if file.size > _MAX_BYTES:
        raise Rejected(Failure.FILE_TOO_LARGE)
    name = (file.name or "file")[-_FILE_NAME:]
    return {"type": "file", "media": file.public_url, "size": file.size, "file_name": name}


def _post(call: Call, message: Payload) -> Sent:
    return Sent(identity(ask(call, "send_message", message).get("message_token")) or "")
