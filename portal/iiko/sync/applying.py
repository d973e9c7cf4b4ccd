"""Writing what a plan told, a kind in one transaction, once."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select, update

from portal.db.base import db
from portal.db.types import utc_now
from portal.db.words import Label
from portal.iiko.models import IikoConnection, IikoRun, IikoRunKind, KindState, Purpose
from portal.iiko.sync.deciding import ActingRun, iiko_writing
from portal.iiko.sync.kinds import KINDS, Kind
from portal.iiko.sync.models import ActionState, IikoAction, Word
from portal.iiko.sync.planning import leave_out
from portal.iiko.sync.progress import Progress
from portal.iiko.sync.reasons import KindFailure
from portal.iiko.sync.standing import Standing
from portal.iiko.sync.writing import KindWriter, day_of_action, planned_of

MAX_AGE = timedelta(hours=24)
TOO_OLD = _l("This preview is older than a day. Make a new one, and apply that.")
OVERTAKEN = _l("iiko was read anew since. Apply the newer preview.")
# ``WRITES`` alone says that somebody began; what they wrote went with their transaction.
READY = (KindState.PLANNED, KindState.WRITES)


def stale_reason(run: IikoRun) -> Label:
    """Why a plan may not be applied any more and a new one is needed; ``None`` where it may."""
    if run.planned_at is None or run.planned_at < utc_now() - MAX_AGE:
        return TOO_OLD
    newer = select(IikoRun.id).where(
        IikoRun.connection_id == run.connection_id,
        IikoRun.purpose != Purpose.CHECK,
        IikoRun.planned_at > run.planned_at,
    )
    return OVERTAKEN if db.session.scalar(newer.limit(1)) is not None else None


def apply_kind(
    run: IikoRun, run_kind: IikoRunKind, *, by: UUID | None, only_safe: bool, progress: Progress | None = None
) -> None:
    """Write a kind in the caller's transaction, which commits it; a kind that is not ready stays as it is.

    ``by`` is who pressed, ``None`` for the schedule. With ``only_safe`` what a person confirmed is left as well: a
    schedule applies what looks right by itself. A held kind, and what depends on it, waits in either case.
    """
    while apply_next(run, run_kind, by=by, only_safe=only_safe, progress=progress):
        pass


def apply_next(
    run: IikoRun, run_kind: IikoRunKind, *, by: UUID | None, only_safe: bool, progress: Progress | None = None
) -> bool:
    """The same as far as one transaction goes: of documents one day. Whether there is more."""
    kind = KINDS[run_kind.kind]
    # One at a time; progress writes the kind's row meanwhile, so that no row can be the lock.
    db.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"iiko run {run.id}", 0))))
    db.session.refresh(run_kind)
    if run_kind.state not in READY or (only_safe and run_kind.hold):
        return False
    if (cause := _missing_before(run, kind)) is not None:
        leave_out(run, kind, *cause)
        return False
    if by is not None:
        run.applied_by_id = by
    if progress is not None and progress.kind != kind.key:
        progress.enter(kind.key, KindState.WRITES, run_kind.updates + run_kind.creates)
    day = _next_day(run, kind) if kind.is_dated else None
    _write(run, kind, run_kind, progress, day)
    if day is not None:
        return True
    run_kind.state = KindState.DONE
    _note_server(db.session.get_one(IikoConnection, run.connection_id), run, run_kind)
    db.session.flush()
    return False


def _next_day(run: IikoRun, kind: Kind) -> str | None:
    """The first day of which documents are still to be written."""
    writes = IikoAction.word.in_([Word.UPDATE, Word.CREATE])
    return db.session.scalar(select(func.min(day_of_action())).where(*planned_of(run, kind), writes))


def _write(run: IikoRun, kind: Kind, run_kind: IikoRunKind, progress: Progress | None, day: str | None) -> None:
    """A day of documents, or all that there is and how the other rows stand then."""
    connection = db.session.get_one(IikoConnection, run.connection_id)
    with iiko_writing(ActingRun.of(run, connection.server_name)):
        written = (kind.writer or KindWriter)(run, kind, progress, day).write()
        run_kind.written = (run_kind.written if kind.is_dated else 0) + written
        if day is None:
            _tell_the_rest(run, kind, run_kind.details.get("days", ()))


def _missing_before(run: IikoRun, kind: Kind) -> tuple[KindFailure, Kind] | None:
    """Which kind that this one depends on did not come through, and how."""
    query = select(IikoRunKind.kind, IikoRunKind.state).where(
        IikoRunKind.run_id == run.id, IikoRunKind.kind.in_(kind.depends_on)
    )
    states = dict(db.session.execute(query).all())
    for key in kind.depends_on:
        if states.get(key) in (KindState.FAILED, KindState.LEFT_OUT):
            return KindFailure.DEPENDS, KINDS[key]
        if states.get(key) is KindState.HELD:
            return KindFailure.DEPENDS_ON_HELD, KINDS[key]
    return None


def _tell_the_rest(run: IikoRun, kind: Kind, days: Sequence[str]) -> None:
    """How the rows stand that are not written: missing ones, those that need a person, those that stay as they are."""
    standing = Standing(run, kind, days)
    standing.tell_missing()
    standing.tell_failed(Word.CONFLICT)
    standing.tell_failed(Word.ERROR)
    standing.tell_unchanged()
    told = update(IikoAction).where(
        IikoAction.run_id == run.id, IikoAction.kind == kind.key, IikoAction.word == Word.MISSING
    )
    db.session.execute(told.values(state=ActionState.APPLIED), execution_options={"synchronize_session": False})


def _note_server(connection: IikoConnection, run: IikoRun, run_kind: IikoRunKind) -> None:
    """By what the server is known from here on: its company, and how many restaurants its user sees."""
    facts = run_kind.details.get("facts", {})
    connection.corporation_id = facts.get("corporation_id") or connection.corporation_id
    connection.restaurants_seen = facts.get("departments", connection.restaurants_seen)
