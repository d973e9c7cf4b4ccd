"""A bot as the platform knows it: who it is, its webhook, its chats, what waits to be delivered."""

import hashlib
import struct
import zlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.fakes.records import Event

if TYPE_CHECKING:
    from tests.fakes.chats import Chat, Person
    from tests.fakes.platform import FakePlatform

PICTURE_SIZE = 96  # pixels a side


@dataclass
class Webhook:
    """Where updates go, and how the last attempts went. ``allowed`` names kinds of updates, None is the usual ones."""

    url: str = ""
    secret: str = ""
    allowed: list[str] | None = None
    max_connections: int = 40
    last_error: str = ""
    last_error_at: datetime | None = None
    gone_since: datetime | None = None
    last_taken_at: datetime | None = None

    def note_error(self, words: str, now: datetime) -> None:
        """The bot's server did not take an update."""
        self.last_error, self.last_error_at = words, now


@dataclass(eq=False)
class Bot:
    """One bot. ``public_id`` may be seen by all; ``tokens`` prove it, those in ``revoked`` no longer do."""

    fake: "FakePlatform"
    public_id: str
    name: str
    username: str
    tokens: list[str] = field(default_factory=list)
    revoked: set[str] = field(default_factory=set)
    app_secret: str = ""
    webhook: Webhook = field(default_factory=Webhook)
    chats: dict[str, "Chat"] = field(default_factory=dict)
    pending: list[Event] = field(default_factory=list)
    files: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def token(self) -> str:
        """The newest credential that it was seen with."""
        return self.tokens[-1] if self.tokens else ""

    @property
    def picture(self) -> bytes:
        """Its picture, a small PNG in a colour of its own."""
        return png(hashlib.sha256(self.public_id.encode()).digest()[:3])

    def user(self, chat_id: str, name: str = "", **details: Any) -> "Person":
        """A person who has this bot open; made at the first mention."""
        return self.fake.user(chat_id, name, bot=self, **details)

    def accepts(self, token: str) -> None:
        """A credential of this bot, where it cannot be told by looks (Viber: a new token for the same bot)."""
        with self.fake.changed:
            self.revoked.discard(token)
            self.tokens = [*(each for each in self.tokens if each != token), token]

    def revoke(self) -> None:
        """The owner had the token replaced: every credential known so far is refused."""
        with self.fake.changed:
            self.revoked.update(self.tokens)

    def restore(self) -> None:
        """The credentials work again."""
        with self.fake.changed:
            self.revoked.clear()

    @property
    def is_revoked(self) -> bool:
        """Whether its newest credential is refused."""
        return self.token in self.revoked

    def steal_webhook(self, url: str = "https://other-tool.example/hook") -> None:
        """Another tool sets its own address, and nobody is told."""
        self.fake.point_webhook(self, url)


def png(colour: bytes) -> bytes:
    """A square picture of one colour (red, green, blue)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", PICTURE_SIZE, PICTURE_SIZE, 8, 2, 0, 0, 0)
    rows = (b"\0" + colour * PICTURE_SIZE) * PICTURE_SIZE
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
