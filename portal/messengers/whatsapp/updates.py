"""What Meta delivers: which kind, whose chat.

Facts: developers.facebook.com/documentation/business-messaging/whatsapp, "Webhooks reference" and "Business-scoped
user IDs". People with a user name may come without a telephone number (``from``, ``wa_id``): then they are named by
``from_user_id`` and ``user_id``, statuses name ``recipient_user_id``, and answers go to ``recipient`` instead of
``to``. Most messages carry both ids, by which the two are known to be one person.
"""

import re
from collections.abc import Callable, Iterator

from portal.messaging.events import Update, UpdateKind
from portal.messengers.payload_fields import (
    Payload,
    fingerprint,
    identity,
    kept,
    key_of,
    mapping,
    objects,
    unknown,
    whole,
    word,
)

STATES = ("sent", "delivered", "read", "played", "failed")
# Nobody said these.
NEWS = ("reaction", "system", "revoke")
# What a message of the kind ``unsupported`` may be of, that nobody said: Meta does not hand it on.
UNSAID = ("edit", "pin", "poll_update", "keep_in_chat")
_MAX_ID = 190
# Two letters, a dot, up to 128 letters and digits; one that several portfolios share has a word in between.
_USER_ID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")


def user_id(value: object) -> str | None:
    """The id of a person who may have no telephone number, or None."""
    return value if isinstance(value, str) and _USER_ID.fullmatch(value) else None


def updates_of(payload: object, own_number: str) -> list[Update]:
    """Everything of a delivery that is about somebody; what cannot be told apart is one update as a whole."""
    found = list(_updates(payload, own_number))
    return list({update.dedupe_key: update for update in found}.values()) or [unknown(payload)]


def pressed_of(message: Payload) -> Payload:
    """The button or row that an interactive answer names, or nothing."""
    reply = mapping(message.get("interactive"))
    return mapping(reply.get("button_reply")) or mapping(reply.get("list_reply"))


def unsupported_of(message: Payload) -> str:
    """What a message that Meta does not hand on was, as far as it tells."""
    return word(mapping(message.get("unsupported")).get("type"), 60)


def _updates(payload: object, own_number: str) -> Iterator[Update]:
    for entry in objects(mapping(payload).get("entry")):
        for change in objects(entry.get("changes")):
            value = mapping(change.get("value"))
            number = identity(mapping(value.get("metadata")).get("phone_number_id"))
            route = number if number != own_number else None
            found = [update for read in _READERS.values() for update in read(value, route)]
            yield from found or [unknown(change)]


def _messages(value: Payload, route: str | None) -> Iterator[Update]:
    contacts = _contacts(value)
    for message in objects(value.get("messages")):
        phone, user = identity(message.get("from")), _user_of(message)
        contact = contacts.get(phone) or contacts.get(user) or {}
        user = user or user_id(contact.get("user_id"))
        chat_id, kind = phone or user, _kind(message)
        if chat_id is None or kind is UpdateKind.UNKNOWN:
            yield unknown(message)
            continue
        key = key_of(word(message.get("id"), _MAX_ID)) or f"hash:{fingerprint(message)}"
        payload = kept({"message": message, "contact": contact})
        yield Update(key, kind, payload, chat_id, whole(message.get("timestamp")) or 0, route, user)


def _user_of(message: Payload) -> str | None:
    """The sender's user id; where the id itself is news, the one by which they were known."""
    system = mapping(message.get("system"))
    former = user_id(system.get("previous_user_id"))
    return former or user_id(message.get("from_user_id")) or user_id(message.get("from"))


def _contacts(value: Payload) -> dict[str | None, Payload]:
    found: dict[str | None, Payload] = {}
    for each in objects(value.get("contacts")):
        found |= {key: each for key in (identity(each.get("wa_id")), user_id(each.get("user_id"))) if key}
    return found


def _kind(message: Payload) -> UpdateKind:
    name = word(message.get("type"), 60)
    if message.get("group_id"):
        return UpdateKind.UNKNOWN
    if name == "request_welcome":
        return UpdateKind.OPENED
    if name == "edit":
        return UpdateKind.EDITED
    if name in NEWS or (name == "unsupported" and unsupported_of(message) in UNSAID):
        return UpdateKind.NEWS
    return UpdateKind.PRESS if name == "interactive" and pressed_of(message) else UpdateKind.MESSAGE


def _statuses(value: Payload, route: str | None) -> Iterator[Update]:
    for status in objects(value.get("statuses")):
        reference, state = word(status.get("id"), _MAX_ID), word(status.get("status"), 40)
        if not reference or not state:
            yield unknown(status)
            continue
        kind = UpdateKind.RECEIPT if state in STATES else UpdateKind.UNKNOWN
        position = whole(status.get("timestamp")) or 0
        phone, user = identity(status.get("recipient_id")), user_id(status.get("recipient_user_id"))
        chat_id = phone or user if kind is UpdateKind.RECEIPT else None
        key, payload = key_of("status", reference, state), kept({"status": status})
        yield Update(key, kind, payload, chat_id, position, route, None if phone else user)


def _calls(value: Payload, route: str | None) -> Iterator[Update]:
    for call in objects(value.get("calls")):
        reference, state = word(call.get("id"), _MAX_ID), word(call.get("event"), 40)
        is_theirs = call.get("direction") != "BUSINESS_INITIATED"
        person = (call.get("from"), call.get("from_user_id")) if is_theirs else (call.get("to"), call.get("to_user_id"))
        yield _news(key_of("call", reference, state), {"call": call}, person, call, value, route)


def _preferences(value: Payload, route: str | None) -> Iterator[Update]:
    for each in objects(value.get("user_preferences")):
        person, pieces = (each.get("wa_id"), each.get("user_id")), (each.get("category"), each.get("timestamp"))
        key = key_of("preference", *(str(piece)[:_MAX_ID] for piece in (*person, *pieces, each.get("value"))))
        yield _news(key, {"preference": each}, person, each, value, route)


def _news(
    key: str, payload: Payload, person: tuple[object, object], told: Payload, value: Payload, route: str | None
) -> Update:
    phone, user = identity(person[0]), user_id(person[1])
    chat_id = phone or user
    if chat_id is None:
        return unknown(told)
    contacts = _contacts(value)
    payload = kept(payload | {"contact": contacts.get(phone) or contacts.get(user) or {}})
    return Update(key, UpdateKind.NEWS, payload, chat_id, whole(told.get("timestamp")) or 0, route, user)


_READERS: dict[str, Callable[[Payload, str | None], Iterator[Update]]] = {
    "messages": _messages,
    "statuses": _statuses,
    "calls": _calls,
    "user_preferences": _preferences,
}
# What of a change's value is about somebody.
LISTS = frozenset(_READERS)
