"""What people do on Telegram: updates delivered or asked for, understood, and files."""

from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import quote

from portal.messaging.events import (
    Blocked,
    Edited,
    Event,
    FileKind,
    InboundEvent,
    Person,
    Pressed,
    SentFile,
    SharedContact,
    SharedLocation,
    Typed,
    Unblocked,
    Unsupported,
    Update,
    UpdateKind,
)
from portal.messaging.failures import Failure
from portal.messaging.news import Happened, Reaction
from portal.messengers.call import Answer, Call
from portal.messengers.errors import CredentialsRefused, Rejected, Unavailable
from portal.messengers.payload_fields import (
    Payload,
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
from portal.messengers.readable import label, lines, passage
from portal.messengers.results import Fetched
from portal.messengers.telegram.api import ask
from portal.messengers.telegram.contents import FILES, SERVICE, SHARED, card, name_of, remarks_of, text_in
from portal.messengers.telegram.fields import bot_id, token_of
from portal.messengers.telegram.updates import WANTED, content_of, read_update

MAX_POLL = 50
_POLL_SLACK = 10.0
_MAX_REFERENCE = 500
_KINDS = {"photo": FileKind.IMAGE, "video_note": FileKind.VIDEO}
_TYPES = {"photo": "image/jpeg", "video_note": "video/mp4"}


def read_updates(payload: object, values: Mapping[str, object]) -> list[Update]:
    """One delivery is one update."""
    return [read_update(payload, bot_id(token_of(values)))]


def read_event(payload: Mapping[str, object], kind: UpdateKind) -> InboundEvent | None:
    """The event of an update, or None."""
    read = _READERS.get(kind)
    return read(mapping(dict(payload))) if read else None


def _message(payload: Payload) -> InboundEvent | None:
    message = mapping(payload.get("message"))
    if not message:
        return None
    return _inbound(_event(content_of(message), message), message, moment(message.get("date")))


def _event(name: str, message: Payload) -> Event:
    if name == "text":
        return Typed(passage(message["text"]))
    found: Event | None = None
    if name in FILES:
        found = _file(name, message)
    elif name == "contact":
        found = _contact(message)
    elif name in SHARED:
        found = _place(message)
    elif name in SERVICE:
        found = Happened(name, text_in(name, message))
    return found or Unsupported(label(name), text_in(name, message))


def _news(payload: Payload) -> InboundEvent | None:
    reaction = mapping(payload.get("message_reaction"))
    return _reaction(reaction) if reaction else _message(payload)


def _reaction(reaction: Payload) -> InboundEvent | None:
    reference = identity(reaction.get("message_id"))
    if reference is None:
        return None
    signs = [_sign(each) for each in objects(reaction.get("new_reaction"))]
    event = Reaction(reference, " ".join(signs))
    return InboundEvent(event, _person(reaction.get("user")), sent_at=moment(reaction.get("date")))


def _sign(reaction: Payload) -> str:
    # Emoji of a set of somebody's own have no sign; a paid reaction is a star.
    return label(reaction.get("emoji")) or ("⭐" if reaction.get("type") == "paid" else "❔")


def _file(name: str, message: Payload) -> SentFile | None:
    found = _largest(message["photo"]) if name == "photo" else mapping(message[name])
    reference = word(found.get("file_id"), _MAX_REFERENCE)
    if not reference:
        return None
    return SentFile(
        _KINDS.get(name) or FileKind(name),
        reference,
        label(found.get("file_name")),
        _TYPES.get(name) or word(found.get("mime_type"), 100),
        size_of(found.get("file_size")),
        passage(message.get("caption")),
        identity(message.get("media_group_id")) or "",
    )


def _largest(sizes: object) -> Payload:
    known = [size for size in objects(sizes) if word(size.get("file_id"), _MAX_REFERENCE)]
    return max(known, key=lambda size: (whole(size.get("width")) or 0) * (whole(size.get("height")) or 0), default={})


def _contact(message: Payload) -> SharedContact | None:
    contact = mapping(message["contact"])
    phone = word(contact.get("phone_number"), 40)
    owner, sender = identity(contact.get("user_id")), identity(mapping(message.get("from")).get("id"))
    is_own = owner is not None and owner == sender
    return SharedContact(phone, name_of(contact), is_own, card(contact)) if phone else None


def _place(message: Payload) -> SharedLocation | None:
    venue = mapping(message.get("venue"))
    place = mapping(message.get("location")) or mapping(venue.get("location"))
    latitude, longitude = degrees(place.get("latitude"), 90), degrees(place.get("longitude"), 180)
    if latitude is None or longitude is None:
        return None
    return SharedLocation(latitude, longitude, lines(venue.get("title"), venue.get("address")))


def _edited(payload: Payload) -> InboundEvent | None:
    message = mapping(payload.get("edited_message"))
    reference, name = identity(message.get("message_id")), content_of(message)
    if reference is None:
        return None
    event = Edited(reference, passage(message.get("text") or message.get("caption")), "" if name == "text" else name)
    if name not in ("text", *FILES):
        event = Edited(reference, text_in(name, message), name)
    return _inbound(event, message, moment(message.get("edit_date")))


def _pressed(payload: Payload) -> InboundEvent | None:
    query = mapping(payload.get("callback_query"))
    message = mapping(query.get("message"))
    marker = words(query.get("data"), 64)
    event = Pressed(marker, _label(message, marker), identity(message.get("message_id")), identity(query.get("id")))
    return InboundEvent(event, _person(query.get("from")))


def _label(message: Payload, marker: str) -> str:
    rows = items(mapping(message.get("reply_markup")).get("inline_keyboard"))
    buttons = (button for row in rows for button in objects(row))
    return next((word(button.get("text")) for button in buttons if button.get("callback_data") == marker), "")


def _membership(event: Event) -> Callable[[Payload], InboundEvent | None]:
    def read(payload: Payload) -> InboundEvent:
        change = mapping(payload.get("my_chat_member"))
        return InboundEvent(event, _person(change.get("from")), sent_at=moment(change.get("date")))

    return read


def _inbound(event: Event, message: Payload, sent_at: datetime | None) -> InboundEvent:
    reference = identity(message.get("message_id"))
    return InboundEvent(event, _person(message.get("from")), reference, sent_at, remarks_of(message))


def _person(found: object) -> Person:
    user = mapping(found)
    return Person(name_of(user), word(user.get("username"), 100), word(user.get("language_code"), 20))


_READERS = {
    UpdateKind.MESSAGE: _message,
    UpdateKind.NEWS: _news,
    UpdateKind.EDITED: _edited,
    UpdateKind.PRESS: _pressed,
    UpdateKind.BLOCKED: _membership(Blocked()),
    UpdateKind.UNBLOCKED: _membership(Unblocked()),
}


def poll(call: Call, offset: int | None, timeout: int) -> tuple[list[Update], int | None]:
    """getUpdates."""
    seconds = min(max(timeout, 0), MAX_POLL)
    values: dict[str, object] = {"timeout": seconds, "limit": 100, "allowed_updates": list(WANTED)}
    if offset is not None:
        values["offset"] = offset
    found = items(ask(call, "getUpdates", values, seconds=seconds + _POLL_SLACK))
    numbers = [number for each in objects(found) if (number := whole(each.get("update_id"))) is not None]
    bot = bot_id(call.values["token"])
    return [read_update(each, bot) for each in found], max(numbers) + 1 if numbers else offset


def fetch(call: Call, reference: str, cap: int) -> Fetched:
    """getFile, then the file itself."""
    found = mapping(ask(call, "getFile", {"file_id": reference}))
    size, path = size_of(found.get("file_size")), words(found.get("file_path"), 500)
    if size is not None and size > cap:
        raise Rejected(Failure.FILE_TOO_LARGE)
    if not path or path.startswith("/") or ".." in path.split("/"):
        raise Rejected(Failure.FILE_UNKNOWN)
    address = f"{call.base}/file/bot{call.values['token']}/{quote(path)}"
    return Fetched(_bytes_of(call.download(address, cap)), "", path.rpartition("/")[2])


def _bytes_of(answer: Answer) -> bytes:
    if answer.status == 200:
        return answer.body
    if answer.status in (401, 403):
        raise CredentialsRefused
    raise Unavailable(Failure.PLATFORM_DOWN) if answer.status >= 500 else Rejected(Failure.FILE_UNKNOWN)
