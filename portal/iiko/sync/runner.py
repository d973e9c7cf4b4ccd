"""One run from its claim to its plan, and from there into the rows: read, log out, compare, preview, apply.

No transaction is open while the server is asked. Whoever works at a run holds its own lock: a run that moves without
one has lost its worker, and whoever takes it up reads anew. Of what is written each kind is whole or not begun.
"""

import hashlib
import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from portal.db.base import db
from portal.db.faults import is_passing
from portal.db.states import MoveRefused
from portal.db.types import utc_now
from portal.http.breaker import shared_breaker
from portal.iiko.client.addresses import outbound_guard, server_key
from portal.iiko.client.answers import IikoFailure, Outcome
from portal.iiko.client.client import IikoClient, Server
from portal.iiko.models import IikoConnection, IikoRun, Purpose, RunState
from portal.iiko.seats.lock import ServerLock, server_lock
from portal.iiko.seats.seat import Seat, open_seat, refuse_while_resting
from portal.iiko.sync import runs
from portal.iiko.sync.applying import apply_next
from portal.iiko.sync.health import note_failure, note_success
from portal.iiko.sync.kinds import KINDS
from portal.iiko.sync.planning import fail_kind
from portal.iiko.sync.progress import Progress
from portal.iiko.sync.reasons import KindFailure
from portal.iiko.sync.schedule import plan_next
from portal.iiko.sync.stopping import StopSignal
from portal.iiko.sync.work import Work, work_of
from portal.tenancy.scope import resume_scope

log = logging.getLogger(__name__)

# Who finds a server taken comes again after so many seconds.
AGAIN_SECONDS = (5, 15)
RESTS_SECONDS = 30
MOST_WAITING = timedelta(hours=2)
# A run whose worker died so often may be what kills them.
MOST_RESTARTS = 3
# Nothing is wrong with the server: the run is taken up again.
FOR_LATER = frozenset({Outcome.RESTING, Outcome.BUSY, Outcome.DEPLOYMENT_RESTS, Outcome.LOCK_LOST})


@dataclass(frozen=True, slots=True)
class Task:
    """What a run needs to know of its connection while no transaction is open."""

    connection_id: UUID
    is_applying: bool


def run_key(run_id: UUID) -> bytes:
    """The key of a run's own lock."""
    return hashlib.sha256(f"run {run_id}".encode()).digest()


