"""What every adapter offers to the rest of the portal, which knows no platform by name.

A ``Messenger`` says what a platform is and holds the four things that it does. Each is a protocol that a module of
the adapter implements by its functions.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol, TypeAlias
from uuid import UUID

from portal.messaging.events import InboundEvent, OutgoingMessage, Update, UpdateKind
from portal.messengers.call import Call
from portal.messengers.fields import CredentialField, Text, normalised
from portal.messengers.file_rules import FileRule, rule_for
from portal.messengers.headers import Headers
from portal.messengers.results import Fetched, OutgoingFile, Profile, Sent, WebhookView

Values: TypeAlias = Mapping[str, object]
"""A bot's opened credentials; what is no text counts as empty."""

Poll: TypeAlias = Callable[[Call, int | None, int], tuple[list[Update], int | None]]
"""Updates from an offset on, waiting at most that many seconds for the first, and the next offset.

Asking with the next offset gives the former updates up for good: store first. Raises Rejected(Failure.POLLING_CONFLICT)
while a webhook is set or another one polls.
"""

# Whatever is called makes its own requests, within 5 s to connect and 20 s in all (uploads: 60 s), and raises
# SendFailed or one of its kinds and nothing else.


class Setup(Protocol):
    """Who a bot is."""

    def identify(self, values: Values) -> str:
        """What pages may show of the credentials to tell one bot from another, or an empty text."""
        ...

    def identity(self, values: Values) -> str:
        """The same for all credentials of one bot, as far as they say it, or an empty text; it may be a secret."""
        ...

    def profile(self, call: Call) -> Profile:
        """What the platform calls the bot. Proves the credentials: raises CredentialsRefused."""
        ...


class Webhook(Protocol):
    """Where updates are delivered, and whether a delivery is genuine.

    ``SIGNS_BODY``: the proof is of the body, which has to be read for it; else ``verify`` does not look at the body.
    """

    SIGNS_BODY: bool

    def verify(self, values: Values, secret: str, headers: Headers, body: bytes) -> bool:
        """Whether the raw body comes from the platform, in constant time. Raises nothing.

        ``secret`` is the derived webhook secret (see ``portal/channels/credentials.py``), which only some
        platforms send; the case of the headers' names does not matter.
        """
        ...

    def challenge(self, values: Values, args: Mapping[str, str]) -> str | None:
        """The answer to a GET that proves the address, or None (403, or 405 where the platform has none)."""
        ...

    def set_webhook(self, call: Call, url: str, secret: str) -> None:
        """Have updates delivered to ``url`` (https). Pending updates are kept."""
        ...

    def remove_webhook(self, call: Call) -> None:
        """Have no updates delivered. Pending updates are kept; one that is gone already is success."""
        ...

    def inspect(self, call: Call) -> WebhookView:
        """The platform's view of the webhook."""
        ...


class Inbound(Protocol):
    """What people do. Reading raises nothing, whatever comes."""

    def read_updates(self, payload: object, values: Values) -> list[Update]:
        """The updates of one delivery, for any JSON value.

        What is not understood becomes one of kind ``UNKNOWN`` whose key is a hash of the payload. Payloads can be
        written as JSON again; keys and chat ids are at most 200 and 100 characters.
        """
        ...

    def read_event(self, payload: Mapping[str, object], kind: UpdateKind) -> InboundEvent | None:
        """A stored update, understood; None where it is nothing for a conversation.

        ``kind`` is the one that :meth:`read_updates` found. Texts are free of NUL and lone surrogates and at most
        8 000 characters long.
        """
        ...

    def fetch(self, call: Call, reference: str, cap: int) -> Fetched:
        """A file that a person sent. Raises Rejected(Failure.FILE_TOO_LARGE) beyond ``cap`` bytes."""
        ...


class Outbound(Protocol):
    """What the bot says."""

    def parts(self, outgoing: OutgoingMessage) -> tuple[OutgoingMessage, ...]:
        """The outgoing message as messages that one call each can carry; nothing for one without content."""
        ...

    def shown(self, outgoing: OutgoingMessage) -> list[str]:
        """One of :meth:`parts` as lines for a terminal: the text, then the buttons as the platform shows them."""
        ...

    def send(
        self,
        call: Call,
        chat_id: str,
        outgoing: OutgoingMessage,
        file: OutgoingFile | None,
        row_id: str,
        reply_to: str | None = None,
    ) -> Sent:
        """Send one of :meth:`parts`. ``row_id`` is our own id of the message, ``reply_to`` the platform's of another.

        Raises Rejected(Failure.FILE_MISSING) where the outgoing message has an attachment and ``file`` is None.
        """
        ...

    def acknowledge(self, call: Call, callback: str | None, text: str | None = None) -> None:
        """Tell the platform that a press was seen, ``text`` as a passing note; nothing where it has no such thing."""
        ...


