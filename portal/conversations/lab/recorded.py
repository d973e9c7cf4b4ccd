"""What a person did, read back from the history (``writing.described``), for the engine to hear it once more."""

from portal.messaging.events import (
    Blocked,
    Event,
    FileKind,
    Opened,
    Pressed,
    SentFile,
    SharedContact,
    SharedLocation,
    Typed,
    Unblocked,
    Unsupported,
)
from portal.messaging.messages import BotMessage

_FILES = frozenset(kind.value for kind in FileKind)


def recorded_event(message: BotMessage) -> Event | None:
    """The event that an inbound message tells of; None for an edit, which moved nothing, and for an unknown kind."""
    content = message.content
    match message.kind:
        case "text":
            return Typed(message.text)
        case "press":
            return Pressed(content.get("marker", ""), message.text, content.get("message_ref"))
        case "contact":
            return SharedContact(**content["contact"])
        case "location":
            return SharedLocation(**content["location"])
        case "opened":
            return Opened(content.get("payload", ""))
        case "unsupported":
            return Unsupported(content.get("name", ""))
        case "blocked":
            return Blocked()
        case "unblocked":
            return Unblocked()
        case kind if kind in _FILES:
            return _file(message)
    return None


def _file(message: BotMessage) -> SentFile:
    told = message.content.get("file") or {}
    return SentFile(
        FileKind(message.kind),
        told.get("reference", ""),
        told.get("name", ""),
        told.get("content_type", ""),
        told.get("size"),
        message.text,
    )
