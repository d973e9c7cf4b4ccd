"""One row of a plan planned anew, after a person decided about it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from portal.db.base import db
from portal.db.states import MoveRefused
from portal.iiko.models import IikoRun, IikoRunKind, KindState, RunState
from portal.iiko.sync.comparing import Comparison, Planned
from portal.iiko.sync.kinds import KINDS, Kind, ReadRow, Ref, Value
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
    """What is to be done with the row now, by what stands here now."""
    db.session.flush()
    planned = Comparison(kind, known_of(run, kind)).plan(_row_of(action, kind))
    if planned is None:
        planned = Planned(Word.UPDATE, action.iiko_id, action.name, action.entity_id, row_hash=action.row_hash)
        planned.iiko_values = action.iiko_values
    change_plan(action, run, kind, planned)


def change_plan(action: IikoAction, run: IikoRun, kind: Kind, planned: Planned) -> None:
    """Let the action be another one, and the counts with it."""
    _count(run_kind_of(run, kind), action.word, planned.word)
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
    return ReadRow(action.iiko_id or "", action.name, values, skip, _details(action.details), nodes)


def _details(details: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in details.items() if key == "places"}


def _value(kind: Kind, key: str, value: Any) -> Value:
    target = kind.field(key).refers_to
    if target is None or not isinstance(value, dict):
        return value
    mapped = UUID(value["entity_id"]) if "entity_id" in value else None
    return Ref(target, value["id"], value["name"], mapped)
