"""What people do on WhatsApp: messages and statuses, understood, and files."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from portal.messaging.events import (
    Edited,
    Event,
    FileKind,
    InboundEvent,
    MessageState,
    Opened,
    Person,
    Pressed,
    Receipt,
    SentFile,
    SharedContact,
    SharedLocation,
    Typed,
    Unsupported,
    Update,
    UpdateKind,
)
from portal.messaging.failures import Failure
from portal.messaging.news import Happened, Moved, Reaction, Withdrawn
from portal.messengers.call import Call
from portal.messengers.errors import Rejected, Unavailable
from portal.messengers.fields import normalised
from portal.messengers.payload_fields import (
    Payload,
    degrees,
    identity,
    mapping,
    moment,
    objects,
    size_of,
    whole,
    word,
    words,
)
from portal.messengers.readable import label, lines, passage
from portal.messengers.results import Fetched
from portal.messengers.whatsapp.api import ask, code_of, failure
from portal.messengers.whatsapp.contents import FILES, UNREAD, call_told, cards, name_in, remarks_of, text_in
from portal.messengers.whatsapp.fields import FIELDS
from portal.messengers.whatsapp.updates import NEWS, pressed_of, updates_of, user_id

# The token is sent to these and to the server of the configuration, and nowhere else.
_HOSTS = ("facebook.com", "fbsbx.com", "fbcdn.net", "whatsapp.net", "whatsapp.com")

_STATES = {
    "sent": MessageState.SENT,
    "delivered": MessageState.DELIVERED,
    "read": MessageState.READ,
    "played": MessageState.READ,
    "failed": MessageState.FAILED,
}


def read_updates(payload: object, values: Mapping[str, object]) -> list[Update]:
    """Messages and statuses, of our number and of others that share the app."""
    return updates_of(payload, normalised(FIELDS, values)["phone_number_id"])


def read_event(payload: Mapping[str, object], kind: UpdateKind) -> InboundEvent | None:
    """The event of an update, or None."""
    if kind is UpdateKind.RECEIPT:
        return _receipt(mapping(payload.get("status")))
    if kind in (UpdateKind.UNKNOWN, UpdateKind.BLOCKED, UpdateKind.UNBLOCKED):
        return None
    message, told = mapping(payload.get("message")), _told_of(payload)
    event = told[0] if told else _said(message, kind)
    sent_at = moment((told[1] if told else message).get("timestamp"))
    person, reference = _person(mapping(payload.get("contact"))), word(message.get("id")) or None
    quoted = None if kind is UpdateKind.PRESS else word(mapping(message.get("context")).get("id")) or None
    return InboundEvent(event, person, reference, sent_at, remarks_of(message), quoted)


def _person(contact: Payload) -> Person:
    profile = mapping(contact.get("profile"))
    return Person(word(profile.get("name")), word(profile.get("username") or contact.get("username"), 100))


def _told_of(payload: Mapping[str, object]) -> tuple[Event, Payload] | None:
    """What is told apart from messages, with the object that tells it."""
    call, preference = mapping(payload.get("call")), mapping(payload.get("preference"))
    if call:
        return Happened(*call_told(call)), call
    if preference:
        said = lines(preference.get("detail") or preference.get("value"))
        return Happened("user_preferences", said), preference
    return None


def _said(message: Payload, kind: UpdateKind) -> Event:
    name = word(message.get("type"), 60)
    if kind is UpdateKind.PRESS:
        return _pressed(message)
    if kind is UpdateKind.EDITED:
        return _edited(mapping(message.get("edit")))
    return _news(message, name) if kind is UpdateKind.NEWS else _event(message, name)


def _news(message: Payload, name: str) -> Event:
    content = mapping(message.get(name))
    if name == "reaction":
        return Reaction(word(content.get("message_id")), label(content.get("emoji")))
    if name == "system":
        return _moved(content, text_in(name, message))
    if name == "revoke":
        return Withdrawn(word(content.get("original_message_id")))
    return Happened(name_in(name, message), text_in(name, message))


def _moved(system: Payload, told: str) -> Event:
    """Another number or another user id; what else Meta may note moves nobody."""
    phone, person = identity(system.get("wa_id")) or "", user_id(system.get("user_id")) or ""
    former = user_id(system.get("previous_user_id")) or ""
    return Moved(told, phone, person, former) if phone or person else Happened("system", told)


def _edited(edit: Payload) -> Edited:
    """The new words of an earlier message, of a file its caption."""
    changed = mapping(edit.get("message"))
    name = word(changed.get("type"), 60)
    content = mapping(changed.get(name))
    said = passage(content.get("body") if name == "text" else content.get("caption"))
    return Edited(word(edit.get("original_message_id")), said, "" if name == "text" else label(name, 60))


def _pressed(message: Payload) -> Event:
    reply = pressed_of(message)
    carrier = word(mapping(message.get("context")).get("id")) or None
    return Pressed(words(reply.get("id"), 256), label(reply.get("title")), carrier)


def _event(message: Payload, name: str) -> Event:
    read = _TYPES.get(name)
    found = read(message, mapping(message.get(name))) if read else None
    return found or Unsupported(name_in(name, message), text_in(name, message))


def _file(message: Payload, content: Payload) -> SentFile | None:
    reference, name = word(content.get("id")), word(message.get("type"), 60)
    kind = FileKind.VOICE if name == "audio" and content.get("voice") is True else FileKind(name)
    return (
        SentFile(
            kind,
            reference,
            label(content.get("filename")),
            word(content.get("mime_type"), 100),
            size_of(content.get("file_size")),
            passage(content.get("caption")),
        )
        if reference
        else None
    )


def _contact(message: Payload, _content: Payload) -> SharedContact | None:
    """The first number of the first card that has one, and all cards as people read them."""
    found = [(card, phone) for card in objects(message.get("contacts")) for phone in objects(card.get("phones"))]
    card, phone = next(iter(found), ({}, {}))
    number, name = word(phone.get("phone"), 40), word(mapping(card.get("name")).get("formatted_name"))
    sender = word(message.get("from"), 40)
    # Its own one is told by the account that the number belongs to.
    is_own = bool(sender) and phone.get("wa_id") == sender == "".join(filter(str.isdigit, number))
    told = cards(message)
    return SharedContact(number, name, is_own, "" if told == lines(name, number) else told) if number else None


def _place(_message: Payload, content: Payload) -> SharedLocation | None:
    latitude, longitude = degrees(content.get("latitude"), 90), degrees(content.get("longitude"), 180)
    if latitude is None or longitude is None:
        return None
    return SharedLocation(latitude, longitude, lines(*(content.get(key) for key in ("name", "address", "url"))))


_TYPES: Mapping[str, Callable[[Payload, Payload], Event | None]] = {
    "text": lambda _message, content: Typed(passage(content.get("body"))),
    # The quick reply of a template: its payload is another tool's, its text is what the person sees.
    "button": lambda _message, content: Typed(passage(content.get("text"))),
    "request_welcome": lambda _message, _content: Opened(),
    **dict.fromkeys(FILES, _file),
    "contacts": _contact,
    "location": _place,
}
# Every kind of message that is read, those among them that no question takes and that nobody said.
KINDS = frozenset({*_TYPES, *UNREAD, *NEWS, "edit"})


def _receipt(status: Payload) -> InboundEvent | None:
    reference, state = word(status.get("id")), _STATES.get(word(status.get("status"), 40))
    if not reference or state is None:
        return None
    row_id = word(status.get("biz_opaque_callback_data")) or None
    number = next((whole(each.get("code")) for each in objects(status.get("errors"))), None)
    error = code_of(number) if state is MessageState.FAILED else None
    return InboundEvent(Receipt(reference, state, row_id, error), sent_at=moment(status.get("timestamp")))


def fetch(call: Call, reference: str, cap: int) -> Fetched:
    """The address, good for five minutes, then the file with the token."""
    if not reference.isascii() or not reference.isalnum():
        raise Rejected(Failure.FILE_UNKNOWN)
    found = _facts_of(call, reference)
    size, url = size_of(found.get("file_size")), words(found.get("url"), 2000)
    if size is not None and size > cap:
        raise Rejected(Failure.FILE_TOO_LARGE)
    if not url:
        raise Rejected(Failure.FILE_UNKNOWN)
    if not is_of_meta(call, url):
        raise Rejected(Failure.FILE_ADDRESS_REFUSED)
    answer = call.download(url, cap, token=call.values["access_token"])
    if answer.status >= 500:
        raise Unavailable(Failure.PLATFORM_DOWN)
    if answer.status == 404:
        raise Rejected(Failure.FILE_UNKNOWN)
    if answer.status != 200:
        raise failure(call, answer)
    return Fetched(answer.body, word(found.get("mime_type"), 100))


def _facts_of(call: Call, reference: str) -> Payload:
    try:
        return ask(call, "GET", reference)
    except Rejected as refusal:
        is_gone = refusal.code in (Failure.NUMBER_UNKNOWN, Failure.REJECTED)
        detail = refusal.detail
        if not is_gone:
            raise
    raise Rejected(Failure.FILE_UNKNOWN, detail)


def is_of_meta(call: Call, url: str) -> bool:
    """Whether the token may go there."""
    try:
        parts = urlsplit(url)
        host, is_plain = (parts.hostname or "").lower(), not parts.username and not parts.password
    except ValueError:
        return False
    is_theirs = any(host == each or host.endswith(f".{each}") for each in _HOSTS)
    return call.is_own(url) or (parts.scheme == "https" and is_theirs and is_plain)
