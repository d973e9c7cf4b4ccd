"""What Telegram delivers: which kind, whose chat. Facts: core.telegram.org/bots/api#update.

Only private chats run dialogs: what happens in groups and channels is stored as unknown and moves nothing. Of reactions
a bot is told where it asks for them by name.
"""

from collections.abc import Callable

from portal.messaging.events import Update, UpdateKind
from portal.messengers.payload_fields import Payload, identity, kept, key_of, mapping, unknown, whole
from portal.messengers.telegram.contents import ENVELOPE, FILES, SERVICE, SHARED, UNREAD

WANTED = ("message", "edited_message", "message_reaction", "callback_query", "my_chat_member")
# In this order: a message with an animation has a document as well, one with a venue a location.
CONTENTS = ("text", *FILES, *SHARED, *UNREAD, *SERVICE)
_MEMBERSHIPS = {"kicked": UpdateKind.BLOCKED, "member": UpdateKind.UNBLOCKED}
_Found = tuple[UpdateKind, object]


def read_update(payload: object, bot: str) -> Update:
    """One delivery; ``bot`` is the number of the bot that it is for, whose update ids these are."""
    data = mapping(payload)
    number = whole(data.get("update_id"))
    if number is None or number < 0:
        return unknown(payload)
    kind, chat_id = _kind(data)
    return Update(key_of(bot, str(number)), kind, kept(data), chat_id, number)


def content_of(message: Payload) -> str:
    """Which content a message has: a known one, else the name of what nobody told us of; empty where there is none."""
    known = next((name for name in CONTENTS if message.get(name) is not None), None)
    return known or next((name for name, value in message.items() if name not in ENVELOPE and value is not None), "")


def _kind(data: Payload) -> tuple[UpdateKind, str | None]:
    for name, read in _READERS.items():
        found = mapping(data.get(name))
        if found:
            kind, chat = read(found)
            chat_id = _private(chat)
            return (kind, chat_id) if chat_id and kind is not UpdateKind.UNKNOWN else (UpdateKind.UNKNOWN, None)
    return UpdateKind.UNKNOWN, None


def _message(message: Payload) -> _Found:
    return UpdateKind.NEWS if content_of(message) in SERVICE else UpdateKind.MESSAGE, message.get("chat")


def _edited(message: Payload) -> _Found:
    # A live location is edited all the time; its first place is shown.
    is_moving = mapping(message.get("location")) and not message.get("venue")
    return UpdateKind.UNKNOWN if is_moving else UpdateKind.EDITED, message.get("chat")


def _reaction(reaction: Payload) -> _Found:
    return UpdateKind.NEWS if identity(reaction.get("message_id")) else UpdateKind.UNKNOWN, reaction.get("chat")


def _pressed(query: Payload) -> _Found:
    is_press = isinstance(query.get("data"), str) and identity(query.get("id"))
    return UpdateKind.PRESS if is_press else UpdateKind.UNKNOWN, mapping(query.get("message")).get("chat")


def _membership(change: Payload) -> _Found:
    status = mapping(change.get("new_chat_member")).get("status")
    kind = _MEMBERSHIPS.get(status, UpdateKind.UNKNOWN) if isinstance(status, str) else UpdateKind.UNKNOWN
    return kind, change.get("chat")


def _private(chat: object) -> str | None:
    found = mapping(chat)
    return identity(found.get("id")) if found.get("type") == "private" else None


_READERS: dict[str, Callable[[Payload], _Found]] = {
    "message": _message,
    "edited_message": _edited,
    "message_reaction": _reaction,
    "callback_query": _pressed,
    "my_chat_member": _membership,
}
