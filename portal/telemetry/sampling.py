"""So many lines a minute of one kind from one address; the rest is counted, and the next line says how many."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from portal.access.networks import network_of

# Whoever has more addresses shares one place with all others.
MAX_PLACES = 500
MINUTE_SECONDS = 60.0
OTHERS = ("", "")


@dataclass(slots=True)
class _Place:
    since: float
    told: int = 0
    suppressed: int = 0


class Sampler:
    """Bounded in lines and in memory, whoever sends what. ``clock`` gives seconds."""

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.a_minute, self._clock = a_minute, clock
        self._places: dict[tuple[str, str], _Place] = {}
        self._lock = threading.Lock()

    def admit(self, kind: str, address: str) -> int | None:
        """How many were suppressed since the last line, where one more may be written; else ``None``."""
        now = self._clock()
        with self._lock:
            place = self._place((kind, network_of(address)), now)
            if now - place.since >= MINUTE_SECONDS:
                place.since, place.told = now, 0
            if place.told >= self.a_minute:
                place.suppressed += 1
                return None
            place.told += 1
            suppressed, place.suppressed = place.suppressed, 0
            return suppressed

    def overdue(self) -> list[tuple[str, int]]:
        """Kinds and numbers of what was suppressed more than a minute ago, each told once; places at rest are freed."""
        now, found = self._clock(), []
        with self._lock:
            for key, place in list(self._places.items()):
                if now - place.since < MINUTE_SECONDS:
                    continue
                if place.suppressed:
                    found.append((key[0], place.suppressed))
                del self._places[key]
        return found

    def _place(self, key: tuple[str, str], now: float) -> _Place:
        if key not in self._places and len(self._places) >= MAX_PLACES:
            key = OTHERS
        return self._places.setdefault(key, _Place(now))
