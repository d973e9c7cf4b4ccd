"""What people and the schedule do with runs: begin one, apply its plan, cancel it."""

from collections.abc import Sequence
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, select

from portal.db.base import db
from portal.db.states import MoveRefused
from portal.db.types import utc_now
from portal.iiko.models import IikoConnection, IikoRun, Purpose, RunState
from portal.iiko.sync import runs
from portal.iiko.sync.applying import stale_reason
from portal.iiko.sync.checking import PROBES
from portal.iiko.sync.jobs import run_sync
from portal.iiko.sync.kinds import KINDS
from portal.iiko.sync.schedule import next_runs, plan_next

__all__ = ["begin_apply", "cancel_run", "next_runs", "run_under_way", "schedule_next", "start_run"]

WAITING = (RunState.QUEUED, RunState.WAITING)
MOVING = (*WAITING, RunState.READING, RunState.COMPARING, RunState.APPLYING)
NOT_READY = _l("This run has nothing that could be applied now.")


def start_run(
    connection: IikoConnection, purpose: Purpose, user_id: UUID | None, kinds: Sequence[str] | None = None
) -> IikoRun:
    """A new run over a server, or the one that does the same already; ``user_id`` is ``None`` for the schedule.

    ``kinds`` are all where nothing is said. A check asks a little of everything, and queues behind a run.
    """
    db.session.execute(select(IikoConnection.id).where(IikoConnection.id == connection.id).with_for_update())
    under_way = waiting_check(connection) if purpose is Purpose.CHECK else run_under_way(connection)
    if under_way is not None:
        return under_way
    keys = [probe.key for probe in PROBES] if purpose is Purpose.CHECK else list(kinds or KINDS)
    run = IikoRun(
        account_id=connection.account_id, connection_id=connection.id, purpose=purpose, user_id=user_id, kinds=keys
    )
    db.session.add(run)
    db.session.flush()
    runs.add_kinds(run, keys)
    _queue(run)
    return run


def run_under_way(connection: IikoConnection) -> IikoRun | None:
    """The run that reads or writes a server's rows; there is one at most."""
    return _first(connection, IikoRun.purpose != Purpose.CHECK, IikoRun.state.in_(MOVING))


def waiting_check(connection: IikoConnection) -> IikoRun | None:
    """A check that has not begun; one that has may be asking with what was typed before."""
    return _first(connection, IikoRun.purpose == Purpose.CHECK, IikoRun.state.in_(WAITING))


def _first(connection: IikoConnection, *conditions: ColumnElement[bool]) -> IikoRun | None:
    query = select(IikoRun).where(IikoRun.connection_id == connection.id, *conditions)
    return db.session.scalars(query.order_by(IikoRun.created_at).limit(1)).first()


def begin_apply(run: IikoRun, user_id: UUID | None) -> None:
    """Have a plan written as it was previewed; ``None``: by the support. Raises MoveRefused where it is too late."""
    db.session.refresh(run, with_for_update=True)
    if run.state is not RunState.PLANNED:
        raise MoveRefused(NOT_READY)
    if (reason := stale_reason(run)) is not None:
        raise MoveRefused(reason)
    connection = db.session.get_one(IikoConnection, run.connection_id)
    if run_under_way(connection) is not None:
        raise MoveRefused(_l("Another run is under way at this server. Apply the plan when it has ended."))
    run.applied_by_id = user_id
    runs.put_off(run, RunState.APPLYING)
    _queue(run)


def cancel_run(run: IikoRun) -> None:
    """Stop a run: at once where it waits, else after its present request; what is written stays written."""
    db.session.refresh(run, with_for_update=True)
    if run.state.is_over or run.cancel_asked_at is not None:
        return
    run.cancel_asked_at = utc_now()
    if run.state in WAITING:
        runs.end(run, RunState.CANCELLED)


def schedule_next(connection: IikoConnection) -> None:
    """Note anew when a server is read by itself: after its switch or its schedule was changed."""
    if connection.integration.is_active:
        plan_next(connection, utc_now())
    else:
        connection.next_run_at = None


def _queue(run: IikoRun) -> None:
    run_sync.queue(run_id=str(run.id), account_id=str(run.account_id))
