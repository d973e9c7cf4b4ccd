"""A seat of iiko's licence, from before the log-in until after the log-out."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from uuid import UUID

import psycopg

from portal.db.types import utc_now
from portal.iiko.client.answers import IikoFailure
from portal.iiko.client.client import Answer, IikoClient
from portal.iiko.client.outcomes import Outcome
from portal.iiko.client.requests import ApiRequest
from portal.iiko.seats.lock import ServerLock
from portal.iiko.seats.log_ins import SEAT_LIFE, LogIns
from portal.iiko.seats.returning import UNKNOWN, give_back
from portal.tenancy.scope import require_scope

log = logging.getLogger(__name__)
# A log-in lives an hour from its beginning: a new one is made in between two questions, before iiko ends the old one.
RENEWED_AFTER_SECONDS = 50 * 60
# So often an ended log-in is followed by a new one; a server that ends each of them would hand out seats without end.
MAX_EXPIRED = 3
# With so many seats possibly taken no other is asked for.
MAX_UNKNOWN = 2


class Seat:
    """``requests`` were asked in it, log-ins included; ``returned_at`` is set once iiko has confirmed the log-out."""

    def __init__(
        self,
        connection_id: UUID,
        run_id: UUID | None,
        client: IikoClient,
        lock: ServerLock,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.requests = 0
        self.opened_at: datetime | None = None
        self.returned_at: datetime | None = None
        self._connection_id, self._run_id, self._client, self._lock = connection_id, run_id, client, lock
        self._log_ins = LogIns(require_scope().account_id, lock)
        self._clock, self._began, self._expired = clock, 0.0, 0
        self._token: str | None = None
        self._row_id: UUID | None = None
        self._has_timed_out = False
        client.on_request = self._count

    def __repr__(self) -> str:
        return "<Seat>"

    @contextmanager
    def read(self, request: ApiRequest) -> Iterator[Answer]:
        """Ask, with a new log-in where the old one is fifty minutes old or no longer known. Raises IikoFailure."""
        with ExitStack() as stack:
            yield self._answer(request, stack)

    def take(self) -> None:
        """Log in, once what earlier runs left has been given back. Raises IikoFailure."""
        refuse_while_resting(self._lock)
        left = [each for each in self._log_ins.still_open() if not give_back(self._log_ins, each)]
        if len(left) >= MAX_UNKNOWN:
            # Another log-in would be refused, or take one more.
            raise IikoFailure(Outcome.SEATS_UNKNOWN, until=max(each.ends_at for each in left).isoformat())
        self._log_in()

    def give_back(self) -> bool:
        """Log out; what iiko does not confirm is tried again by the sweep. Whether it was. Raises nothing."""
        if self._token is None or self._row_id is None:
            return False
        token, row_id, self._token = self._token, self._row_id, None
        outcome = self._client.log_out(token)
        if outcome is Outcome.RETURNED:
            self.returned_at = utc_now()
        else:
            log.warning("a seat of connection %s was not given back: %s", self._connection_id, outcome)
        try:
            self._note_end(row_id, outcome)
        except psycopg.Error:
            # The row stays open: whoever has the lock next logs out once more, which does no harm.
            log.warning("that a seat of connection %s came back was not noted", self._connection_id)
        return outcome is Outcome.RETURNED

    def _answer(self, request: ApiRequest, stack: ExitStack) -> Answer:
        if self._has_timed_out:
            raise IikoFailure(Outcome.RESTING)
        if self._clock() - self._began >= RENEWED_AFTER_SECONDS:
            self._renew()
        try:
            return self._ask(request, stack)
        except IikoFailure as failure:
            if failure.outcome is not Outcome.EXPIRED or self._expired >= MAX_EXPIRED:
                raise
        self._expired += 1
        self._renew()
        return self._ask(request, stack)

    def _ask(self, request: ApiRequest, stack: ExitStack) -> Answer:
        if self._token is None:
            raise IikoFailure(Outcome.EXPIRED)
        try:
            return stack.enter_context(self._client.read(request, self._token))
        except IikoFailure as failure:
            self._has_timed_out = self._has_timed_out or failure.outcome is Outcome.TIMED_OUT
            raise

    def _renew(self) -> None:
        """Out and in between two questions; without a confirmed log-out no new log-in."""
        if not self.give_back():
            raise IikoFailure(Outcome.EXPIRED)
        self.returned_at = None
        self._log_in()

    def _log_in(self) -> None:
        row_id = self._log_ins.begin(self._connection_id, self._run_id)
        try:
            token = self._client.log_in()
        except IikoFailure as failure:
            self._note_refusal(row_id, failure)
            raise
        self._token, self._row_id, self._began = token, row_id, self._clock()
        self.opened_at = self.opened_at or utc_now()
        self._keep(row_id, token)

    def _keep(self, row_id: UUID, token: str) -> None:
        agent = self._client.needs_browser_agent
        self._log_ins.keep_token(row_id, token, self._client.server, needs_browser_agent=agent)

    def _note_refusal(self, row_id: UUID, failure: IikoFailure) -> None:
        """A log-in that did not work: it took no seat, one that can be given back, or nobody knows."""
        if failure.outcome is Outcome.TIMED_OUT:
            self._log_ins.rest(row_id)
        if failure.token is not None:
            self._keep(row_id, failure.token)
            self._log_ins.put_off(row_id, failure.outcome)
        elif failure.may_hold_seat:
            self._log_ins.let_lapse(row_id, UNKNOWN, utc_now() + SEAT_LIFE)
        else:
            self._log_ins.close(row_id, failure.outcome)

    def _note_end(self, row_id: UUID, outcome: Outcome) -> None:
        if outcome is Outcome.RETURNED:
            self._log_ins.close(row_id, outcome)
        else:
            self._log_ins.put_off(row_id, outcome)
        if self._has_timed_out or outcome is Outcome.TIMED_OUT:
            self._log_ins.rest(row_id)

    def _count(self) -> None:
        """Before each question: without the lock none is asked."""
        if not self._lock.is_alive():
            raise IikoFailure(Outcome.LOCK_LOST)
        self.requests += 1


def refuse_while_resting(lock: ServerLock) -> None:
    """Before the first question of all. Raises IikoFailure while the server is left alone, whoever's time ran out."""
    if (until := LogIns(require_scope().account_id, lock).rests_until()) is not None:
        raise IikoFailure(Outcome.RESTING, until=until.isoformat())


@contextmanager
def open_seat(
    connection_id: UUID,
    run_id: UUID | None,
    client: IikoClient,
    lock: ServerLock,
    *,
    clock: Callable[[], float] = time.monotonic,
) -> Iterator[Seat]:
    """Log in, and out at the end however that comes; both are noted and committed before they matter.

    The account in scope is the connection's. Nothing is written in the session's transaction, which has to be ended
    before: no transaction is open during a call to the outside. Raises IikoFailure.
    """
    seat = Seat(connection_id, run_id, client, lock, clock)
    try:
        seat.take()
        yield seat
    finally:
        seat.give_back()