class SyncRunner:
    """Works at one run of the account in scope."""

    def __init__(self, run_id: UUID) -> None:
        self.run_id, self.stop = run_id, StopSignal(run_id)
        # What the server was asked with; whoever typed something else meanwhile asked for another run.
        self.server: Server | None = None

    def run(self) -> int | None:
        """Bring it as far as it goes; in how many seconds it is to be taken up again, ``None`` where it is not."""
        db.session.commit()
        with server_lock(run_key(self.run_id)) as own:
            return self._work() if own is not None else None

    def _work(self) -> int | None:
        try:
            task = self._claim()
            if task is None:
                return None
            if not task.is_applying:
                self._read_and_compare(task)
            self._write()
        except IikoFailure as failure:
            db.session.rollback()
            return self._after(failure)
        except Exception as error:
            db.session.rollback()
            # Where the database was away the run is taken up by the next round.
            if not is_passing(error):
                with self._transaction() as run:
                    runs.end(run, RunState.FAILED, KindFailure.FAULTY)
            raise
        return None

    @contextmanager
    def _transaction(self, *, is_held: bool = False) -> Iterator[IikoRun]:
        """The run's row; what is done meanwhile is committed. Progress writes into rows that nobody holds."""
        resume_scope()
        query = select(IikoRun).where(IikoRun.id == self.run_id)
        yield db.session.scalars(query.with_for_update() if is_held else query).one()
        db.session.commit()

    def _claim(self) -> Task | None:
        """What is to be done; ``None`` where the run is over."""
        with self._transaction(is_held=True) as run:
            if run.state.is_over:
                return None
            connection = runs.connection_of(run)
            if run.cancel_asked_at is not None or not (
                connection.integration.is_active or run.purpose is Purpose.CHECK
            ):
                runs.end(run, RunState.CANCELLED)
                return None
            if run.beat_at is not None and not self._may_begin_anew(run):
                runs.end(run, RunState.FAILED, KindFailure.INTERRUPTED)
                return None
            is_applying = run.state is RunState.APPLYING
            runs.enter(run, RunState.APPLYING if is_applying else RunState.READING)
            if not is_applying:
                runs.begin_anew(run)
            self.server = None if is_applying else server_of(connection)
            return Task(connection.id, is_applying)

    @staticmethod
    def _may_begin_anew(run: IikoRun) -> bool:
        """Its worker died: that is counted."""
        restarts = int(run.details.get("restarts", 0)) + 1
        run.details = {**run.details, "restarts": restarts}
        return restarts <= MOST_RESTARTS

    def _read_and_compare(self, task: Task) -> None:
        assert self.server is not None, "what is read has a server"
        with self._transaction() as run:
            work, progress = work_of(run), Progress(run)
        try:
            with server_lock(server_key(self.server.base_url)) as lock:
                if lock is None:
                    raise IikoFailure(Outcome.BUSY)
                self._ask(self._client(self.server, progress), task, lock, work, progress)
            self._compare(work)
        finally:
            work.close()

    def _client(self, server: Server, progress: Progress) -> IikoClient:
        guard, breaker = outbound_guard(), shared_breaker()
        return IikoClient(server, guard=guard, breaker=breaker, stop=self.stop, on_bytes=progress.add_bytes)

    def _ask(self, client: IikoClient, task: Task, lock: ServerLock, work: Work, progress: Progress) -> None:
        """All that needs the server; the seat is back afterwards, whatever happened."""
        self._go_on()
        seat = None
        try:
            refuse_while_resting(lock)
            work.info = client.server_info()
            with open_seat(task.connection_id, self.run_id, client, lock) as seat:
                work.ask(seat, progress)
        finally:
            db.session.rollback()
            progress.flush()
            self._note_answers(client, seat, work)

    def _note_answers(self, client: IikoClient, seat: Seat | None, work: Work) -> None:
        """What the server told of itself, and what became of the seat."""
        with self._transaction() as run:
            if self._is_current(connection := runs.connection_of(run)):
                connection.needs_browser_agent = client.needs_browser_agent
                connection.shown_certificate = client.shown_certificate or connection.shown_certificate
                if (info := work.info) is not None:
                    told = (info.name, info.edition, info.version)
                    connection.server_name, connection.edition, connection.version = told
            if seat is not None:
                run.requests, run.seat_opened_at, run.seat_returned_at = seat.requests, seat.opened_at, seat.returned_at
                run.read_at = utc_now()

    def _compare(self, work: Work) -> None:
        """Plan each kind; the run is ready then, and a scheduled one goes on to write."""
        with self._transaction() as run:
            runs.enter(run, RunState.COMPARING)
            work.keep()
        for key in work.steps:
            self._go_on()
            with self._transaction() as run:
                work.plan(run, key)
        with self._transaction() as run:
            if not self._is_current(connection := runs.connection_of(run)):
                self.stop.is_cancelled = True
                raise IikoFailure(Outcome.CANCELLED)
            work.conclude(run)
            note_success(connection)
            self._finish_plan(run)

    def _is_current(self, connection: IikoConnection) -> bool:
        """Whether the server that was asked is still the one that is meant."""
        server = self.server
        parts = (server.base_url, server.login, server.password) if server else None
        return parts in (None, connection.integration.connection_parts())

    @staticmethod
    def _finish_plan(run: IikoRun) -> None:
        if run.purpose is Purpose.CHECK:
            runs.end(run, RunState.DONE)
            return
        run.planned_at = utc_now()
        if run.purpose is Purpose.SCHEDULE:
            runs.enter(run, RunState.APPLYING)
        else:
            runs.put_off(run, RunState.PLANNED)

    def _write(self) -> None:
        """Apply the plan, a kind in one transaction; one that cannot be written leaves the others alone."""
        with self._transaction() as run:
            keys = [line.kind for line in runs.kinds_of(run)] if run.state is RunState.APPLYING else None
            progress = Progress(run)
        if keys is None:
            return
        for key in keys:
            self._go_on()
            self._write_kind(key, progress)
        with self._transaction() as run:
            runs.end(run, RunState.DONE)
            plan_next(runs.connection_of(run), utc_now())

    def _write_kind(self, key: str, progress: Progress) -> None:
        try:
            while self._write_next(key, progress):
                self._go_on_writing()
        except IikoFailure:
            raise
        except MoveRefused as refusal:
            db.session.rollback()
            with self._transaction() as run:
                fail_kind(run, KINDS[key], KindFailure.NO_ROOM, {"text": str(refusal.reason)})
        except Exception as error:
            db.session.rollback()
            if is_passing(error):
                raise
            log.error("a kind could not be written: %s: %s", key, type(error).__name__)
            with self._transaction() as run:
                fail_kind(run, KINDS[key], KindFailure.BROKE)

    def _go_on_writing(self) -> None:
        """Between two days of documents: the one is whole, the other not begun."""
        self._go_on()

    def _write_next(self, key: str, progress: Progress) -> bool:
        """Write what goes into one transaction; whether there is more."""
        with self._transaction() as run:
            line = next(each for each in runs.kinds_of(run) if each.kind == key)
            only_safe = run.purpose is Purpose.SCHEDULE
            return apply_next(run, line, by=run.applied_by_id, only_safe=only_safe, progress=progress)

    def _go_on(self) -> None:
        """Raises IikoFailure (cancelled) where the run has to stop before its next step."""
        if self.stop():
            raise IikoFailure(Outcome.CANCELLED)

    def _after(self, failure: IikoFailure) -> int | None:
        """What a failure of the whole run comes to; the seconds until it is taken up again."""
        if failure.outcome is Outcome.CANCELLED:
            return self._stopped()
        with self._transaction() as run:
            if failure.outcome in FOR_LATER and run.created_at > utc_now() - MOST_WAITING:
                runs.put_off(run, RunState.WAITING)
                return RESTS_SECONDS if failure.outcome is Outcome.RESTING else random.randint(*AGAIN_SECONDS)  # noqa: S311
            connection = runs.connection_of(run)
            is_current = self._is_current(connection)
            word = note_failure(connection, run, failure.outcome, failure.details) if is_current else failure.outcome
            runs.end(run, RunState.FAILED, word, failure.details)
        return None

    def _stopped(self) -> int | None:
        """A person wanted it, or the worker ends and another one takes it up."""
        with self._transaction() as run:
            if self.stop.is_cancelled:
                runs.end(run, RunState.CANCELLED)
                return None
            runs.put_off(run, RunState.APPLYING if run.state is RunState.APPLYING else RunState.QUEUED)
        return 1


def server_of(connection: IikoConnection) -> Server:
    """Where and who. Raises IikoFailure where the stored log-in cannot be read."""
    base_url, login, password = connection.integration.connection_parts()
    if not (login and password):
        raise IikoFailure(Outcome.UNREADABLE)
    return Server(
        base_url,
        login,
        password,
        connection.pinned_certificate,
        connection.needs_browser_agent,
        worked_before=connection.worked_at is not None,
    )
