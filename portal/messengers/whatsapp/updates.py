"""What Meta delivers: several messages and statuses at once. Facts: the Cloud API's webhook reference."""

from collections.abc import Iterator

from portal.messaging.events import Update, UpdateKind
from portal.messengers.payload_fields import Payload, identity, kept, key_of, mapping, objects, unknown, whole, word

FILES = ("image", "video", "audio", "document")
# Nobody said these: a reaction, a changed number, something taken back.
_NOT_SAID = ("reaction", "system", "edit", "revoke", "errors", "")
STATES = ("sent", "delivered", "read", "played", "failed")
_MAX_ID = 190


def updates_of(payload: object, own_number: str) -> list[Update]:
    """Every message and status of a delivery; what cannot be told apart is one update as a whole."""
    found = list(_updates(payload, own_number))
    return list({update.dedupe_key: update for update in found}.values()) or [unknown(payload)]


def pressed_of(message: Payload) -> Payload:
    """The button or row that an interactive answer names, or nothing."""
    reply = mapping(message.get("interactive"))
    return mapping(reply.get("button_reply")) or mapping(reply.get("list_reply"))


def _updates(payload: object, own_number: str) -> Iterator[Update]:
    for entry in objects(mapping(payload).get("entry")):
        for change in objects(entry.get("changes")):
            value = mapping(change.get("value"))
            number = identity(mapping(value.get("metadata")).get("phone_number_id"))
            route = number if number != own_number else None
            found = [*_messages(value, route), *_statuses(value, route)]
            yield from found or [unknown(change)]


def _messages(value: Payload, route: str | None) -> Iterator[Update]:
    contacts = {identity(each.get("wa_id")): each for each in objects(value.get("contacts"))}
    for message in objects(value.get("messages")):
        reference, chat_id = word(message.get("id"), _MAX_ID), identity(message.get("from"))
        if not reference or not chat_id:
            yield unknown(message)
            continue
        kind = _kind(message)
        payload = kept({"message": message, "contact": contacts.get(chat_id, {})})
        chat = chat_id if kind is not UpdateKind.UNKNOWN else None
        yield Update(key_of(reference), kind, payload, chat, whole(message.get("timestamp")) or 0, route)


def _kind(message: Payload) -> UpdateKind:
    name = word(message.get("type"), 60)
    if name in _NOT_SAID or message.get("group_id"):
        return UpdateKind.UNKNOWN
    if name == "request_welcome":
        return UpdateKind.OPENED
    return UpdateKind.PRESS if name == "interactive" and pressed_of(message) else UpdateKind.MESSAGE


def _statuses(value: Payload, route: str | None) -> Iterator[Update]:
    for status in objects(value.get("statuses")):
        reference, state = word(status.get("id"), _MAX_ID), word(status.get("status"), 40)
        if not reference or not state:
            yield unknown(status)
            continue
        kind = UpdateKind.RECEIPT if state in STATES else UpdateKind.UNKNOWN
        position = whole(status.get("timestamp")) or 0
        chat_id = identity(status.get("recipient_id")) if kind is UpdateKind.RECEIPT else None
        key = key_of("status", reference, state)
        yield Update(key, kind, kept({"status": status}), chat_id, position, route)
