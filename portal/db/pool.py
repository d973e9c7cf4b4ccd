"""The pool of connections, which tells how long somebody waited for one."""

import time
from collections.abc import Callable
from typing import ClassVar

from sqlalchemy.pool import PoolProxiedConnection, QueuePool


class ObservedPool(QueuePool):
    """``on_wait`` is told the seconds of every wait, those in vain included."""

    # Of the process: an engine that drops its connections makes a new pool.
    on_wait: ClassVar[Callable[[float], None] | None] = None

    def connect(self) -> PoolProxiedConnection:
        """A connection; raises ``sqlalchemy.exc.TimeoutError`` where none came free in time."""
        on_wait = type(self).on_wait
        if on_wait is None:
            return super().connect()
        started = time.perf_counter()
        try:
            return super().connect()
        finally:
            on_wait(time.perf_counter() - started)
