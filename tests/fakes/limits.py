"""How much a platform lets a bot send: token buckets, all off unless set."""

import time
from dataclasses import dataclass, field


@dataclass
class Bucket:
    """``rate`` a second, at most ``burst`` at once."""

    rate: float
    burst: float
    filled: float = -1
    at: float = 0

    def take(self) -> float:
        """Seconds to wait before the next one; 0 where it may go now."""
        now = time.monotonic()
        self.filled = self.burst if self.filled < 0 else min(self.burst, self.filled + (now - self.at) * self.rate)
        self.at = now
        if self.filled >= 1:
            self.filled -= 1
            return 0
        return (1 - self.filled) / self.rate


@dataclass
class Limits:
    """Messages a second of a bot in all, and of one chat, with the bursts that are let through; 0 is no limit."""

    overall: float = 0
    overall_burst: float = 30
    per_chat: float = 0
    per_chat_burst: float = 5
    _buckets: dict[tuple[str, ...], Bucket] = field(default_factory=dict, repr=False)

    def wait(self, bot: str, chat: str) -> tuple[str, float]:
        """Which limit is reached (``overall``, ``chat`` or nothing) and for how many seconds."""
        for name, key, rate, burst in (
            ("chat", (bot, chat), self.per_chat, self.per_chat_burst),
            ("overall", (bot,), self.overall, self.overall_burst),
        ):
            if rate:
                seconds = self._buckets.setdefault(key, Bucket(rate, burst)).take()
                if seconds:
                    return name, seconds
        return "", 0