class Greeting(Protocol):
    """What somebody hears who has come and cannot be written to before they write."""

    def answer(self, values: Values, payload: Mapping[str, object]) -> bytes | None:
        """The body (JSON) of the answer to the very delivery of such an update; None for all other updates."""
        ...

    def said(self, language: str) -> OutgoingMessage:
        """What it tells people of that language."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a platform carries.

    Lengths are in characters, ``label`` that of a button which is shown whole (``None``: any). ``buttons`` says how
    many buttons (or list rows) one message shows in any case, ``button_value_bytes`` is in bytes of UTF-8,
    ``body_bytes`` the most that is read of a delivery. A bot may send
    ``rate`` messages a second on average and ``burst`` at once, to one chat ``chat_rate`` and ``chat_burst``.
    ``reply_window`` is how long after a person's last message answers are carried; ``None``: always.
    """

    text: int
    caption: int
    buttons: int
    button_value_bytes: int
    body_bytes: int
    rate: float
    burst: float
    chat_rate: float
    chat_burst: float
    label: int | None = None
    reply_window: timedelta | None = None


@dataclass(eq=False, kw_only=True)
class Messenger:
    """A platform. ``icon`` names a symbol of the portal's own set, ``steps`` how an owner comes by the credentials.

    ``poll`` asks for updates where nothing can be delivered, ``wanted`` are the kinds of updates, in the platform's
    words, that a healthy webhook delivers (empty: not told), ``files`` what it takes of files,
    ``greeting`` what it says in the answer to a delivery, ``resolves_uncertain``
    whether a receipt names our own row, so that a send of unknown outcome settles by itself.
    """

    key: str
    label: str
    icon: str
    fields: tuple[CredentialField, ...]
    steps: tuple[Text, ...]
    limits: Limits
    setup: Setup
    webhook: Webhook
    inbound: Inbound
    outbound: Outbound
    poll: Poll | None = None
    wanted: frozenset[str] = frozenset()
    files: tuple[FileRule, ...] = ()
    greeting: Greeting | None = None
    resolves_uncertain: bool = False

    @property
    def polls(self) -> bool:
        """Whether updates can be asked for."""
        return self.poll is not None

    def takes(self, content_type: str, size: int) -> bool:
        """Whether people on the platform get such a file; of one that is not taken they get the words and a link."""
        return rule_for(self.files, content_type, size) is not None

    @property
    def secret_fields(self) -> frozenset[str]:
        """The names of the fields that are never shown again."""
        return frozenset(field.name for field in self.fields if field.secret)

    def normalise(self, values: Values) -> dict[str, str]:
        """The known fields, freed of what pasting adds; anything that is no text counts as empty."""
        return normalised(self.fields, values)

    def check(self, values: Values, *, kept: Collection[str] = ()) -> dict[str, Text]:
        """What is wrong, by field, or nothing. `kept` names the fields that are stored and may stay empty."""
        typed = self.normalise(values)
        problems = {field.name: field.check(typed[field.name], kept=field.name in kept) for field in self.fields}
        return {name: problem for name, problem in problems.items() if problem is not None}

    def keepable(self, stored: Values, typed: Values) -> frozenset[str]:
        """The secret fields that may stay empty, because what is stored goes on being right."""
        old, new = self.normalise(stored), self.normalise(typed)
        if any(field.binds_secrets and old[field.name] != new[field.name] for field in self.fields):
            return frozenset()
        return frozenset(name for name in self.secret_fields if old[name])

    def is_complete(self, values: Values) -> bool:
        """Whether everything is there that the platform cannot work without."""
        found = self.normalise(values)
        return all(found[field.name] for field in self.fields if field.required)

    def webhook_path(self, credential_id: UUID) -> str:
        """The path that the platform delivers to. The id routes; it proves nothing."""
        return f"/hooks/{self.key}/{credential_id}"
