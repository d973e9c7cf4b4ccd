"""What the fakes keep of what passed: messages, calls, acknowledgements, events."""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.fakes.asking import http_client


@dataclass(frozen=True)
class Button:
    """A button as the person sees it. ``value`` is what the bot gave it, ``kind`` what pressing it does."""

    label: str
    value: str = ""
    kind: str = "press"  # press, text, contact, location, link
    row: int = 0
    description: str = ""


@dataclass(frozen=True)
class StoredFile:
    """A file that a bot or a person sent; ``reference`` is the platform's id of it, ``url`` where it lies outside."""

    kind: str  # image, video, animation, audio, voice, document
    name: str
    content_type: str
    data: bytes = field(default=b"", repr=False)
    reference: str = ""
    url: str = ""

    def read(self) -> bytes:
        """Its bytes; fetched as the messenger's app would where only an address was sent."""
        if not self.url:
            return self.data
        with http_client() as client:
            return client.get(self.url).raise_for_status().content


@dataclass
class Message:
    """One message of a chat, from either side. ``payload`` is what the bot posted or the platform's own object."""

    id: str
    is_from_bot: bool
    text: str
    at: datetime
    buttons: list[Button] = field(default_factory=list)
    file: StoredFile | None = None
    payload: dict[str, Any] = field(default_factory=dict)
    state: str = "sent"  # sent, delivered, read, failed
    row_id: str | None = None  # WhatsApp: biz_opaque_callback_data
    tracking: str = ""  # Viber: tracking_data
    reply_to: str | None = None
    versions: list[str] = field(default_factory=list)  # its texts before it was edited
    has_reply_keyboard: bool = False


@dataclass
class Call:
    """One request to the API. ``name`` is the platform's, ``action`` the same word on all three.

    Actions: send, upload, set_webhook, remove_webhook, inspect, profile, poll, acknowledge, edit, fetch, other.
    ``status`` is the HTTP answer, 0 where the connection was cut, None while the call is under way.
    """

    name: str
    action: str
    bot: str
    values: dict[str, Any]
    at: float  # time.monotonic()
    chat: str | None = None
    token: str = field(default="", repr=False)
    status: int | None = None
    answer: Any = None

    @property
    def words(self) -> str:
        """What the platform had to say about a refusal, or nothing."""
        answer = self.answer if isinstance(self.answer, dict) else {}
        error = answer.get("error") or {}
        return str(answer.get("description") or answer.get("status_message") or error.get("message") or "")


@dataclass(frozen=True)
class Ack:
    """A pressed button that was acknowledged, or a message marked as read."""

    bot: str
    reference: str
    text: str = ""
    alert: bool = False
    chat: str = ""


@dataclass(eq=False)
class Event:
    """One update on its way to the bot. ``tries`` has an HTTP status or an error's text for each attempt."""

    bot: Any
    chat_id: str | None
    kind: str
    payload: dict[str, Any]
    number: int = 0
    tries: list[int | str] = field(default_factory=list)
    settled: threading.Event = field(default_factory=threading.Event)
    outcome: str = ""  # delivered, polled, dropped, ignored

    def settle(self, outcome: str) -> None:
        """It is over with, one way or the other."""
        if not self.settled.is_set():
            self.outcome = outcome
            self.settled.set()

    def wait(self, timeout: float = 10) -> "Event":
        """Until the bot has taken it; AssertionError where it does not."""
        assert self.settled.wait(timeout), f"{self.kind} was not taken within {timeout} s: {self.tries}"
        return self
