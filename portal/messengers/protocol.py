"""What every platform adapter offers to the rest of the portal, which knows no platform by name."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from portal.messaging.events import Arrival, Update, UpdateKind, Utterance
from portal.messengers.calls import Call
from portal.messengers.headers import Headers
from portal.messengers.results import Fetched, OutgoingFile, Profile, Sent, WebhookView
from portal.messengers.setup import CredentialField, Text, bare

__all__ = [
    "Call",
    "CredentialField",
    "Fetched",
    "Headers",
    "OutgoingFile",
    "Platform",
    "Profile",
    "Sent",
    "Text",
    "WebhookView",
    "bare",
]


class Platform(ABC):
    """A messenger. Lengths are in characters, `button_value_bytes` in bytes of UTF-8."""

    key: ClassVar[str]
    label: ClassVar[str]
    icon: ClassVar[str]
    """The name of a symbol in the portal's own set."""
    fields: ClassVar[tuple[CredentialField, ...]]
    steps: ClassVar[tuple[Text, ...]]
    """How an owner comes by the credentials, one instruction each."""
    text_limit: ClassVar[int]
    caption_limit: ClassVar[int]
    button_limit: ClassVar[int]
    """The most buttons (or list rows) that one message can offer."""
    button_value_bytes: ClassVar[int]

    body_cap: ClassVar[int]
    """The most bytes of a delivery that are read."""
    resolves_uncertain: ClassVar[bool] = False
    """Whether a receipt names our own row, so that a send of unknown outcome settles by itself."""
    polls: ClassVar[bool] = False
    """Whether updates can be asked for, where nothing can be delivered."""
    wanted: ClassVar[frozenset[str]] = frozenset()
    """The kinds of updates, in the platform's words, that a healthy webhook delivers; empty: not told."""
    rate: ClassVar[float]
    """Messages a second that a bot may send on average; ``burst`` at once."""
    burst: ClassVar[float]
    chat_rate: ClassVar[float]
    """The same for one chat."""
    chat_burst: ClassVar[float]
    reply_window: ClassVar[timedelta | None] = None
    """How long after a person's last message the platform carries answers; ``None``: always."""

    def normalise(self, values: Mapping[str, object]) -> dict[str, str]:
        """The known fields, freed of what pasting adds; anything that is no text counts as empty."""
        return {field.name: field.normalise(values.get(field.name)) for field in self.fields}

    def check(self, values: Mapping[str, object], *, kept: Collection[str] = ()) -> dict[str, Text]:
        """What is wrong, by field, or nothing. `kept` names the fields that are stored and may stay empty."""
        typed = self.normalise(values)
        problems = {field.name: field.check(typed[field.name], kept=field.name in kept) for field in self.fields}
        return {name: problem for name, problem in problems.items() if problem is not None}

    def keepable(self, stored: Mapping[str, object], typed: Mapping[str, object]) -> frozenset[str]:
        """The secret fields that may stay empty, because what is stored goes on being right."""
        old, new = self.normalise(stored), self.normalise(typed)
        if any(field.binds_secrets and old[field.name] != new[field.name] for field in self.fields):
            return frozenset()
        return frozenset(name for name in self.secret_fields if old[name])

    def is_complete(self, values: Mapping[str, object]) -> bool:
        """Whether everything is there that the platform cannot work without."""
        found = self.normalise(values)
        return all(found[field.name] for field in self.fields if field.required)

    def webhook_path(self, credential_id: UUID) -> str:
        """The path that the platform delivers to. The id routes; it proves nothing."""
        return f"/hooks/{self.key}/{credential_id}"

    @property
    def secret_fields(self) -> frozenset[str]:
        """The names of the fields that are never shown again."""
        return frozenset(field.name for field in self.fields if field.secret)

    @abstractmethod
    def identify(self, values: Mapping[str, object]) -> str:
        """What pages may show of the credentials to tell one bot from another, or an empty text."""

    # Deliveries. Nothing here raises, whatever comes.

    @abstractmethod
    def verify(self, values: Mapping[str, object], secret: str, headers: Headers, body: bytes) -> bool:
        """Whether the raw body comes from the platform, in constant time.

        ``secret`` is the derived webhook secret (see ``portal/channels/credentials.py``), which only some
        platforms send; the case of the headers' names does not matter.
        """

    def challenge(self, values: Mapping[str, object], args: Mapping[str, str]) -> str | None:
        """The answer to a GET that proves the address, or None (403, or 405 where the platform has none)."""
        return None

    @abstractmethod
    def updates(self, payload: Any, values: Mapping[str, object]) -> list[Update]:
        """The updates of one delivery, for any JSON value.

        What is not understood becomes one of kind ``UNKNOWN`` whose key is a hash of the payload. Payloads can be
        written as JSON again; keys and chat ids are at most 200 and 100 characters.
        """

    @abstractmethod
    def arrival(self, payload: Mapping[str, Any], kind: UpdateKind) -> Arrival | None:
        """A stored update, understood; None where it is nothing for a dialog.

        ``kind`` is the one that :meth:`updates` found. Texts are free of NUL and lone surrogates and at most
        8 000 characters long.
        """

    # Words. All of this is pure.

    @abstractmethod
    def parts(self, utterance: Utterance) -> tuple[Utterance, ...]:
        """The utterance as messages that one call each can carry; nothing for one without content."""

    @abstractmethod
    def shown(self, utterance: Utterance) -> list[str]:
        """One of :meth:`parts` as lines for a terminal: the text, then the buttons as the platform shows them."""

    # Calls. Each makes its own requests, within 5 s to connect and 20 s in all (uploads: 60 s), and raises
    # SendFailed or one of its kinds and nothing else.

    @abstractmethod
    def send(
        self,
        call: Call,
        chat_id: str,
        utterance: Utterance,
        file: OutgoingFile | None,
        row_id: str,
        reply_to: str | None = None,
    ) -> Sent:
        """Send one of :meth:`parts`. ``row_id`` is our own id of the message, ``reply_to`` the platform's of another.

        Raises Rejected("file_missing") where the utterance has an attachment and ``file`` is None.
        """

    def acknowledge(self, call: Call, callback: str | None, text: str | None = None) -> None:
        """Tell the platform that a press was seen, ``text`` as a passing note; nothing where it has no such thing."""
        return

    @abstractmethod
    def profile(self, call: Call) -> Profile:
        """What the platform calls the bot. Proves the credentials: raises CredentialsRefused."""

    @abstractmethod
    def set_webhook(self, call: Call, url: str, secret: str) -> None:
        """Have updates delivered to ``url`` (https). Pending updates are kept."""

    @abstractmethod
    def remove_webhook(self, call: Call) -> None:
        """Have no updates delivered. Pending updates are kept; one that is gone already is success."""

    @abstractmethod
    def inspect(self, call: Call) -> WebhookView:
        """The platform's view of the webhook."""

    def poll(self, call: Call, offset: int | None, timeout: int) -> tuple[list[Update], int | None]:
        """Updates from ``offset`` on, waiting at most ``timeout`` seconds for the first, and the next offset.

        Asking with the next offset gives the former updates up for good: store first. Raises
        Rejected("polling_conflict") while a webhook is set or another one polls.
        """
        raise NotImplementedError

    @abstractmethod
    def fetch(self, call: Call, reference: str, cap_bytes: int) -> Fetched:
        """A file that a person sent. Raises Rejected("file_too_large") beyond ``cap_bytes``."""
