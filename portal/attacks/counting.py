"""Counts of attacks, gathered in the process and added to the hour's rows every few seconds."""

import logging
import threading
from collections import Counter
from datetime import datetime
from uuid import UUID

from flask import current_app

from portal.attacks.queries import Counted, add_counts
from portal.db.base import db
from portal.db.types import utc_now
from portal.telemetry.sampling import Sampler

log = logging.getLogger(__name__)

LINES_A_MINUTE = 3
# So many addresses of an hour are told apart, then all further ones are one: rows are bounded, whoever attacks.
MAX_ADDRESSES = 500


class Tally:
    """What one process has counted; used by many threads at once."""

    def __init__(self) -> None:
        self.lines = Sampler(LINES_A_MINUTE)
        self._lock = threading.Lock()
        self._counts: Counter[Counted] = Counter()
        self._hour: datetime | None = None
        self._addresses: set[str] = set()

    def count(self, kind: str, chain_id: UUID | None, address: str) -> None:
        """One more."""
        hour = utc_now().replace(minute=0, second=0, microsecond=0)
        with self._lock:
            if hour != self._hour:
                self._hour, self._addresses = hour, set()
            if len(self._addresses) < MAX_ADDRESSES:
                self._addresses.add(address)
            told = address if address in self._addresses else None
            self._counts[Counted(hour, kind, chain_id, told)] += 1

    def take(self) -> Counter[Counted]:
        """All that was counted since it was last taken."""
        with self._lock:
            taken, self._counts = self._counts, Counter()
        return taken


def tally() -> Tally:
    """That of the present app."""
    found: Tally = current_app.extensions["attacks"]
    return found


def write_counts() -> None:
    """Add what was counted to the rows of the hour, and tell of lines that were left out and not followed by any."""
    counted = tally()
    for kind, suppressed in counted.lines.overdue():
        log.warning("attacks went on", extra={"fields": {"kind": kind or "various", "suppressed": suppressed}})
    if taken := counted.take():
        add_counts(taken)
        db.session.commit()
