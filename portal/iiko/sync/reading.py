"""Reading what a run asks for, within its seat: each answer once, in a file until the run has compared it."""

from collections.abc import Mapping, Sequence
from typing import Any

from portal.iiko.models import IikoRun
from portal.iiko.sync.kinds import Kind, Rows


class RunReading:
    """The answers of a run: ``read`` within the seat, ``rows`` and ``keep`` after the log-out, ``close`` at the end."""

    def __init__(self, run: IikoRun, kinds: Sequence[Kind]) -> None:
        self.run, self.kinds = run, kinds

    def read(self, seat: Any, progress: Any) -> None:
        """Ask for all; what fails one kind alone is noted on it, what fails the run is raised (``IikoFailure``)."""
        raise NotImplementedError

    def rows(self, kind: Kind) -> Rows:
        """The rows of a kind whose answers came whole; ``IikoFailure`` where they turn out to be none."""
        raise NotImplementedError

    def failure(self, kind: Kind) -> Mapping[str, Any] | None:
        """What kept a kind from being read."""
        raise NotImplementedError

    def keep(self) -> None:
        """Store the raw answers, packed and sealed, in the transaction of the caller."""
        raise NotImplementedError

    def close(self) -> None:
        """Remove the files."""
        raise NotImplementedError
