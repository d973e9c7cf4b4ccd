"""Events as rows of the history, and back: the one place that knows how ``bot_message`` keeps what a person did.

Rows are written by others too and stay for years: no shape below may change, only be added to. What nothing reads
again is not kept: the callback of a press.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from portal.messaging.events import (
    Blocked,
    Edited,
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
from portal.messaging.news import Happened, Moved, Reaction, Withdrawn


def _as_text(value: object) -> str:
    if isinstance(value, UUID):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


# JSON as statements by hand carry it; ids stand in it as texts.
dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=_as_text).encode

E = TypeVar("E", bound=Event)
Shared = TypeVar("Shared", SharedContact, SharedLocation)
Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Form(Generic[E]):
    """How one kind of event is kept: its text, its content, and what these two say when they are read."""

    kind: str
    event: type[E]
    text: Callable[[E], str] = lambda event: ""
    content: Callable[[E], dict[str, Any]] = lambda event: {}
    read: Callable[[str, Content], E | None] = lambda text, content: None


def _without_told(event: SharedContact | SharedLocation) -> dict[str, Any]:
    return {key: value for key, value in asdict(event).items() if key != "told"}


def _told(event: SharedContact | SharedLocation) -> dict[str, Any]:
    return {"told": event.told} if event.told else {}


def _with_told(event: type[Shared], fields: Any, content: Content) -> Shared | None:
    return event(**fields, told=content.get("told", "")) if fields else None


_FORMS: tuple[_Form[Any], ...] = (
    _Form("text", Typed, text=lambda event: event.text, read=lambda text, content: Typed(text)),
    _Form(
        "press",
        Pressed,
        text=lambda event: event.label,
        content=lambda event: {"marker": event.marker, "message_ref": event.message_ref},
        read=lambda text, content: Pressed(content.get("marker", ""), text, content.get("message_ref")),
    ),
    _Form(
        "contact",
        SharedContact,
        text=lambda event: event.told or ", ".join(filter(None, (event.name, event.phone))),
        content=lambda event: {"contact": _without_told(event)} | _told(event),
        read=lambda text, content: _with_told(SharedContact, content.get("contact"), content),
    ),
    _Form(
        "location",
        SharedLocation,
        text=lambda event: "\n".join(filter(None, (event.told, f"{event.latitude:.6f}, {event.longitude:.6f}"))),
        content=lambda event: {"location": _without_told(event)} | _told(event),
        read=lambda text, content: _with_told(SharedLocation, content.get("location"), content),
    ),
    _Form(
        "opened",
        Opened,
        content=lambda event: (
            {"payload": event.payload} | ({} if event.can_be_answered else {"can_be_answered": False})
        ),
        read=lambda text, content: Opened(content.get("payload", ""), content.get("can_be_answered", True)),
    ),
    _Form(
        "edited",
        Edited,
        text=lambda event: event.text,
        content=lambda event: {"edited": event.message_ref} | ({"name": event.name} if event.name else {}),
        read=lambda text, content: Edited(content.get("edited", ""), text, content.get("name", "")),
    ),
    _Form(
        "unsupported",
        Unsupported,
        text=lambda event: event.text,
        content=lambda event: {"name": event.name},
        read=lambda text, content: Unsupported(content.get("name", ""), text),
    ),
    _Form(
        "happened",
        Happened,
        text=lambda event: event.text,
        content=lambda event: {"name": event.name},
        read=lambda text, content: Happened(content.get("name", ""), text),
    ),
    _Form(
        "reaction",
        Reaction,
        text=lambda event: event.emoji,
        content=lambda event: {"reaction_to": event.message_ref},
        read=lambda text, content: Reaction(content.get("reaction_to", ""), text),
    ),
    _Form(
        "withdrawn",
        Withdrawn,
        content=lambda event: {"withdrawn": event.message_ref},
        read=lambda text, content: Withdrawn(content.get("withdrawn", "")),
    ),
    _Form(
        "moved",
        Moved,
        text=lambda event: event.text,
        content=lambda event: {"chat": event.chat_id, "person": event.person_id, "former": event.former_id},
        read=lambda text, content: Moved(text, *(content.get(key, "") for key in ("chat", "person", "former"))),
    ),
    _Form("blocked", Blocked, read=lambda text, content: Blocked()),
    _Form("unblocked", Unblocked, read=lambda text, content: Unblocked()),
)
_BY_EVENT = {form.event: form for form in _FORMS}
_BY_KIND = {form.kind: form for form in _FORMS}
_FILES = frozenset(kind.value for kind in FileKind)


def to_row(event: Event) -> dict[str, Any]:
    """``kind``, ``text``, ``content`` and ``file_state`` of the message that tells of an event.

    Raises KeyError for a receipt, which tells of a row and is none.
    """
    if isinstance(event, SentFile):
        return _file_row(event)
    form = _BY_EVENT[type(event)]
    return {"kind": form.kind, "text": form.text(event), "content": form.content(event), "file_state": None}


def from_row(kind: str, text: str, content: Content) -> Event | None:
    """The event that a message tells of; None for an unknown kind, and where the content lacks what the kind needs."""
    if kind in _FILES:
        return _file_of(FileKind(kind), text, content.get("file") or {})
    form = _BY_KIND.get(kind)
    event: Event | None = form.read(text, content) if form else None
    return event


def _file_row(event: SentFile) -> dict[str, Any]:
    file = {"reference": event.reference, "name": event.name, "content_type": event.content_type, "size": event.size}
    content = {"file": file | ({"group": event.group} if event.group else {})}
    return {"kind": event.kind.value, "text": event.caption, "content": content, "file_state": "waiting"}


def _file_of(kind: FileKind, caption: str, file: Content) -> SentFile:
    reference, name, content_type = (file.get(key, "") for key in ("reference", "name", "content_type"))
    return SentFile(kind, reference, name, content_type, file.get("size"), caption, file.get("group", ""))
