"""Stored events, understood."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.messaging.events import (
    Arrival,
    Blocked,
    Event,
    FileKind,
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
    UpdateKind,
)
from portal.messengers.payload_fields import degrees, identity, mapping, moment, size_of, whole, word, words
from portal.messengers.viber.markers import marker_in

_FILES = {"picture": FileKind.IMAGE, "video": FileKind.VIDEO, "file": FileKind.DOCUMENT}
_STATES = {"delivered": MessageState.DELIVERED, "seen": MessageState.READ, "failed": MessageState.FAILED}
_LONGEST_ADDRESS = 2000
_LONGEST_PAYLOAD = 500


def read_arrival(payload: Mapping[str, Any], kind: UpdateKind) -> Arrival | None:
    """The event of an update, or None."""
    data = dict(payload)
    event = _event(data, kind)
    if event is None:
        return None
    user = mapping(data.get("sender")) or mapping(data.get("user"))
    person = Person(word(user.get("name")), language=word(user.get("language"), 20))
    is_message = kind in (UpdateKind.MESSAGE, UpdateKind.PRESS)
    reference = identity(data.get("message_token")) if is_message else None
    return Arrival(event, person, reference, _moment(data))


def _event(data: dict[str, Any], kind: UpdateKind) -> Event | None:
    match kind:
        case UpdateKind.MESSAGE:
            return _message(mapping(data.get("message")))
        case UpdateKind.PRESS:
            return Pressed(marker_in(words(mapping(data.get("message")).get("text"))))
        case UpdateKind.OPENED:
            return Opened(words(data.get("context"), _LONGEST_PAYLOAD))
        case UpdateKind.BLOCKED:
            return Blocked()
        case UpdateKind.RECEIPT:
            return _receipt(data)
    return None


def _message(message: dict[str, Any]) -> Event:
    name = word(message.get("type"), 40)
    found: Event | None = None
    if name == "text":
        return Typed(words(message.get("text")))
    if name == "url":
        return Typed(words(message.get("media"), _LONGEST_ADDRESS))
    if name in _FILES:
        found = _file(_FILES[name], message)
    elif name == "contact":
        found = _contact(mapping(message.get("contact")))
    elif name == "location":
        found = _place(mapping(message.get("location")))
    return found or Unsupported(name or "message")


def _file(kind: FileKind, message: dict[str, Any]) -> SentFile | None:
    address = words(message.get("media"), _LONGEST_ADDRESS)
    if not address:
        return None
    size = size_of(message.get("size"))
    return SentFile(kind, address, word(message.get("file_name")), "", size, words(message.get("text")))


def _contact(card: dict[str, Any]) -> SharedContact | None:
    """Viber does not say whose card it is."""
    phone = word(card.get("phone_number"), 40)
    return SharedContact(phone, word(card.get("name"))) if phone else None


def _place(place: dict[str, Any]) -> SharedLocation | None:
    latitude, longitude = degrees(place.get("lat"), 90), degrees(place.get("lon"), 180)
    return SharedLocation(latitude, longitude) if latitude is not None and longitude is not None else None


def _receipt(data: dict[str, Any]) -> Receipt | None:
    reference, state = identity(data.get("message_token")), _STATES.get(word(data.get("event"), 40))
    if reference is None or state is None:
        return None
    return Receipt(reference, state, error="undeliverable" if state is MessageState.FAILED else None)


def _moment(data: dict[str, Any]) -> datetime | None:
    milliseconds = whole(data.get("timestamp"))
    return moment(milliseconds // 1000) if milliseconds is not None else None
