"""Threads that work off what waits, the accounts in turn."""

import logging
import threading
import time
from collections.abc import Callable
from uuid import UUID

from portal.messaging.transactions import is_database_away
from portal.messaging.turns import Turns
from portal.telemetry.failures import failure_location

log = logging.getLogger(__name__)


class Pool:
    """``size`` threads of which one account has at most ``share``, so that whoever comes finds one soon."""

    def __init__(self, name: str, size: int, share: int) -> None:
        self.name = name
        self.turns: Turns[Callable[[], None]] = Turns(share)
        self._threads = [threading.Thread(target=self._work, name=f"{name} {i}", daemon=True) for i in range(size)]

    def start(self) -> None:
        """Begin to work."""
        for thread in self._threads:
            thread.start()

    def put(self, account_id: UUID, work: Callable[[], None], since: float = 0.0) -> None:
        """Have it done in its turn; within its account the smallest ``since`` comes first."""
        self.turns.put(account_id, work, since)

    def finish(self, seconds: float) -> None:
        """Take nothing more; wait for what is in hand."""
        self.turns.close()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(max(deadline - time.monotonic(), 0.0))

    def _work(self) -> None:
        while (taken := self.turns.take()) is not None:
            account_id, work = taken
            begun = time.thread_time()
            try:
                work()
            except Exception as error:
                told = "the database is away" if is_database_away(error) else failure_location(error)
                log.warning("%s: %s", self.name, told)
            finally:
                self.turns.finished(account_id, time.thread_time() - begun)
