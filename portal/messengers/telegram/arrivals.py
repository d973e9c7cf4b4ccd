"""Stored updates, understood."""

from collections.abc import Callable, Mapping
from typing import Any

from portal.messaging.events import (
    Arrival,
    Blocked,
    Edited,
    Event,
    FileKind,
    Person,
    Pressed,
    SentFile,
    SharedContact,
    SharedLocation,
    Typed,
    Unblocked,
    Unsupported,
    UpdateKind,
)
from portal.messengers.payload_fields import (
    degrees,
    identity,
    items,
    mapping,
    moment,
    objects,
    size_of,
    whole,
    word,
    words,
)
from portal.messengers.telegram.updates import FILES, content_of

_LONGEST_REFERENCE = 500
_KINDS = {"photo": FileKind.IMAGE, "video_note": FileKind.VIDEO}
_TYPES = {"photo": "image/jpeg", "video_note": "video/mp4"}


def read_arrival(payload: Mapping[str, Any], kind: UpdateKind) -> Arrival | None:
    """The event of an update, or None."""
    read = _READERS.get(kind)
    return read(mapping(dict(payload))) if read else None


def _message(payload: dict[str, Any]) -> Arrival | None:
    message = mapping(payload.get("message"))
    name = content_of(message)
    if name is None:
        return None
    event = _event(name, message)
    return _arrival(event, message, moment(message.get("date")))


def _event(name: str, message: dict[str, Any]) -> Event:
    if name == "text":
        return Typed(words(message["text"]))
    if name in FILES:
        return _file(name, message) or Unsupported(name)
    if name == "contact":
        return _contact(message)
    if name in ("location", "venue"):
        return _place(message) or Unsupported(name)
    return Unsupported(name)


def _file(name: str, message: dict[str, Any]) -> SentFile | None:
    found = _largest(message["photo"]) if name == "photo" else mapping(message[name])
    reference = word(found.get("file_id"), _LONGEST_REFERENCE)
    if not reference:
        return None
    return SentFile(
        _KINDS.get(name) or FileKind(name),
        reference,
        word(found.get("file_name")),
        _TYPES.get(name) or word(found.get("mime_type"), 100),
        size_of(found.get("file_size")),
        words(message.get("caption")),
    )


def _largest(sizes: Any) -> dict[str, Any]:
    known = [size for size in objects(sizes) if word(size.get("file_id"), _LONGEST_REFERENCE)]
    return max(known, key=lambda size: (whole(size.get("width")) or 0) * (whole(size.get("height")) or 0), default={})


def _contact(message: dict[str, Any]) -> Event:
    contact = mapping(message["contact"])
    phone = word(contact.get("phone_number"), 40)
    owner, sender = identity(contact.get("user_id")), identity(mapping(message.get("from")).get("id"))
    return (
        SharedContact(phone, _name(contact), owner is not None and owner == sender) if phone else Unsupported("contact")
    )


def _place(message: dict[str, Any]) -> SharedLocation | None:
    place = mapping(message.get("location")) or mapping(mapping(message.get("venue")).get("location"))
    latitude, longitude = degrees(place.get("latitude"), 90), degrees(place.get("longitude"), 180)
    return SharedLocation(latitude, longitude) if latitude is not None and longitude is not None else None


def _edited(payload: dict[str, Any]) -> Arrival | None:
    message = mapping(payload.get("edited_message"))
    reference = identity(message.get("message_id"))
    if reference is None:
        return None
    event = Edited(reference, words(message.get("text") or message.get("caption")))
    return _arrival(event, message, moment(message.get("edit_date")))


def _pressed(payload: dict[str, Any]) -> Arrival | None:
    query = mapping(payload.get("callback_query"))
    message = mapping(query.get("message"))
    marker = words(query.get("data"), 64)
    event = Pressed(marker, _label(message, marker), identity(message.get("message_id")), identity(query.get("id")))
    return Arrival(event, _person(query.get("from")))


def _label(message: dict[str, Any], marker: str) -> str:
    rows = items(mapping(message.get("reply_markup")).get("inline_keyboard"))
    buttons = (button for row in rows for button in objects(row))
    return next((word(button.get("text")) for button in buttons if button.get("callback_data") == marker), "")


def _membership(event: Event) -> Callable[[dict[str, Any]], Arrival | None]:
    def read(payload: dict[str, Any]) -> Arrival:
        change = mapping(payload.get("my_chat_member"))
        return Arrival(event, _person(change.get("from")), sent_at=moment(change.get("date")))

    return read


def _arrival(event: Event, message: dict[str, Any], sent_at: Any) -> Arrival:
    return Arrival(event, _person(message.get("from")), identity(message.get("message_id")), sent_at)


def _person(found: Any) -> Person:
    user = mapping(found)
    return Person(_name(user), word(user.get("username"), 100), word(user.get("language_code"), 20))


def _name(user: dict[str, Any]) -> str:
    return word(" ".join(part for name in ("first_name", "last_name") if (part := word(user.get(name)))))


_READERS = {
    UpdateKind.MESSAGE: _message,
    UpdateKind.EDITED: _edited,
    UpdateKind.PRESS: _pressed,
    UpdateKind.BLOCKED: _membership(Blocked()),
    UpdateKind.UNBLOCKED: _membership(Unblocked()),
}
