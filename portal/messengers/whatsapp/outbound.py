"""Messages and files on their way to WhatsApp."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from portal.messaging.events import Attachment, ButtonRequest, Choice, FileKind, OutgoingMessage, TextSpan
from portal.messaging.failures import Failure
from portal.messengers.button_labels import list_label, one_line
from portal.messengers.call import Call
from portal.messengers.errors import Rejected, Unavailable, Unclear
from portal.messengers.file_rules import MEBIBYTE, FileRule, plain_type, rule_for
from portal.messengers.markup import runs_of, signs
from portal.messengers.payload_fields import Payload, objects, word
from portal.messengers.results import OutgoingFile, Sent
from portal.messengers.splitting import Rules, beginning, parts_of, utf16
from portal.messengers.terminal import lines
from portal.messengers.whatsapp.api import ask, number_path
from portal.messengers.whatsapp.updates import user_id

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
BODY_LIMIT = 1024
MAX_BUTTONS = 3
MAX_ROWS = 10
TITLE = 20
ROW_TITLE = 24
ROW_DESCRIPTION = 72
_WITHOUT_CAPTION = (FileKind.AUDIO, FileKind.VOICE)


def label_of(choice: Choice) -> str:
    """What a button says, in one line."""
    return one_line(choice.label)


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
    return beginning(label, longest - 1).rstrip() + "…"


def lines_of(outgoing: OutgoingMessage) -> Iterator[str]:
    """The buttons for a terminal."""
    if outgoing.choices and are_buttons(outgoing.choices):
        yield from (f"[{label_of(choice)}]" for choice in outgoing.choices)
    elif outgoing.choices:
        yield f"[≡ {list_label(outgoing)}]"
        for number, choice in enumerate(outgoing.choices, 1):
            shown = row(choice)
            yield f"  {number}. " + " — ".join(shown.values())


_OFFICE = "application/vnd.openxmlformats-officedocument"
# Word, Excel and PowerPoint of before 2007 look alike from inside; Meta wants to be told which of them it is.
_OLD_OFFICE = "application/x-ole-storage"
_OLD_OFFICE_TYPES = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
}
# All that Meta lets be uploaded, but for stickers: it refuses anything else, as a document, too. Voice messages are
# sounds, and animations are no kind of theirs.
FILES = (
    FileRule("image", frozenset({"image/jpeg", "image/png"}), 5 * MEBIBYTE),
    FileRule("video", frozenset({"video/mp4", "video/3gpp"}), 16 * MEBIBYTE),
    FileRule(
        "audio",
        frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg", "audio/opus"}),
        16 * MEBIBYTE,
    ),
    FileRule(
        "document",
        frozenset({"application/pdf", "text/plain", _OLD_OFFICE, *_OLD_OFFICE_TYPES.values()})
        | {
            f"{_OFFICE}.{name}"
            for name in ("wordprocessingml.document", "spreadsheetml.sheet", "presentationml.presentation")
        },
        100 * MEBIBYTE,
    ),
)
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
        # People without a telephone number are addressed apart (``updates``): ``to`` takes an id of theirs for a
        # number, accepts the message and delivers it to nobody.
        "recipient" if user_id(chat_id) else "to": chat_id,
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
    rule = rule_for(FILES, file.content_type, file.size)
    if rule is None:
        return _send_link(call, message, outgoing, file)
    if file.platform_file_id:
        known, _, reference = file.platform_file_id.rpartition("|")
        try:
            reply = _post(call, message | _content(known or rule.name, reference, outgoing, attached, file))
            return Sent(reply, file.platform_file_id)
        except Rejected as refusal:
            if type(refusal) is not Rejected or refusal.code not in _GONE:
                raise
    try:
        reference = _upload(call, file)
        return Sent(_post(call, message | _content(rule.name, reference, outgoing, attached, file)), reference)
    except Rejected as refusal:
        if type(refusal) is not Rejected or refusal.code != Failure.FILE_TYPE_REFUSED:
            raise
    return _send_link(call, message, outgoing, file)


def _send_link(call: Call, message: Payload, outgoing: OutgoingMessage, file: OutgoingFile) -> Sent:
    """The words of a file that is not taken, with its address below them where it has one."""
    text = "\n\n".join(part for part in (text_of(outgoing).strip(), file.public_url) if part)
    if not text:
        raise Rejected(Failure.FILE_TYPE_REFUSED)
    return Sent(_post(call, message | {"type": "text", "text": {"body": text, "preview_url": False}}))


def _upload(call: Call, file: OutgoingFile) -> str:
    content_type = _upload_type(file)
    form = {"messaging_product": "whatsapp", "type": content_type}
    parts = {"file": (file.name or "file", file.data(), content_type)}
    try:
        reference = word(ask(call, "POST", number_path(call, "media"), data=form, files=parts).get("id"))
    except Unclear:
        reference = ""
    except Rejected as refusal:
        # Of a parameter that is wrong here Meta says the same as of any other.
        if type(refusal) is Rejected and refusal.code == Failure.REJECTED:
            raise Rejected(Failure.FILE_TYPE_REFUSED, refusal.detail) from None
        raise
    if not reference:
        # An upload that nobody points to is no message: it can be made again.
        raise Unavailable(Failure.ODD_ANSWER)
    return reference


def _upload_type(file: OutgoingFile) -> str:
    if plain_type(file.content_type) != _OLD_OFFICE:
        return file.content_type
    return _OLD_OFFICE_TYPES.get(file.name.rpartition(".")[2].lower(), _OLD_OFFICE_TYPES["doc"])


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
