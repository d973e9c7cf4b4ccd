"""Stored messages and statuses, understood."""

from collections.abc import Mapping
from typing import Any

from portal.messaging.events import (
    Arrival,
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
from portal.messengers.payload_fields import degrees, mapping, moment, objects, size_of, whole, word, words
from portal.messengers.whatsapp.refusals import code_of
from portal.messengers.whatsapp.updates import FILES, pressed_of

_STATES = {
    "sent": MessageState.SENT,
    "delivered": MessageState.DELIVERED,
    "read": MessageState.READ,
    "played": MessageState.READ,
    "failed": MessageState.FAILED,
}


def read_arrival(payload: Mapping[str, Any], kind: UpdateKind) -> Arrival | None:
    """The event of an update, or None."""
    if kind is UpdateKind.RECEIPT:
        return _receipt(mapping(payload.get("status")))
    if kind not in (UpdateKind.MESSAGE, UpdateKind.PRESS, UpdateKind.OPENED):
        return None
    message = mapping(payload.get("message"))
    event = _pressed(message) if kind is UpdateKind.PRESS else _event(message, word(message.get("type"), 60))
    name = word(mapping(mapping(payload.get("contact")).get("profile")).get("name"))
    sent_at = moment(message.get("timestamp"))
    return Arrival(event, Person(name), word(message.get("id")) or None, sent_at)


def _pressed(message: dict[str, Any]) -> Event:
    reply = pressed_of(message)
    label = word(reply.get("title"))
    carrier = word(mapping(message.get("context")).get("id")) or None
    return Pressed(words(reply.get("id"), 256), label, carrier)


def _event(message: dict[str, Any], name: str) -> Event:
    content = mapping(message.get(name))
    if name == "text":
        return Typed(words(content.get("body")))
    if name == "button":
        # The quick reply of a template: its payload is another tool's, its text is what the person sees.
        return Typed(words(content.get("text")))
    if name == "request_welcome":
        return Opened()
    found: Event | None = None
    if name in FILES:
        found = _file(name, content)
    elif name == "contacts":
        found = _contact(message)
    elif name == "location":
        found = _place(content)
    return found or Unsupported(name or "message")


def _file(name: str, content: dict[str, Any]) -> SentFile | None:
    reference = word(content.get("id"))
    kind = FileKind.VOICE if name == "audio" and content.get("voice") is True else FileKind(name)
    return (
        SentFile(
            kind,
            reference,
            word(content.get("filename")),
            word(content.get("mime_type"), 100),
            size_of(content.get("file_size")),
            words(content.get("caption")),
        )
        if reference
        else None
    )


def _contact(message: dict[str, Any]) -> SharedContact | None:
    """The first card; its own one is told by the account that the number belongs to."""
    card = next(iter(objects(message.get("contacts"))), {})
    phone = next(iter(objects(card.get("phones"))), {})
    number = word(phone.get("phone"), 40)
    sender = word(message.get("from"), 40)
    is_own = bool(sender) and phone.get("wa_id") == sender == "".join(filter(str.isdigit, number))
    return SharedContact(number, word(mapping(card.get("name")).get("formatted_name")), is_own) if number else None


def _place(content: dict[str, Any]) -> SharedLocation | None:
    latitude, longitude = degrees(content.get("latitude"), 90), degrees(content.get("longitude"), 180)
    return SharedLocation(latitude, longitude) if latitude is not None and longitude is not None else None


def _receipt(status: dict[str, Any]) -> Arrival | None:
    reference, state = word(status.get("id")), _STATES.get(word(status.get("status"), 40))
    if not reference or state is None:
        return None
    row_id = word(status.get("biz_opaque_callback_data")) or None
    number = next((whole(each.get("code")) for each in objects(status.get("errors"))), None)
    error = code_of(number) if state is MessageState.FAILED else None
    return Arrival(Receipt(reference, state, row_id, error), sent_at=moment(status.get("timestamp")))
