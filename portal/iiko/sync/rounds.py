"""What is done by itself: runs that are due, runs whose worker died, and what was kept long enough."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, or_, select

from portal.accounts.models import Account
from portal.db.base import db
from portal.db.types import utc_now
from portal.iiko.models import IikoConnection, IikoRun, Purpose
from portal.iiko.seats.models import IikoSession
from portal.iiko.sync.jobs import run_sync
from portal.iiko.sync.models import IikoAction, IikoAnswer
from portal.iiko.sync.running import MOVING, run_under_way, start_run
from portal.iiko.sync.schedule import Timetable, day_kinds, plan_next
from portal.jobs.queue import job
from portal.tenancy.scope import account_scope, system_scope

log = logging.getLogger(__name__)

# A living run is heard of each second while it reads, and at each kind; whoever works at it holds its lock besides.
SILENT = timedelta(minutes=2)
BATCH = 200
# A server that is busy with another run when it is due.
LATER = timedelta(minutes=5)
KEPT = timedelta(days=90)
ANSWERS_KEPT = timedelta(days=7)
REMOVED_AT_ONCE = 2_000


@job(cron="* * * * *")
def start_due_runs() -> None:
    """Begin the runs whose time has come; what an outage missed is one run."""
    for account_id, connection_id in _due():
        with account_scope(account_id):
            start_due_run(connection_id)
        db.session.commit()


def _due() -> Iterable[tuple[UUID, UUID]]:
    query = select(IikoConnection.account_id, IikoConnection.id).where(IikoConnection.next_run_at <= utc_now())
    with system_scope("worker"):
        found = db.session.execute(query.order_by(IikoConnection.next_run_at).limit(BATCH)).all()
    db.session.commit()
    return [(row.account_id, row.id) for row in found]


def start_due_run(connection_id: UUID) -> None:
    """Begin the run of one server, unless another round did, and note its next time."""
    now = utc_now()
    query = select(IikoConnection).where(IikoConnection.id == connection_id, IikoConnection.next_run_at <= now)
    connection = db.session.scalars(query.with_for_update(of=IikoConnection)).first()
    if connection is None:
        return
    due = connection.next_run_at
    if not connection.integration.is_active or not Account.current().is_active:
        connection.next_run_at = None
    elif run_under_way(connection) is not None:
        connection.next_run_at = now + LATER
    else:
        assert due is not None
        reads_all = Timetable.of(connection).reads_all(due, now)
        start_run(connection, Purpose.SCHEDULE, None, None if reads_all else day_kinds())
        plan_next(connection, now)


@job(cron="* * * * *")
def take_up_lost_runs() -> None:
    """Ask again for runs of which nothing was heard: their worker died, or the job was lost with the database."""
    limit = utc_now() - SILENT
    silent = or_(IikoRun.beat_at < limit, IikoRun.beat_at.is_(None) & (IikoRun.updated_at < limit))
    query = select(IikoRun.account_id, IikoRun.id).where(IikoRun.state.in_(MOVING), silent)
    with system_scope("worker"):
        found = db.session.execute(query.limit(BATCH)).all()
    for account_id, run_id in found:
        if run_sync.queue(run_id=str(run_id), account_id=str(account_id)):
            log.warning("a run over an iiko server was silent and is taken up again: %s", run_id)


@job(cron="29 3 * * *")
def forget_old_runs() -> None:
    """Remove raw answers after a week, rows of plans and seats after ninety days; runs and their counts stay."""
    with system_scope("worker"):
        account_ids = db.session.scalars(select(Account.id)).all()
    db.session.commit()
    for account_id in account_ids:
        while True:
            with account_scope(account_id):
                removed = forget_some()
            db.session.commit()
            if removed < REMOVED_AT_ONCE:
                break


def forget_some() -> int:
    """Remove some of what was kept long enough in the account in scope; how many rows at most of one sort."""
    now = utc_now()
    removed = [
        _remove(IikoAnswer, IikoAnswer.created_at < now - ANSWERS_KEPT),
        _remove(IikoAction, IikoAction.created_at < now - KEPT),
        _remove(IikoSession, IikoSession.closed_at < now - KEPT),
    ]
    return max(removed)


def _remove(entity: type[IikoAnswer | IikoAction | IikoSession], is_old: object) -> int:
    """In batches: a plan of twenty thousand rows holds nobody up."""
    old = select(entity.id).where(is_old).limit(REMOVED_AT_ONCE)  # type: ignore[arg-type]
    removed = db.session.execute(
        delete(entity).where(entity.id.in_(old)).returning(entity.id), execution_options={"synchronize_session": False}
    )
    return len(removed.all())
