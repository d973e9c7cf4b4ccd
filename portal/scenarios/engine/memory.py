"""What the engine remembers of a conversation between two events: small, bounded, JSON."""

from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

LONGEST_NAME = 64


@dataclass(slots=True)
class Memory:
    """``press``: the last button with its message and time. ``chain``: the steps since somebody last said something.

    ``window``: when the counted minute began, and how many messages came in it. ``wake_at``: when the dialog goes
    on by itself. ``before``: the state before the person blocked the bot. Times in seconds since 1970.
    """

    press: tuple[str, str, float] | None = None
    window: tuple[float, int] | None = None
    chain: list[str] = field(default_factory=list)
    wake_at: float | None = None
    before: str | None = None

    @classmethod
    def read(cls, raw: dict[str, Any]) -> "Memory":
        """What :meth:`as_json` gave; anything else in it reads as forgotten."""
        memory = cls()
        match raw.get("press"):
            case [str(marker), str(message), int() | float() as at]:
                memory.press = (marker, message, at)
        match raw.get("window"):
            case [int() | float() as start, int(count)]:
                memory.window = (start, count)
        chain = raw.get("chain")
        memory.chain = [name for name in chain if isinstance(name, str)] if isinstance(chain, list) else []
        wake_at, before = raw.get("wake_at"), raw.get("before")
        memory.wake_at = wake_at if isinstance(wake_at, int | float) else None
        memory.before = before if isinstance(before, str) else None
        return memory

    def as_json(self) -> dict[str, Any]:
        """What is kept; what is empty is left out."""
        kept = {
            "press": self.press and list(self.press),
            "window": self.window and list(self.window),
            "chain": self.chain,
            "wake_at": self.wake_at,
            "before": self.before,
        }
        return {key: value for key, value in kept.items() if value}

    def is_repeated(self, marker: str, message: str, at: float, within: float) -> bool:
        """Whether the same button of the same message was pressed just before; the press is remembered."""
        former, self.press = self.press, (short(marker), short(message), at)
        return former is not None and former[:2] == self.press[:2] and abs(at - former[2]) <= within

    def count(self, at: float) -> int:
        """How many messages came in the current minute, this one included."""
        if self.window is None or not 0 <= at - self.window[0] < 60:
            self.window = (at, 0)
        self.window = (self.window[0], self.window[1] + 1)
        return self.window[1]


def short(name: str) -> str:
    """A name as it can be remembered: a long one as its hash."""
    return name if len(name) <= LONGEST_NAME else blake2b(name.encode(errors="replace"), digest_size=16).hexdigest()
