"""The plan of a run for one kind: what stands here and there, compared, and stored as actions."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import delete, func, select

from portal.db.base import db
from portal.db.many_writes import insert_rows
from portal.iiko.client.answers import IikoFailure
from portal.iiko.models import IikoConnection, IikoRun, IikoRunKind, KindState
from portal.iiko.sync.comparing import UNCHANGED, Planned
from portal.iiko.sync.holds import judge
from portal.iiko.sync.kinds import KINDS, Kind, RowStream
from portal.iiko.sync.models import IikoAction, Word
from portal.iiko.sync.plans import PeriodPlan, WholePlan
from portal.iiko.sync.reasons import KindFailure

T = TypeVar("T")
BATCH = 500
MAX_NAME = 200
READING_MAY_TAKE = "10min"
# What is shown first. Where a row moves to comes before all else.
MOVES_FIRST = 0
RANKS = {Word.CONFLICT: 1, Word.ERROR: 2, Word.MISSING: 3, Word.UPDATE: 4, Word.CREATE: 5, Word.SKIP: 6}
COUNTS = {
    "creates": Word.CREATE,
    "updates": Word.UPDATE,
    "unchanged": UNCHANGED,
    "skips": Word.SKIP,
    "conflicts": Word.CONFLICT,
    "missing": Word.MISSING,
    "errors": Word.ERROR,
}


def in_batches(rows: Iterable[T], size: int = BATCH) -> Iterator[list[T]]:
    """Some at a time."""
    rows = iter(rows)
    while batch := list(islice(rows, size)):
        yield batch


def run_kind_of(run: IikoRun, kind: Kind) -> IikoRunKind:
    """How the run stands with a kind; made where it has not begun with it."""
    query = select(IikoRunKind).where(IikoRunKind.run_id == run.id, IikoRunKind.kind == kind.key)
    found = db.session.scalar(query)
    if found is None:
        found = IikoRunKind(run_id=run.id, kind=kind.key, position=list(KINDS).index(kind.key))
        db.session.add(found)
        db.session.flush()
    return found


def plan_kind(run: IikoRun, kind: Kind, rows: RowStream) -> None:
    """Store what the run means to do with each row of a kind, and its seven counts; in the caller's transaction.

    Raises ``IikoFailure`` where the answer turns out to be none; then nothing is stored.
    """
    run_kind = run_kind_of(run, kind)
    # Between two statements a whole answer is read, and nobody waits for what is held meanwhile.
    db.session.execute(select(func.set_config("idle_in_transaction_session_timeout", READING_MAY_TAKE, True)))
    with db.session.begin_nested():
        former = delete(IikoAction).where(IikoAction.run_id == run.id, IikoAction.kind == kind.key)
        db.session.execute(former, execution_options={"synchronize_session": False})
        plan = (PeriodPlan if kind.is_dated else WholePlan)(run, kind, rows)
        for batch in in_batches(plan.run()):
            _store(run, kind, batch)
    count_rows(run_kind, plan.counts)
    run_kind.rows = plan.rows
    facts = rows.reading.facts
    run_kind.details = {"facts": facts, "notes": dict(rows.reading.notes)}
    if rows.days:
        run_kind.details |= {"days": [day.isoformat() for day in rows.days]}
    if plan.has_nameless:
        run_kind.details |= {"missing_unknown": True}
    if "departments" in facts:
        run.restaurants_seen = facts["departments"]
    connection = db.session.get_one(IikoConnection, run.connection_id)
    evidence = replace(plan.evidence, facts=facts, corporation_id=connection.corporation_id)
    judge(run_kind, kind, evidence)


def count_rows(run_kind: IikoRunKind, counts: Counter[str]) -> None:
    """Set the seven counts."""
    for name, word in COUNTS.items():
        setattr(run_kind, name, counts[word])


def fail_kind(run: IikoRun, kind: Kind, failure: str, details: dict[str, Any] | None = None) -> None:
    """Note that nothing came of a kind; ``failure`` is a word of ``Outcome`` or of ``KindFailure``."""
    run_kind = run_kind_of(run, kind)
    run_kind.state, run_kind.failure = KindState.FAILED, failure
    run_kind.details = {**run_kind.details, "failure": details or {}}


def leave_out(run: IikoRun, kind: Kind, failure: KindFailure, because_of: Kind) -> None:
    """Note that a kind is not tried, because of another one."""
    run_kind = run_kind_of(run, kind)
    run_kind.state, run_kind.failure = KindState.LEFT_OUT, failure
    run_kind.details = {**run_kind.details, "failure": {"kind": because_of.key}}


def plan_or_fail(run: IikoRun, kind: Kind, rows: RowStream) -> bool:
    """Plan a kind unless one that it depends on has failed; what is wrong with its answer fails this kind alone."""
    for needed in (KINDS[key] for key in kind.depends_on if key in run.kinds or not run.kinds):
        if run_kind_of(run, needed).state in (KindState.FAILED, KindState.LEFT_OUT):
            leave_out(run, kind, KindFailure.DEPENDS, needed)
            return False
    try:
        plan_kind(run, kind, rows)
    except IikoFailure as failure:
        fail_kind(run, kind, failure.outcome, failure.details)
        return False
    return True


def _store(run: IikoRun, kind: Kind, batch: Iterable[Planned]) -> None:
    insert_rows(IikoAction, [_columns(run.id, run.account_id, kind, each) for each in batch])


def _columns(run_id: UUID, account_id: UUID, kind: Kind, planned: Planned) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "run_id": run_id,
        "kind": kind.key,
        "iiko_id": planned.iiko_id,
        "entity_id": planned.entity_id,
        "name": planned.name[:MAX_NAME],
        "word": planned.word,
        "rank": MOVES_FIRST if planned.is_move else RANKS[planned.word],
        "reason": planned.reason,
        "details": planned.details,
        "changes": planned.changes,
        "iiko_values": planned.iiko_values,
        "row_hash": planned.row_hash,
    }
