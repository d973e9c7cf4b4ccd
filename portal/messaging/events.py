"""What is exchanged with a person in a chat, in words that no platform owns.

The engine and the platforms meet here: platforms turn their updates into an ``InboundEvent``, the engine answers with
``OutgoingMessage``s, platforms turn those into calls. Nothing here knows Flask, the database or a platform.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from portal.messaging.news import Happened, Moved, Reaction, Withdrawn


class UpdateKind(StrEnum):
    """What an update is about, as far as routing needs to know."""

    MESSAGE = "message"
    PRESS = "press"
    OPENED = "opened"
    EDITED = "edited"
    NEWS = "news"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    RECEIPT = "receipt"
    UNKNOWN = "unknown"


class FileKind(StrEnum):
    """What a file is to a messenger."""

    IMAGE = "image"
    VIDEO = "video"
    ANIMATION = "animation"
    AUDIO = "audio"
    VOICE = "voice"
    DOCUMENT = "document"


class MessageState(StrEnum):
    """How far a message has come. ``RECEIVED`` and ``IGNORED`` are inbound, all others outbound."""

    RECEIVED = "received"
    IGNORED = "ignored"
    QUEUED = "queued"
    SENDING = "sending"
    # Its sender died during the call: the platform may have accepted it or not.
    UNCERTAIN = "uncertain"
    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Update:
    """One delivery of a platform, as it is stored: which chat, in which place, and the platform's own object.

    ``dedupe_key`` is the same for a repeated delivery and differs between any two others of the same platform
    credential. ``position`` orders the updates of a chat where the platform says so, else it is 0. ``route``
    names another identity of the same owner that the update is for (one callback may serve several numbers).
    ``person_id`` is another id of the same person, by which the platform may call them alone
    (``messaging/chat_aliases``).
    """

    dedupe_key: str
    kind: UpdateKind
    payload: dict[str, object] = field(repr=False)
    chat_id: str | None = None
    position: int = 0
    route: str | None = None
    person_id: str | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """A text; commands such as ``/start`` come as one."""

    text: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button. ``marker`` is what the portal gave the button (see :func:`button_marker`), never typed text.

    ``callback`` is what the platform wants acknowledged, ``message_ref`` the platform's id of the message that
    carries the button.
    """

    marker: str
    label: str = ""
    message_ref: str | None = None
    callback: str | None = None


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file; ``reference`` is for the platform, ``size`` in bytes. Files sent as one have the same ``group``."""

    kind: FileKind
    reference: str = field(repr=False)
    name: str = ""
    content_type: str = ""
    size: int | None = None
    caption: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class SharedContact:
    """A contact card, ``is_own`` where the platform vouches for it; ``told`` all that people read, where it is more."""

    phone: str
    name: str = ""
    is_own: bool = False
    told: str = ""


@dataclass(frozen=True, slots=True)
class SharedLocation:
    """A place in degrees; ``told`` is what else people read of it: its name, its address."""

    latitude: float
    longitude: float
    told: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """The person opened the chat or subscribed without a word; ``payload`` comes from a deep link.

    Some cannot be answered before they have written: what the link said is then for their first word.
    """

    payload: str = ""
    can_be_answered: bool = True


@dataclass(frozen=True, slots=True)
class Edited:
    """The person changed what they had said, which ``name`` calls where it is no text."""

    message_ref: str
    text: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Blocked:
    """The person does not want messages any more."""


@dataclass(frozen=True, slots=True)
class Unblocked:
    """The person wants messages again."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """News of a message that was sent. ``row_id`` is our own id where the platform hands it back."""

    message_ref: str
    state: MessageState
    row_id: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Unsupported:
    """Something that no scenario can ask for: ``name`` is the platform's word, ``text`` what people read in it."""

    name: str
    text: str = ""


Event: TypeAlias = (
    Typed | Pressed | SentFile | SharedContact | SharedLocation | Opened | Edited | Blocked | Unblocked | Receipt
    | Unsupported | Reaction | Withdrawn | Happened | Moved
)  # fmt: skip
# What is recorded and moves nothing.
NEWS = (Edited, Reaction, Withdrawn, Happened, Moved)


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote, as far as the platform tells; ``language`` is a code such as ``ru``."""

    name: str = ""
    username: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class InboundEvent:
    """One stored update, understood. ``message_ref`` is the platform's id of the person's message.

    ``remarks`` are what came along with it (``kinds.REMARKS``), ``quoted_ref`` the message that it answers.
    """

    event: Event
    person: Person = Person()
    message_ref: str | None = None
    sent_at: datetime | None = None
    remarks: Mapping[str, str] = field(default_factory=dict)
    quoted_ref: str | None = None


@dataclass(frozen=True, slots=True)
class TextSpan:
    """A piece of text; what a person typed is escaped for the platform's markup, what the author wrote is not."""

    text: str
    typed: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A button to be sent."""

    label: str
    marker: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file to be sent; ``key`` is the portal's media key (``file_id`` of the scenario)."""

    kind: FileKind
    key: str
    description: str = ""


class ButtonRequest(StrEnum):
    """What a platform may offer a button of its own for."""

    PHONE = "phone"
    LOCATION = "location"


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message to be sent: a text with buttons, or a file with the text as its caption.

    ``step_id`` and ``turn`` say where in the scenario it was said; ``is_notice`` marks the engine's own words
    (asking again, help), which belong to no step's text.
    """

    spans: tuple[TextSpan, ...] = ()
    choices: tuple[Choice, ...] = ()
    attachment: Attachment | None = None
    button_request: ButtonRequest | None = None
    step_id: str | None = None
    turn: int = 0
    is_notice: bool = False

    @property
    def text(self) -> str:
        """The words as people read them."""
        return "".join(span.text for span in self.spans)

    def as_json(self) -> dict[str, Any]:
        """What ``bot_message.content`` keeps of it; :meth:`from_json` gives it back."""
        return {
            "segments": [[span.text, span.typed] for span in self.spans],
            "choices": [[choice.label, choice.marker] for choice in self.choices],
            "attachment": self.attachment
            and [self.attachment.kind.value, self.attachment.key, self.attachment.description],
            "wish": self.button_request and self.button_request.value,
            "notice": self.is_notice,
        }

    @classmethod
    def from_json(cls, content: dict[str, Any], step_id: str | None = None, turn: int = 0) -> "OutgoingMessage":
        """The outgoing message that :meth:`as_json` described."""
        attached, button_request = content.get("attachment"), content.get("wish")
        return cls(
            spans=tuple(TextSpan(text, typed) for text, typed in content.get("segments", ())),
            choices=tuple(Choice(label, marker) for label, marker in content.get("choices", ())),
            attachment=Attachment(FileKind(attached[0]), attached[1], attached[2]) if attached else None,
            button_request=ButtonRequest(button_request) if button_request else None,
            step_id=step_id,
            turn=turn,
            is_notice=bool(content.get("notice")),
        )


def button_marker(turn: int, index: int) -> str:
    """What a button carries: the turn it was offered in and its place, at most 24 ASCII characters."""
    return f"{turn}.{index}"


def read_marker(marker: str) -> tuple[int, int] | None:
    """Turn and place of a button; ``None`` for a text that is no marker."""
    turn, dot, index = marker.partition(".")
    plain = dot and turn.isascii() and index.isascii() and turn.isdigit() and index.isdigit()
    return (int(turn), int(index)) if plain and len(marker) <= 24 else None
