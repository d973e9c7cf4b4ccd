"""What adapters are given to send, and what they answer."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file of the library on its way out.

    ``data`` reads the bytes when they are needed, ``size`` is their number. ``platform_file_id`` is the
    platform's own id of an earlier upload, ``public_url`` an address that the platform can fetch it from.
    """

    data: Callable[[], bytes] = field(repr=False)
    name: str
    content_type: str
    size: int
    platform_file_id: str | None = None
    public_url: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Sent:
    """The platform accepted a message: its id there, and the id of an uploaded file, to be used again."""

    message_ref: str
    file_ref: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Profile:
    """What the platform calls the bot; empty where it does not say. ``picture`` is an image of at most 2 MiB."""

    external_id: str
    name: str = ""
    username: str = ""
    link: str = ""
    picture: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class WebhookView:
    """The platform's view of the webhook.

    ``url`` is empty where none is set, ``pending`` and ``last_error`` are ``None`` and empty where the platform
    does not tell. ``allowed`` names the kinds of updates that it delivers (empty: unknown, or all).
    ``supported`` is False where the platform could not be asked for the webhook at all.
    """

    url: str = ""
    pending: int | None = None
    last_error: str = ""
    last_error_at: datetime | None = None
    allowed: tuple[str, ...] = ()
    supported: bool = True


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that a person sent; type and name are the platform's word and prove nothing."""

    data: bytes = field(repr=False)
    content_type: str = ""
    name: str = ""
