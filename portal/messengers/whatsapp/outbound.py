"""Messages and files on their way to WhatsApp."""

from dataclasses import replace

from portal.messaging.events import Attachment, FileKind, OutgoingMessage, TextSpan
from portal.messaging.failures import Failure
from portal.messengers.call import Call
from portal.messengers.errors import Rejected, Unavailable, Unclear
from portal.messengers.payload_fields import Payload, objects, word
from portal.messengers.results import OutgoingFile, Sent
from portal.messengers.splitting import parts_of, utf16
from portal.messengers.terminal import lines
from portal.messengers.whatsapp.api import ask, number_path
from portal.messengers.whatsapp.rendering import (
    ROW_DESCRIPTION,
    RULES,
    label_of,
    lines_of,
    message_of,
    shortened,
    text_of,
)

_NAMES = {FileKind.ANIMATION: "video", FileKind.VOICE: "audio"}
_MIB = 1024 * 1024
# Content types that WhatsApp takes as such, and the most bytes; anything else goes as a document.
_TAKEN = {
    "image": (("image/jpeg", "image/png"), 5 * _MIB),
    "video": (("video/mp4", "video/3gpp"), 16 * _MIB),
    "audio": (("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), 16 * _MIB),
}
_MAX_BYTES = 100 * _MIB
# What Meta says of an upload that is gone: 131009 and 100 for the id, 131052 and 131053 for the file.
_GONE = (Failure.REJECTED, Failure.FILE_UNKNOWN, Failure.FILE_TYPE_REFUSED)


def parts(outgoing: OutgoingMessage) -> tuple[OutgoingMessage, ...]:
    """Texts of 4 096, captions and texts with buttons of 1 024, ten rows.

    Labels longer than a row can show are numbered and stand in the text in full.
    """
    if all(utf16(label_of(choice)) <= ROW_DESCRIPTION for choice in outgoing.choices):
        return parts_of(outgoing, RULES)
    labels = [f"{number}. {label_of(choice)}" for number, choice in enumerate(outgoing.choices, 1)]
    choices = tuple(
        replace(choice, label=shortened(label, ROW_DESCRIPTION))
        for choice, label in zip(outgoing.choices, labels, strict=True)
    )
    start = "\n\n" if outgoing.text.strip() else ""
    listed = TextSpan(start + "\n".join(labels), typed=True)
    return parts_of(replace(outgoing, spans=(*outgoing.spans, listed), choices=choices), RULES)


def shown(outgoing: OutgoingMessage) -> list[str]:
    """Buttons, or the list that opens."""
    return lines(outgoing, lines_of(outgoing))


def send(
    call: Call,
    chat_id: str,
    outgoing: OutgoingMessage,
    file: OutgoingFile | None,
    row_id: str,
    reply_to: str | None = None,
) -> Sent:
    """One message; the row's id comes back in its statuses."""
    message: Payload = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": chat_id,
        "biz_opaque_callback_data": row_id,
    }
    if reply_to:
        message["context"] = {"message_id": reply_to}
    if outgoing.attachment is None:
        return Sent(_post(call, message | message_of(outgoing)))
    if file is None:
        raise Rejected(Failure.FILE_MISSING)
    return _send_file(call, message, outgoing, outgoing.attachment, file)


def acknowledge(call: Call, callback: str | None, text: str | None = None) -> None:
    """A press waits for nothing on WhatsApp."""


def _send_file(
    call: Call, message: Payload, outgoing: OutgoingMessage, attached: Attachment, file: OutgoingFile
) -> Sent:
    name = _name(attached.kind, file)
    if file.platform_file_id:
        known, _, reference = file.platform_file_id.rpartition("|")
        try:
            reply = _post(call, message | _content(known or name, reference, outgoing, attached, file))
            return Sent(reply, file.platform_file_id)
        except Rejected as refusal:
            if type(refusal) is not Rejected or refusal.code not in _GONE:
                raise
    if file.size > _MAX_BYTES:
        raise Rejected(Failure.FILE_TOO_LARGE)
    try:
        return _upload_and_send(call, message, name, outgoing, attached, file)
    except Rejected as refusal:
        if name == "document" or refusal.code != Failure.FILE_TYPE_REFUSED:
            raise
    sent = _upload_and_send(call, message, "document", outgoing, attached, file)
    return Sent(sent.message_ref, f"document|{sent.file_ref}")


def _upload_and_send(
    call: Call, message: Payload, name: str, outgoing: OutgoingMessage, attached: Attachment, file: OutgoingFile
) -> Sent:
    reference = _upload(call, file, _type(name, file))
    return Sent(_post(call, message | _content(name, reference, outgoing, attached, file)), reference)


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
        raise Unavailable(Failure.ODD_ANSWER)
    return reference


def _name(kind: FileKind, file: OutgoingFile) -> str:
    name = _NAMES.get(kind) or kind.value
    types, most = _TAKEN.get(name, ((), 0))
    return name if file.content_type.lower().partition(";")[0].strip() in types and file.size <= most else "document"


def _content(name: str, reference: str, outgoing: OutgoingMessage, attached: Attachment, file: OutgoingFile) -> Payload:
    content: Payload = {"id": reference}
    if name == "document":
        content["filename"] = file.name or attached.key
    if outgoing.text.strip() and name != "audio":
        content["caption"] = text_of(outgoing)
    return {"type": name, name: content}


def _post(call: Call, message: Payload) -> str:
    answer = ask(call, "POST", number_path(call, "messages"), json=message)
    return next((word(each.get("id")) for each in objects(answer.get("messages"))), "")
