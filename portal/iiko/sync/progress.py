"""How far a run has come, written past its transaction and at most once a second."""

import time
from collections.abc import Callable

from portal.iiko.models import IikoRun, KindState

INTERVAL_SECONDS = 1.0


class Progress:
    """Writes what a run does at the moment, each time in a transaction of its own."""

    def __init__(self, run: IikoRun, clock: Callable[[], float] = time.monotonic) -> None:
        self.run_id, self.account_id, self.clock = run.id, run.account_id, clock

    def enter(self, kind: str, state: KindState, total: int | None = None) -> None:
        """A kind goes into a state: written at once."""
        raise NotImplementedError

    def add_bytes(self, count: int) -> None:
        """So many bytes more came of the answer that is being read."""
        raise NotImplementedError

    def add_rows(self, count: int = 1) -> None:
        """So many rows more were read or compared."""
        raise NotImplementedError

    def add_written(self, count: int) -> None:
        """So many rows more were written."""
        raise NotImplementedError

    def flush(self) -> None:
        """Write what is not written yet."""
        raise NotImplementedError
