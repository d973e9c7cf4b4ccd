"""What people do on Viber: events, understood, and files."""

from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from portal.messaging.events import (
    Blocked,
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
from portal.messaging.news import Happened
from portal.messengers.call import Call
from portal.messengers.errors import Rejected, Unavailable
from portal.messengers.fields import normalised
from portal.messengers.payload_fields import (
    Payload,
    degrees,
    identity,
    kept,
    key_of,
    mapping,
    moment,
    size_of,
    unknown,
    whole,
    word,
    words,
)
from portal.messengers.readable import cut, everything, label, lines, passage, remarks
from portal.messengers.results import Fetched
from portal.messengers.viber.fields import FIELDS
from portal.messengers.viber.markers import marker_in, opened
from portal.messengers.viber.welcome import is_new

WANTED = ("delivered", "seen", "failed", "subscribed", "unsubscribed", "conversation_started")
_KINDS = {
    "message": UpdateKind.MESSAGE,
    "conversation_started": UpdateKind.OPENED,
    "subscribed": UpdateKind.OPENED,
    "unsubscribed": UpdateKind.BLOCKED,
    "delivered": UpdateKind.RECEIPT,
    "seen": UpdateKind.RECEIPT,
    "failed": UpdateKind.RECEIPT,
}


def read_update(payload: object, token: str) -> Update:
    """One delivery is one event."""
    data = mapping(payload)
    event, reference = word(data.get("event"), 40), identity(data.get("message_token"))
    if not event or reference is None:
        return unknown(payload)
    person = person_of(data)
    kind = _kind(data, event, token, person) if person else UpdateKind.UNKNOWN
    chat_id = person if kind is not UpdateKind.UNKNOWN else None
    position = whole(data.get("timestamp")) or 0
    return Update(key_of(reference, event, person or ""), kind, kept(data), chat_id, position)


def person_of(data: Payload) -> str | None:
    """The id of whom an event is about, which is the chat's as well."""
    found = (mapping(data.get("sender")).get("id"), mapping(data.get("user")).get("id"), data.get("user_id"))
    return next((chat_id for each in found if (chat_id := identity(each))), None)


def _kind(data: Payload, event: str, token: str, person: str) -> UpdateKind:
    message = mapping(data.get("message"))
    if event == "message" and message.get("type") == "text" and opened(message.get("text"), token, person):
        return UpdateKind.PRESS
    # What nobody told us of is news of somebody, and shown.
    return _KINDS.get(event, UpdateKind.NEWS)


_FILES = {"picture": FileKind.IMAGE, "video": FileKind.VIDEO, "file": FileKind.DOCUMENT}
_STATES = {"delivered": MessageState.DELIVERED, "seen": MessageState.READ, "failed": MessageState.FAILED}
_MAX_ADDRESS = 2000
_MAX_PAYLOAD = 500


def read_updates(payload: object, values: Mapping[str, object]) -> list[Update]:
    """One delivery is one event."""
    return [read_update(payload, normalised(FIELDS, values)["auth_token"])]


def read_event(payload: Mapping[str, object], kind: UpdateKind) -> InboundEvent | None:
    """The event of an update, or None."""
    data = dict(payload)
    event = _event(data, kind)
    if event is None:
        return None
    user = mapping(data.get("sender")) or mapping(data.get("user"))
    person = Person(word(user.get("name")), language=word(user.get("language"), 20))
    is_message = kind in (UpdateKind.MESSAGE, UpdateKind.PRESS)
    reference = identity(data.get("message_token")) if is_message else None
    lacking = cut(mapping(data.get("message")).get("text")) if kind is UpdateKind.MESSAGE else None
    return InboundEvent(event, person, reference, _moment(data), remarks(cut=lacking))


def _event(data: Payload, kind: UpdateKind) -> Event | None:
    match kind:
        case UpdateKind.MESSAGE:
            return _message(mapping(data.get("message")))
        case UpdateKind.PRESS:
            return Pressed(marker_in(words(mapping(data.get("message")).get("text"))))
        case UpdateKind.OPENED:
            return Opened(words(data.get("context"), _MAX_PAYLOAD), can_be_answered=not is_new(data))
        case UpdateKind.BLOCKED:
            return Blocked()
        case UpdateKind.NEWS:
            return Happened(label(data.get("event"), 60), _words_in(data))
        case UpdateKind.RECEIPT:
            return _receipt(data)
    return None


def _words_in(data: Payload) -> str:
    """What people read in an event of a kind that nobody told us of; who it is stands beside it anyway."""
    return everything({key: value for key, value in data.items() if key not in ("sender", "user")})


def _message(message: Payload) -> Event:
    name = word(message.get("type"), 40)
    read = _TYPES.get(name)
    found = read(message) if read else None
    return found or Unsupported(label(name, 40), _text_in(name, message))


def _text_in(name: str, message: Payload) -> str:
    """A sticker is a picture without words."""
    return lines(message.get("text")) if name == "sticker" else everything(message)


def _file(message: Payload) -> SentFile | None:
    kind = _FILES[word(message.get("type"), 40)]
    address = words(message.get("media"), _MAX_ADDRESS)
    if not address:
        return None
    size = size_of(message.get("size"))
    return SentFile(kind, address, label(message.get("file_name")), "", size, passage(message.get("text")))


def _contact(message: Payload) -> SharedContact | None:
    """Viber does not say whose card it is."""
    card = mapping(message.get("contact"))
    phone = word(card.get("phone_number"), 40)
    return SharedContact(phone, word(card.get("name"))) if phone else None


def _place(message: Payload) -> SharedLocation | None:
    place = mapping(message.get("location"))
    latitude, longitude = degrees(place.get("lat"), 90), degrees(place.get("lon"), 180)
    if latitude is None or longitude is None:
        return None
    return SharedLocation(latitude, longitude, lines(place.get("name"), place.get("address"), message.get("text")))


_TYPES: Mapping[str, Callable[[Payload], Event | None]] = {
    "text": lambda message: Typed(passage(message.get("text"))),
    "url": lambda message: Typed(lines(words(message.get("media"), _MAX_ADDRESS), message.get("text"))),
    **dict.fromkeys(_FILES, _file),
    "contact": _contact,
    "location": _place,
}
# Every kind of message and of event that is read.
KINDS = frozenset({*_TYPES, "sticker"})
EVENTS = frozenset(_KINDS)


def _receipt(data: Payload) -> Receipt | None:
    reference, state = identity(data.get("message_token")), _STATES.get(word(data.get("event"), 40))
    if reference is None or state is None:
        return None
    return Receipt(reference, state, error=Failure.UNDELIVERABLE if state is MessageState.FAILED else None)


def _moment(data: Payload) -> datetime | None:
    milliseconds = whole(data.get("timestamp"))
    return moment(milliseconds // 1000) if milliseconds is not None else None


def fetch(call: Call, reference: str, cap: int) -> Fetched:
    """A file by its address, which needs no credentials."""
    answer = call.download(reference, cap)
    if answer.status >= 500:
        raise Unavailable(Failure.PLATFORM_DOWN)
    if answer.status != 200:
        raise Rejected(Failure.FILE_UNKNOWN)
    content_type = word(answer.headers.get("content-type", ""), 100)
    return Fetched(answer.body, content_type, word(urlsplit(reference).path.rpartition("/")[2]))
