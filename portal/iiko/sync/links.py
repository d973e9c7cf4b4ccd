"""Which row of iiko's is which of ours: people decide, and can take it back."""

from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import Select, delete, select

from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import db
from portal.db.records import Record
from portal.db.states import MoveRefused
from portal.iiko.models import IikoRun
from portal.iiko.sync.comparing import Planned
from portal.iiko.sync.deciding import decider_id, iiko_writing
from portal.iiko.sync.kinds import KINDS, Kind
from portal.iiko.sync.known import known_of
from portal.iiko.sync.models import ActionState, IikoAction, IikoLink, IikoPin, IikoRefusal, Word
from portal.iiko.sync.pins import remove_pins
from portal.iiko.sync.reasons import Reason
from portal.iiko.sync.replanning import change_plan, open_action, plan_all_anew, plan_anew
from portal.iiko.sync.standing import stand_pending, stand_unlinked
from portal.iiko.sync.values import remembered

# Each costs some statements: a chain of restaurants at once, and not all that a large one has.
ALIKE_AT_ONCE = 500
IN_USE = (Reason.IN_USE, Reason.SETTLED, Reason.COUNTED)
OF_A_FIELD = (Reason.PINNED, *IN_USE)


def accept(action: IikoAction, entity_id: UUID | None = None) -> None:
    """Do as iiko says, in the plan from now on. ``MoveRefused`` in words where that cannot be.

    A proposal is linked with ``entity_id``, else with the one that is proposed; a row of another server's comes to
    this one; a field that a person kept is iiko's again.
    """
    run, kind = open_action(action, Word.CONFLICT, Word.SKIP, Word.CREATE)
    if action.reason in OF_A_FIELD:
        _take_field(action, run, kind)
        return
    if action.reason == Reason.OTHER_SERVER:
        link = _link_of(kind, action.iiko_id)
        link.connection_id, link.user_id = run.connection_id, decider_id()
    elif action.reason in (Reason.TYPE, Reason.UNTYPED, Reason.NO_DEPARTMENT, Reason.NOT_THERE):
        raise MoveRefused(_("This cannot be linked as it is."))
    else:
        _link(action, run, kind, _chosen(action, kind, entity_id))
    plan_anew(action, run, kind)


def accept_alike(run: IikoRun) -> int:
    """Link the rows that look like one of ours alone, as many as go at once; how many. ``MoveRefused`` in words.

    Those that are proposed now: what comes of them, such as the stores of a restaurant, nobody has looked at yet.
    """
    chosen = db.session.scalars(proposed_alike(run.id).limit(ALIKE_AT_ONCE)).all()
    for key, kind in KINDS.items():
        actions = [action for action in chosen if action.kind == key]
        for action in actions:
            open_action(action, Word.CONFLICT)
            _link(action, run, kind, _chosen(action, kind, None))
        if actions:
            plan_all_anew(actions, run, kind)
    return len(chosen)


def proposed_alike(run_id: UUID) -> Select[IikoAction]:
    """The rows of a plan that look like one of ours, and it like them alone; in the order of their ids."""
    query = select(IikoAction).where(
        IikoAction.run_id == run_id,
        IikoAction.word == Word.CONFLICT,
        IikoAction.reason == Reason.ALIKE,
        IikoAction.state == ActionState.PLANNED,
    )
    return query.order_by(IikoAction.id)


def refuse(action: IikoAction) -> None:
    """Do not as is proposed, and remember it: the row is left out, or the field stays as it was typed here."""
    run, kind = open_action(action, Word.CONFLICT)
    if action.reason in OF_A_FIELD:
        _keep_field(action, run, kind)
    else:
        for each in _proposed(action):
            refusal = {"connection_id": run.connection_id, "kind": kind.key, "iiko_id": action.iiko_id}
            db.session.add(IikoRefusal(**refusal, entity_id=each, user_id=decider_id()))
    plan_anew(action, run, kind)


def make_new(action: IikoAction) -> None:
    """Let the plan make a row of ours of what is linked with none."""
    run, kind = open_action(action, Word.CONFLICT, Word.SKIP)
    if action.entity_id is not None or action.reason not in (*_PROPOSALS, Reason.REFUSED):
        raise MoveRefused(_("No new one can be made of this."))
    change_plan(action, run, kind, Planned(Word.CREATE, action.iiko_id, action.name, iiko_values=action.iiko_values))


