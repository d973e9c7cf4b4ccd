"""The states of a run between two of its steps, each written in the transaction of the caller."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import delete, select, update

from portal.db.base import db
from portal.db.types import utc_now
from portal.iiko.models import IikoConnection, IikoRun, IikoRunKind, KindState, RunState
from portal.iiko.sync.models import IikoAction, IikoAnswer

# A kind in one of these was not finished when its run ended.
UNFINISHED = (KindState.WAITS, KindState.READS, KindState.COMPARES, KindState.WRITES)
# What is counted anew where a run begins anew.
COUNTED = ("bytes", "rows", "written", "creates", "updates", "unchanged", "skips", "conflicts", "missing", "errors")


def add_kinds(run: IikoRun, keys: Iterable[str]) -> None:
    """A line for each kind that the run is about, in order."""
    for position, key in enumerate(keys):
        db.session.add(IikoRunKind(account_id=run.account_id, run_id=run.id, kind=key, position=position))
    db.session.flush()


def kinds_of(run: IikoRun) -> list[IikoRunKind]:
    """The run's lines, in order."""
    query = select(IikoRunKind).where(IikoRunKind.run_id == run.id).order_by(IikoRunKind.position)
    return list(db.session.scalars(query))


def connection_of(run: IikoRun) -> IikoConnection:
    """The run's connection, held: what is noted at it by several is noted one after the other."""
    query = select(IikoConnection).where(IikoConnection.id == run.connection_id)
    return db.session.scalars(query.with_for_update(of=IikoConnection)).one()


def enter(run: IikoRun, state: RunState) -> None:
    """The run is at work in a state."""
    run.state, run.beat_at = state, utc_now()
    run.started_at = run.started_at or run.beat_at


def put_off(run: IikoRun, state: RunState) -> None:
    """The run lets go, and is taken up again: nobody has died."""
    run.state, run.beat_at = state, None


def begin_anew(run: IikoRun) -> None:
    """Remove what a former attempt has read and planned."""
    db.session.execute(delete(IikoAction).where(IikoAction.run_id == run.id))
    db.session.execute(delete(IikoAnswer).where(IikoAnswer.run_id == run.id))
    blank: dict[str, Any] = dict.fromkeys(COUNTED, 0) | {"state": KindState.WAITS, "details": {}}
    blank |= {"total": None, "failure": None, "hold": None, "confirmed_by_id": None, "confirmed_at": None}
    db.session.execute(update(IikoRunKind).where(IikoRunKind.run_id == run.id).values(blank))
    run.requests, run.bytes, run.seat_opened_at, run.seat_returned_at = 0, 0, None, None


def end(run: IikoRun, state: RunState, failure: str | None = None, details: dict[str, Any] | None = None) -> None:
    """The run is over; kinds that it has not come to are left out."""
    run.state, run.ended_at, run.failure = state, utc_now(), failure
    if details:
        run.details = {**run.details, "failure": details}
    if state is not RunState.DONE:
        unfinished = IikoRunKind.run_id == run.id, IikoRunKind.state.in_(UNFINISHED)
        db.session.execute(update(IikoRunKind).where(*unfinished).values(state=KindState.LEFT_OUT))
