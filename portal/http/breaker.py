"""Hosts that have stopped answering are left alone for a while, so that nobody waits for them in vain."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app

# After so many time-outs in a row a host is left alone for so long; then one call tries it.
MAX_TIMEOUTS = 3
REST_SECONDS = 30.0
# Hosts that are remembered; the one that was heard of longest ago is forgotten first.
MAX_HOSTS = 1000


@dataclass(slots=True)
class _Host:
    timeouts: int = 0
    rests_until: float = 0.0


class CircuitBreaker:
    """What one process knows of the hosts that it calls; for many threads.

    Only hosts that failed are remembered. A key is whatever tells one host from another.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._hosts: OrderedDict[str, _Host] = OrderedDict()

    def rest_of(self, key: str) -> float:
        """For how many seconds the host is still left alone; 0 where it may be called.

        Of those who ask once the rest is over the first may call, and the others wait for what comes of that.
        """
        with self._lock:
            host = self._hosts.get(key)
            if host is None or host.timeouts < MAX_TIMEOUTS:
                return 0.0
            now = self._clock()
            if host.rests_until > now:
                return host.rests_until - now
            host.rests_until = now + REST_SECONDS
            return 0.0

    def note_timeout(self, key: str) -> None:
        """The host did not answer in time, or could not be reached."""
        with self._lock:
            host = self._hosts.setdefault(key, _Host())
            self._hosts.move_to_end(key)
            host.timeouts += 1
            if host.timeouts >= MAX_TIMEOUTS:
                host.rests_until = self._clock() + REST_SECONDS
            while len(self._hosts) > MAX_HOSTS:
                self._hosts.popitem(last=False)

    def note_answer(self, key: str) -> None:
        """The host answered, whatever it said."""
        with self._lock:
            self._hosts.pop(key, None)


def shared_breaker() -> CircuitBreaker:
    """The one that all jobs of this process share."""
    breaker: CircuitBreaker = current_app.extensions.setdefault("circuit_breaker", CircuitBreaker())
    return breaker