def unlink(link: IikoLink) -> None:
    """Take a link back; our row stays as it is, and what was pinned of it is no matter of iiko's any more."""
    entity: Any = db.session.get(KINDS[link.kind].entity, link.entity_id)
    db.session.delete(link)
    remove_pins(link.kind, link.entity_id)
    if entity is not None:
        record(Action.UNLINKED, entity, before={"iiko_id": link.iiko_id})
        stand_unlinked(entity)
    db.session.flush()


_PROPOSALS = (Reason.ALIKE, Reason.SEVERAL_ALIKE, Reason.TWO_FOR_ONE)


def _proposed(action: IikoAction) -> list[UUID]:
    """Those of ours that an action proposes."""
    if action.entity_id is not None:
        return [action.entity_id]
    return [UUID(each["id"]) for each in action.details.get("candidates", ())]


def _chosen(action: IikoAction, kind: Kind, entity_id: UUID | None) -> Record:
    """The row to be linked with: one of this chain's that is not linked."""
    proposed = _proposed(action)
    wanted = entity_id or (proposed[0] if len(proposed) == 1 else None)
    entity: Any = kind.entity
    query = select(entity).where(entity.id == wanted).with_for_update()
    row: Record | None = db.session.scalar(query) if wanted else None
    if row is None:
        raise MoveRefused(_("Choose which one it is."))
    taken = select(IikoLink.id).where(IikoLink.kind == kind.key, IikoLink.entity_id == row.id)
    if db.session.scalar(taken) is not None:
        raise MoveRefused(_("%(name)s is linked already.", name=row.display_name))
    return row


def _link(action: IikoAction, run: IikoRun, kind: Kind, row: Record) -> None:
    assert action.iiko_id is not None
    link = {"connection_id": run.connection_id, "kind": kind.key, "iiko_id": action.iiko_id, "entity_id": row.id}
    db.session.add(IikoLink(**link, user_id=decider_id()))
    forgotten = delete(IikoRefusal).where(
        IikoRefusal.kind == kind.key, IikoRefusal.iiko_id == action.iiko_id, IikoRefusal.entity_id == row.id
    )
    db.session.execute(forgotten)
    record(Action.LINKED, row, after={"iiko_id": action.iiko_id})
    with iiko_writing():
        stand_pending(row, action.iiko_id)
        db.session.flush()


def _link_of(kind: Kind, iiko_id: str | None) -> IikoLink:
    query = select(IikoLink).where(IikoLink.kind == kind.key, IikoLink.iiko_id == iiko_id).with_for_update()
    link = db.session.scalar(query)
    if link is None:
        raise MoveRefused(_("This was decided already. Look at the newest preview."))
    return link


def _take_field(action: IikoAction, run: IikoRun, kind: Kind) -> None:
    """What a person kept, or what is in use, becomes as iiko says."""
    assert action.entity_id is not None
    if action.reason == Reason.COUNTED:
        raise MoveRefused(_("What it is counted in cannot change any more: there are prices and papers in that unit."))
    if action.reason in IN_USE:
        word = Planned(Word.UPDATE, action.iiko_id, action.name, action.entity_id, is_move=True)
        word.changes, word.iiko_values, word.row_hash = action.changes, action.iiko_values, action.row_hash
        change_plan(action, run, kind, word)
        return
    remove_pins(kind.key, action.entity_id, action.details["field"])
    plan_anew(action, run, kind)


def _keep_field(action: IikoAction, run: IikoRun, kind: Kind) -> None:
    """Ours stays, and what iiko says now is known: nobody is asked about it again."""
    assert action.entity_id is not None
    link = _link_of(kind, action.iiko_id)
    fields = [action.details["field"]] if action.reason == Reason.PINNED else _binding(action, kind)
    known = known_of(run, kind, [action.iiko_id] if kind.is_dated else None)
    told = remembered(kind, {key: action.iiko_values[key] for key in fields}, known.is_known)
    link.iiko_values = {**link.iiko_values, **told}
    for key in fields if action.reason in IN_USE else ():
        pin = {"kind": kind.key, "entity_id": action.entity_id, "field": key}
        db.session.add(IikoPin(**pin, user_id=decider_id()))


def _binding(action: IikoAction, kind: Kind) -> list[str]:
    return [each.key for each in kind.fields if (each.is_move or each.is_binding) and each.key in action.changes]
