"""One row of a plan planned anew, after a person decided about it."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import false, or_, select

from portal.db.base import db
from portal.db.states import MoveRefused
from portal.iiko.models import IikoRun, IikoRunKind, KindState, RunState
from portal.iiko.sync.comparing import Comparison, Planned
from portal.iiko.sync.kinds import KINDS, Kind, Parts, ReadRow, Ref, Value
from portal.iiko.sync.known import known_of
from portal.iiko.sync.models import ActionState, IikoAction, Word
from portal.iiko.sync.planning import COUNTS, MOVES_FIRST, RANKS, run_kind_of
from portal.iiko.sync.reasons import Reason

OPEN_KINDS = (KindState.PLANNED, KindState.HELD)


def open_action(action: IikoAction, *words: Word) -> tuple[IikoRun, Kind]:
    """Hold an action that a person may still decide about. ``MoveRefused`` in words where it is too late."""
    db.session.refresh(action, with_for_update=True)
    run, kind = db.session.get_one(IikoRun, action.run_id), KINDS[action.kind]
    is_open = run.state is RunState.PLANNED and run_kind_of(run, kind).state in OPEN_KINDS
    if not is_open or action.state is not ActionState.PLANNED or action.word not in words:
        raise MoveRefused(_("This was decided already. Look at the newest preview."))
    return run, kind


def plan_anew(action: IikoAction, run: IikoRun, kind: Kind) -> None:
    """What is to be done with a row now, by what stands here now."""
    plan_all_anew([action], run, kind)


def plan_all_anew(actions: Sequence[IikoAction], run: IikoRun, kind: Kind) -> None:
    """The same for some rows of a kind, and then for those that waited for them."""
    db.session.flush()
    named = [action.iiko_id for action in actions] if kind.is_dated else None
    comparison = Comparison(kind, known_of(run, kind, named))
    counts = run_kind_of(run, kind)
    for action in actions:
        planned = comparison.plan(_row_of(action, kind))
        if planned is None:
            planned = Planned(Word.UPDATE, action.iiko_id, action.name, action.entity_id, row_hash=action.row_hash)
            planned.iiko_values = action.iiko_values
        _change(action, counts, planned)
    ids = [action.iiko_id for action in actions if action.word in (Word.UPDATE, Word.CREATE)]
    for other in KINDS.values():
        if ids and kind.key in other.depends_on and (waiting := _waiting(run, other, kind, ids)):
            plan_all_anew(waiting, run, other)


def _waiting(run: IikoRun, other: Kind, kind: Kind, ids: Sequence[str | None]) -> Sequence[IikoAction]:
    """Rows of another kind that were left out because one of these was not there."""
    fields = [each.key for each in other.fields if each.refers_to == kind.key and each.is_required]
    query = select(IikoAction).where(
        IikoAction.run_id == run.id,
        IikoAction.kind == other.key,
        IikoAction.word == Word.SKIP,
        IikoAction.reason == Reason.NOT_THERE,
        or_(false(), *(IikoAction.iiko_values[key]["id"].astext.in_(ids) for key in fields)),
    )
    return db.session.scalars(query.order_by(IikoAction.id).with_for_update()).all()


def change_plan(action: IikoAction, run: IikoRun, kind: Kind, planned: Planned) -> None:
    """Let the action be another one, and the counts with it."""
    _change(action, run_kind_of(run, kind), planned)


def _change(action: IikoAction, run_kind: IikoRunKind, planned: Planned) -> None:
    _count(run_kind, action.word, planned.word)
    action.word, action.entity_id, action.reason = planned.word, planned.entity_id, planned.reason
    action.rank = MOVES_FIRST if planned.is_move else RANKS[planned.word]
    action.details, action.changes = planned.details, planned.changes
    action.iiko_values, action.row_hash = planned.iiko_values, planned.row_hash


def _count(run_kind: IikoRunKind, former: Word, word: Word) -> None:
    names = {each: name for name, each in COUNTS.items()}
    for each, step in ((former, -1), (word, 1)):
        setattr(run_kind, names[each], getattr(run_kind, names[each]) + step)


def _row_of(action: IikoAction, kind: Kind) -> ReadRow:
    """The row as it was read; of one that was left out for its place the nodes above it, too."""
    values = {key: _value(kind, key, value) for key, value in action.iiko_values.items()}
    skip = Reason.NO_DEPARTMENT if action.reason == Reason.NO_DEPARTMENT else None
    nodes = tuple(action.details.get("nodes", ()))
    day = date.fromisoformat(action.details["day"]) if "day" in action.details else None
    return ReadRow(action.iiko_id or "", action.name, values, skip, _details(action.details), nodes, day)


def _details(details: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in details.items() if key == "places"}


def _value(kind: Kind, key: str, value: Any) -> Value:
    target = kind.field(key).refers_to
    if isinstance(value, list):
        return Parts(tuple(value))
    if target is None or not isinstance(value, dict):
        return value
    mapped = UUID(value["entity_id"]) if "entity_id" in value else None
    return Ref(target, value["id"], value["name"], mapped)
