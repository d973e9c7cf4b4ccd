"""What Viber delivers. Facts: developers.viber.com/docs/api/rest-bot-api, callbacks.

Somebody who has only opened the chat (``conversation_started`` without a subscription) cannot be written to yet, so
that event moves nothing: the conversation begins with the first word or the subscription.
"""

from portal.messaging.events import Update, UpdateKind
from portal.messengers.payload_fields import Payload, identity, kept, key_of, mapping, unknown, whole, word
from portal.messengers.viber.markers import opened

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
    if event == "conversation_started" and data.get("subscribed") is not True:
        return UpdateKind.UNKNOWN
    message = mapping(data.get("message"))
    if event == "message" and message.get("type") == "text" and opened(message.get("text"), token, person):
        return UpdateKind.PRESS
    return _KINDS.get(event, UpdateKind.UNKNOWN)
