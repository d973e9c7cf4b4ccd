"""How far a run has come, written past its transaction and at most once a second."""

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import update

from portal.db.base import db
from portal.db.types import utc_now
from portal.iiko.models import IikoRun, IikoRunKind, KindState
from portal.tenancy.scope import SET_ACCOUNT

INTERVAL_SECONDS = 1.0


class Progress:
    """Writes what a run does at the moment, each time in a transaction of its own: nobody waits for its own.

    The rows of the run and of its kinds are committed before; whoever writes keeps no lock on them.
    """

    def __init__(self, run: IikoRun, clock: Callable[[], float] = time.monotonic) -> None:
        self.run_id, self.account_id, self.clock = run.id, run.account_id, clock
        self.kind: str | None = None
        self.bytes_of_run = run.bytes
        self.values: dict[str, Any] = {}
        self.written_at = clock() - INTERVAL_SECONDS
        self.is_current = True

    def enter(self, kind: str, state: KindState, total: int | None = None) -> None:
        """A kind goes into a state: written at once."""
        self.flush()
        self.kind, self.values = kind, {"state": state, "total": total}
        self.is_current = False
        self.flush()

    def add_bytes(self, count: int) -> None:
        """So many bytes more came of the answer that is being read."""
        self.bytes_of_run += count
        self._add("bytes", count)

    def add_rows(self, count: int = 1) -> None:
        """So many rows more were read or compared."""
        self._add("rows", count)

    def add_written(self, count: int) -> None:
        """So many rows more were written."""
        self._add("written", count)

    def flush(self) -> None:
        """Write what is not written yet."""
        if self.is_current or self.kind is None:
            return
        of_kind = update(IikoRunKind).where(IikoRunKind.run_id == self.run_id, IikoRunKind.kind == self.kind)
        of_run = update(IikoRun).where(IikoRun.id == self.run_id)
        with db.engine.begin() as connection:
            connection.execute(SET_ACCOUNT, {"account_id": str(self.account_id)})
            connection.execute(of_kind.where(IikoRunKind.account_id == self.account_id).values(**self.values))
            told = {"beat_at": utc_now(), "bytes": self.bytes_of_run}
            connection.execute(of_run.where(IikoRun.account_id == self.account_id).values(**told))
        self.is_current, self.written_at = True, self.clock()
        # Told once: by the next time the kind may have gone on.
        self.values.pop("state", None)

    def _add(self, key: str, count: int) -> None:
        self.values[key] = self.values.get(key, 0) + count
        self.is_current = False
        if self.clock() - self.written_at >= INTERVAL_SECONDS:
            self.flush()
