"""What Telegram delivers: which kind, whose chat. Facts: core.telegram.org/bots/api#update.

Only private chats run dialogs. What happens in groups and channels, and what nobody said (a pinned message, say), is
stored as unknown and moves nothing.
"""

from portal.messaging.events import Update, UpdateKind
from portal.messengers.payload_fields import Payload, identity, kept, key_of, mapping, unknown, whole

WANTED = ("message", "edited_message", "callback_query", "my_chat_member")
FILES = ("animation", "photo", "video", "audio", "voice", "document", "video_note")
# What a person can send and no scenario can ask for.
UNSUPPORTED = ("sticker", "poll", "dice", "game", "story", "checklist", "paid_media", "gift")
_SAID = ("text", *FILES, "contact", "location", "venue", *UNSUPPORTED)
_MEMBERSHIPS = {"kicked": UpdateKind.BLOCKED, "member": UpdateKind.UNBLOCKED}


def read_update(payload: object, bot: str) -> Update:
    """One delivery; ``bot`` is the number of the bot that it is for, whose update ids these are."""
    data = mapping(payload)
    number = whole(data.get("update_id"))
    if number is None or number < 0:
        return unknown(payload)
    kind, chat_id = _kind(data)
    return Update(key_of(bot, str(number)), kind, kept(data), chat_id, number)


def content_of(message: Payload) -> str | None:
    """Which of the known contents a message has. A message with an animation has a document as well."""
    return next((name for name in _SAID if message.get(name) is not None), None)


def _kind(data: Payload) -> tuple[UpdateKind, str | None]:
    for name, read in (
        ("message", _message),
        ("edited_message", _edited),
        ("callback_query", _pressed),
        ("my_chat_member", _membership),
    ):
        found = mapping(data.get(name))
        if found:
            kind, chat = read(found)
            chat_id = _private(chat)
            return (kind, chat_id) if chat_id and kind is not UpdateKind.UNKNOWN else (UpdateKind.UNKNOWN, None)
    return UpdateKind.UNKNOWN, None


def _message(message: Payload) -> tuple[UpdateKind, object]:
    return UpdateKind.MESSAGE if content_of(message) else UpdateKind.UNKNOWN, message.get("chat")


def _edited(message: Payload) -> tuple[UpdateKind, object]:
    has_words = isinstance(message.get("text") or message.get("caption"), str)
    # A live location is edited all the time.
    return UpdateKind.EDITED if has_words else UpdateKind.UNKNOWN, message.get("chat")


def _pressed(query: Payload) -> tuple[UpdateKind, object]:
    is_press = isinstance(query.get("data"), str) and identity(query.get("id"))
    return UpdateKind.PRESS if is_press else UpdateKind.UNKNOWN, mapping(query.get("message")).get("chat")


def _membership(change: Payload) -> tuple[UpdateKind, object]:
    status = mapping(change.get("new_chat_member")).get("status")
    kind = _MEMBERSHIPS.get(status, UpdateKind.UNKNOWN) if isinstance(status, str) else UpdateKind.UNKNOWN
    return kind, change.get("chat")


def _private(chat: object) -> str | None:
    found = mapping(chat)
    return identity(found.get("id")) if found.get("type") == "private" else None
