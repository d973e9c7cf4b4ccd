"""Messages and files on their way to WhatsApp."""

from typing import Any

from portal.messaging.events import Attachment, FileKind, Utterance
from portal.messengers.calls import Call
from portal.messengers.errors import Rejected, Unavailable, Unclear
from portal.messengers.payload_fields import objects, word
from portal.messengers.results import OutgoingFile, Sent
from portal.messengers.whatsapp.api import ask, number_path
from portal.messengers.whatsapp.rendering import message_of, text_of

_NAMES = {FileKind.ANIMATION: "video", FileKind.VOICE: "audio"}
_MIB = 1024 * 1024
# Content types that WhatsApp takes as such, and the most bytes; anything else goes as a document.
_TAKEN = {
    "image": (("image/jpeg", "image/png"), 5 * _MIB),
    "video": (("video/mp4", "video/3gpp"), 16 * _MIB),
    "audio": (("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), 16 * _MIB),
}
_MOST_BYTES = 100 * _MIB
# What Meta says of an upload that is gone: 131009 and 100 for the id, 131052 and 131053 for the file.
_GONE = ("rejected", "file_unknown", "file_type_refused")


def send(
    call: Call, chat_id: str, utterance: Utterance, file: OutgoingFile | None, row_id: str, reply_to: str | None
) -> Sent:
    """One message; the row's id comes back in its statuses."""
    message = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": chat_id,
        "biz_opaque_callback_data": row_id,
    }
    if reply_to:
        message["context"] = {"message_id": reply_to}  # type: ignore[assignment]
    if utterance.attachment is None:
        return Sent(_post(call, message | message_of(utterance)))
    if file is None:
        raise Rejected("file_missing")
    return _send_file(call, message, utterance, utterance.attachment, file)


def _send_file(
    call: Call, message: dict[str, Any], utterance: Utterance, attached: Attachment, file: OutgoingFile
) -> Sent:
    name = _name(attached.kind, file)
    if file.platform_file_id:
        known, _, reference = file.platform_file_id.rpartition("|")
        try:
            reply = _post(call, message | _content(known or name, reference, utterance, attached, file))
            return Sent(reply, file.platform_file_id)
        except Rejected as refusal:
            if type(refusal) is not Rejected or refusal.code not in _GONE:
                raise
    if file.size > _MOST_BYTES:
        raise Rejected("file_too_large")
    try:
        return _upload_and_send(call, message, name, utterance, attached, file)
    except Rejected as refusal:
        if name == "document" or refusal.code != "file_type_refused":
            raise
    sent = _upload_and_send(call, message, "document", utterance, attached, file)
    return Sent(sent.message_ref, f"document|{sent.file_ref}")


def _upload_and_send(
    call: Call, message: dict[str, Any], name: str, utterance: Utterance, attached: Attachment, file: OutgoingFile
) -> Sent:
    reference = _upload(call, file, _type(name, file))
    return Sent(_post(call, message | _content(name, reference, utterance, attached, file)), reference)


def _type(name: str, file: OutgoingFile) -> str:
    """The content type of an upload: a document that is a picture, say, is one only without saying so."""
    is_plain = name != "document" or file.content_type.lower().startswith(("application/", "text/"))
    return file.content_type if is_plain else "application/octet-stream"


def _upload(call: Call, file: OutgoingFile, content_type: str) -> str:
    form = {"messaging_product": "whatsapp", "type": content_type}
    parts = {"file": (file.name or "file", file.data(), content_type)}
    try:
        reference = word(ask(call, "POST", number_path(call, "media"), data=form, files=parts).get("id"))
    except Unclear:
        reference = ""
    if not reference:
        # An upload that nobody points to is no message: it can be made again.
        raise Unavailable("odd_answer")
    return reference


def _name(kind: FileKind, file: OutgoingFile) -> str:
    name = _NAMES.get(kind) or kind.value
    types, most = _TAKEN.get(name, ((), 0))
    return name if file.content_type.lower().partition(";")[0].strip() in types and file.size <= most else "document"


def _content(
    name: str, reference: str, utterance: Utterance, attached: Attachment, file: OutgoingFile
) -> dict[str, Any]:
    content: dict[str, Any] = {"id": reference}
    if name == "document":
        content["filename"] = file.name or attached.key
    if utterance.text.strip() and name != "audio":
        content["caption"] = text_of(utterance)
    return {"type": name, name: content}


def _post(call: Call, message: dict[str, Any]) -> str:
    answer = ask(call, "POST", number_path(call, "messages"), json=message)
    return next((word(each.get("id")) for each in objects(answer.get("messages"))), "")
