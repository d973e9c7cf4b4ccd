"""Licence seats: how many there are, who holds one, and when it comes free by itself."""

import threading
import uuid
from collections.abc import Callable

LIFETIME = 3600.0  # seconds from the log-in, not renewed by use


class Seats:
    """Tokens and the moments of their log-ins; ``now`` is the server's clock in seconds."""

    def __init__(self, total: int, now: Callable[[], float]) -> None:
        self.total, self.taken_by_others = total, 0
        self.lifetime = LIFETIME
        self.log_ins = self.refused = self.most = 0
        self._now = now
        self._held: dict[str, float] = {}
        self._lock = threading.Lock()

    def take(self) -> str | None:
        """A new token, or ``None`` where no seat is free."""
        with self._lock:
            self._expire()
            if len(self._held) + self.taken_by_others >= self.total:
                self.refused += 1
                return None
            token = str(uuid.uuid4())
            self._held[token] = self._now()
            self.log_ins += 1
            self.most = max(self.most, len(self._held))
            return token

    def is_known(self, token: str) -> bool:
        """Whether requests with the token are answered."""
        with self._lock:
            self._expire()
            return token in self._held

    def give_back(self, token: str) -> bool:
        """Whether the token was known; its seat is free."""
        with self._lock:
            self._expire()
            return self._held.pop(token, None) is not None

    def drop_all(self) -> None:
        """What a restart does: every session is gone, and its seat with it."""
        with self._lock:
            self._held.clear()

    @property
    def held(self) -> list[str]:
        """The tokens whose seats are taken."""
        with self._lock:
            self._expire()
            return list(self._held)

    @property
    def free(self) -> int:
        """Seats that the next log-in may take."""
        return max(0, self.total - self.taken_by_others - len(self.held))

    def ages(self) -> list[int]:
        """How many minutes ago each seat was taken."""
        with self._lock:
            self._expire()
            return [int((self._now() - at) // 60) for at in self._held.values()]

    def _expire(self) -> None:
        limit = self._now() - self.lifetime
        self._held = {token: at for token, at in self._held.items() if at > limit}
