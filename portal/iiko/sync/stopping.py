"""Whether a run has to stop: a person cancelled it or switched the connection off, or the worker ends."""

import time
from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select, update

from portal.db.base import db
from portal.db.types import utc_now
from portal.iiko.models import IikoConnection, IikoRun, Purpose
from portal.integrations.models import AccountIntegrationCredentials
from portal.jobs.ending import is_ending
from portal.tenancy.scope import resume_scope

# Asked between all pieces of an answer, the database hears of it once in so many seconds.
INTERVAL_SECONDS = 1.0


class StopSignal:
    """Asked between steps, outside of any transaction; while it is asked the run is known to live."""

    def __init__(self, run_id: UUID, clock: Callable[[], float] = time.monotonic) -> None:
        self.run_id, self._clock = run_id, clock
        self._next = 0.0
        self.is_cancelled = False

    def __call__(self) -> bool:
        """Whether to stop, for whichever reason."""
        if not self.is_cancelled and self._clock() >= self._next:
            self._next = self._clock() + INTERVAL_SECONDS
            self.is_cancelled = self._ask()
        return self.is_cancelled or is_ending()

    def _ask(self) -> bool:
        resume_scope()
        beat = update(IikoRun).where(IikoRun.id == self.run_id).values(beat_at=utc_now())
        told = beat.returning(IikoRun.cancel_asked_at, IikoRun.connection_id, IikoRun.purpose)
        asked = db.session.execute(told, execution_options={"synchronize_session": False}).one_or_none()
        is_on = asked is not None and db.session.scalar(
            select(AccountIntegrationCredentials.is_active)
            .join(IikoConnection, IikoConnection.integration_id == AccountIntegrationCredentials.id)
            .where(IikoConnection.id == asked.connection_id)
        )
        db.session.commit()
        # A run whose connection was removed meanwhile has nobody to read for.
        return asked is None or asked.cancel_asked_at is not None or not (is_on or asked.purpose is Purpose.CHECK)
