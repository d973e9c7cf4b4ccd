"""What a run does with its seat and with the answers: a check of the connection, or the rows of kinds."""

from abc import ABC, abstractmethod

from portal.iiko.client.answers import IikoFailure, Outcome
from portal.iiko.client.client import ServerInfo
from portal.iiko.models import IikoRun, KindState, Purpose
from portal.iiko.seats.seat import Seat
from portal.iiko.sync import runs
from portal.iiko.sync.checking import PROBES, Found, ask, server_type
from portal.iiko.sync.kinds import KINDS
from portal.iiko.sync.planning import fail_kind, plan_or_fail
from portal.iiko.sync.progress import Progress
from portal.iiko.sync.reading import RunReading


class Work(ABC):
    """``ask`` within the seat and outside of transactions; ``keep``, ``plan``, ``conclude`` within one each."""

    def __init__(self) -> None:
        self.info: ServerInfo | None = None
        self.steps: tuple[str, ...] = ()

    @abstractmethod
    def ask(self, seat: Seat, progress: Progress) -> None:
        """Ask the server for everything. Raises IikoFailure."""

    @abstractmethod
    def keep(self) -> None:
        """Store what the server answered."""

    @abstractmethod
    def plan(self, run: IikoRun, key: str) -> None:
        """Compare one of the ``steps``."""

    @abstractmethod
    def conclude(self, run: IikoRun) -> None:
        """Note what was found. Raises IikoFailure where that is nothing at all."""

    @abstractmethod
    def close(self) -> None:
        """Leave no files behind."""


class CheckWork(Work):
    """Asks a little of everything."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, Found] = {}
        self.server_type: str | None = None

    def ask(self, seat: Seat, progress: Progress) -> None:
        """One question after the other; what one may not read does not end the check."""
        for probe in PROBES:
            progress.enter(probe.key, KindState.READS)
            self.found[probe.key] = ask(seat, probe)
        self.server_type = server_type(seat)

    def keep(self) -> None:
        """Nothing: nobody compares what a check read."""

    def plan(self, run: IikoRun, key: str) -> None:
        """Nothing: there are no steps."""

    def close(self) -> None:
        """Nothing: each answer was closed at once."""

    def conclude(self, run: IikoRun) -> None:
        """Each kind with whether it may be read, and how many restaurants the user sees."""
        connection = runs.connection_of(run)
        connection.server_type = self.server_type or connection.server_type
        for line in runs.kinds_of(run):
            found = self.found[line.kind]
            line.bytes, line.state = found.bytes, KindState.FAILED if found.failure else KindState.DONE
            if found.failure:
                line.failure, line.details = found.failure, {"failure": dict(found.details or {})}
            if found.restaurants is not None:
                run.restaurants_seen = found.restaurants
                # Later runs are compared with what was applied.
                if connection.restaurants_seen is None:
                    connection.restaurants_seen = found.restaurants


class SyncWork(Work):
    """Reads whole kinds, and plans what becomes of each row."""

    def __init__(self, run: IikoRun) -> None:
        super().__init__()
        # A kind of another version of the portal is not read.
        self.kinds = {key: KINDS[key] for key in run.kinds if key in KINDS}
        self.steps = tuple(self.kinds)
        self.reading = RunReading(run, list(self.kinds.values()))

    def ask(self, seat: Seat, progress: Progress) -> None:
        """Read everything into files."""
        self.reading.read(seat, progress)

    def keep(self) -> None:
        """Store the raw answers, sealed."""
        self.reading.keep()

    def plan(self, run: IikoRun, key: str) -> None:
        """Plan a kind; what is wrong with its answer fails it alone."""
        kind = self.kinds[key]
        try:
            rows = self.reading.rows(kind)
        except IikoFailure as failure:
            fail_kind(run, kind, failure.outcome, failure.details)
        else:
            plan_or_fail(run, kind, rows)

    def conclude(self, run: IikoRun) -> None:
        """Where no kind came it is a failure of the server's, and that of the first kind."""
        lines = runs.kinds_of(run)
        failed = [line for line in lines if line.failure is not None]
        if not failed or len(failed) < len(lines):
            return
        outcome = Outcome.read(failed[0].failure or "")
        if isinstance(outcome, Outcome):
            raise IikoFailure(outcome, **failed[0].details.get("failure", {}))

    def close(self) -> None:
        """Remove the files."""
        self.reading.close()


def work_of(run: IikoRun) -> Work:
    """The work that a run is for."""
    return CheckWork() if run.purpose is Purpose.CHECK else SyncWork(run)
