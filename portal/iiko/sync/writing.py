"""Writes the actions of one kind, some at a time: rows locked in the order of their ids, each with its line."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from portal.audit.recording import record_creation, record_edit
from portal.db.base import db
from portal.iiko.models import IikoRun
from portal.iiko.sync.kinds import KINDS, Kind
from portal.iiko.sync.known import pins_of
from portal.iiko.sync.models import ActionState, IikoAction, IikoLink, Word
from portal.iiko.sync.planning import BATCH
from portal.iiko.sync.progress import Progress
from portal.iiko.sync.reasons import LeftOut
from portal.iiko.sync.staleness import Note, changed_note, note_of
from portal.iiko.sync.standing import stand_synced
from portal.iiko.sync.values import hash_of_iiko, hash_of_ours

NOWHERE = object()


class KindWriter:
    """Writes what is planned of one kind."""

    def __init__(self, run: IikoRun, kind: Kind, progress: Progress | None = None) -> None:
        self.run, self.kind, self.progress = run, kind, progress
        self.entity: Any = kind.entity
        self.written = 0

    def write(self) -> int:
        """Update and create; how many rows were written. What others changed since is left and told."""
        for actions in self._batches(Word.UPDATE, IikoAction.entity_id):
            self._end(actions, self._update(actions))
        for actions in self._batches(Word.CREATE, IikoAction.id):
            self._end(actions, self._create(actions))
        return self.written

    def _batches(self, word: Word, order: Any) -> Iterator[Sequence[IikoAction]]:
        """The planned actions of a word, by the ids that they are locked in."""
        planned = select(IikoAction).where(
            IikoAction.run_id == self.run.id,
            IikoAction.kind == self.kind.key,
            IikoAction.word == word,
            IikoAction.state == ActionState.PLANNED,
        )
        last: UUID | None = None
        while True:
            query = planned if last is None else planned.where(order > last)
            actions = db.session.scalars(query.order_by(order).limit(BATCH)).all()
            if not actions:
                return
            last = getattr(actions[-1], order.key)
            yield actions

    def _update(self, actions: Sequence[IikoAction]) -> dict[UUID, Note]:
        ids = [each.entity_id for each in actions if each.entity_id]
        query = select(self.entity).where(self.entity.id.in_(ids)).order_by(self.entity.id).with_for_update()
        held = {row.id: row for row in db.session.scalars(query.execution_options(populate_existing=True))}
        links = Links(self.kind, actions)
        pins, places = pins_of(self.kind, ids), Places(self.kind, actions)
        notes: dict[UUID, Note] = {}
        for action in actions:
            row = held.get(action.entity_id)
            if row is None or not links.fits(action, self.run.connection_id):
                notes[action.id] = note_of(LeftOut.LINKED_OTHERWISE)
            elif hash_of_ours(self.kind, self._values(row), pins.get(row.id, frozenset())) != action.row_hash:
                notes[action.id] = changed_note(self.run, row, [each.key for each in self.kind.fields])
            elif not self._change(action, row, places):
                notes[action.id] = note_of(LeftOut.NOT_THERE)
            else:
                links.write(action, row.id, self.run)
        return notes

    def _values(self, row: Any) -> dict[str, Any]:
        return {each.key: getattr(row, each.key) for each in self.kind.fields}

    def _change(self, action: IikoAction, row: Any, places: "Places") -> bool:
        """Set what the action changes; false where a row that it refers to is not there."""
        values = {key: places.resolve(key, action.iiko_values.get(key)) for key in action.changes}
        required = {each.key for each in self.kind.fields if each.is_required}
        if any(value is NOWHERE and key in required for key, value in values.items()):
            return False
        for key, value in values.items():
            if value is not NOWHERE:
                setattr(row, key, value)
        # Before the columns of the synchronisation: they are no news to anybody.
        record_edit(row)
        row.iiko_id = action.iiko_id
        stand_synced(row, self.run.read_at)
        return True

    def _create(self, actions: Sequence[IikoAction]) -> dict[UUID, Note]:
        links, places = Links(self.kind, actions), Places(self.kind, actions)
        made: dict[UUID, Any] = {}
        notes: dict[UUID, Note] = {}
        for action in actions:
            if action.iiko_id in links.by_iiko_id:
                notes[action.id] = note_of(LeftOut.LINKED_OTHERWISE)
            elif (row := self._make(action, places)) is None:
                notes[action.id] = note_of(LeftOut.NOT_THERE)
            else:
                made[action.id] = row
        db.session.add_all(made.values())
        db.session.flush()
        for action in actions:
            if (row := made.get(action.id)) is not None:
                action.entity_id = row.id
                record_creation(row)
                links.write(action, row.id, self.run)
        return notes

    def _make(self, action: IikoAction, places: "Places") -> Any:
        """A row of ours of what iiko sends; ``None`` where one that it cannot be without is not there."""
        values = {each.key: places.resolve(each.key, action.iiko_values.get(each.key)) for each in self.kind.fields}
        if any(each.is_required and values[each.key] in (None, NOWHERE) for each in self.kind.fields):
            return None
        told = {key: value for key, value in values.items() if value is not NOWHERE}
        row = self.entity(**told, **self.kind.begin(action.iiko_values), iiko_id=action.iiko_id)
        stand_synced(row, self.run.read_at)
        return row

    def _end(self, actions: Sequence[IikoAction], notes: dict[UUID, Note]) -> None:
        """Note what became of some actions."""
        for action in actions:
            if action.id in notes:
                action.state, action.note = ActionState.LEFT_OUT, notes[action.id]
        db.session.flush()
        applied = update(IikoAction).where(IikoAction.id.in_([each.id for each in actions if each.id not in notes]))
        db.session.execute(
            applied.values(state=ActionState.APPLIED), execution_options={"synchronize_session": "evaluate"}
        )
        self.written += len(actions) - len(notes)
        if self.progress is not None:
            self.progress.add_written(len(actions) - len(notes))


class Links:
    """The links that some actions have to do with."""

    def __init__(self, kind: Kind, actions: Sequence[IikoAction]) -> None:
        self.kind = kind
        ids = [each.entity_id for each in actions if each.entity_id]
        about: ColumnElement[bool] = IikoLink.iiko_id.in_([each.iiko_id for each in actions])
        query = select(IikoLink).where(IikoLink.kind == kind.key, about | IikoLink.entity_id.in_(ids))
        found = db.session.scalars(query.order_by(IikoLink.id).with_for_update()).all()
        self.by_iiko_id = {link.iiko_id: link for link in found}
        self.by_entity = {link.entity_id: link for link in found}

    def fits(self, action: IikoAction, connection_id: UUID) -> bool:
        """Whether both rows are free, or linked with each other through this server."""
        assert action.entity_id is not None
        theirs, ours = self.by_iiko_id.get(action.iiko_id or ""), self.by_entity.get(action.entity_id)
        return theirs is ours and (theirs is None or theirs.connection_id == connection_id)

    def write(self, action: IikoAction, entity_id: UUID, run: IikoRun) -> None:
        """Note what iiko said last of a row."""
        assert action.iiko_id is not None
        link = self.by_iiko_id.get(action.iiko_id)
        if link is None:
            link = IikoLink(
                connection_id=run.connection_id, kind=self.kind.key, iiko_id=action.iiko_id, entity_id=entity_id
            )
            db.session.add(link)
        link.iiko_values, link.hash = action.iiko_values, hash_of_iiko(action.iiko_values)
        link.read_at, link.missing_since = run.read_at, None


class Places:
    """Whither the references of some actions lead, by the links that stand now."""

    def __init__(self, kind: Kind, actions: Sequence[IikoAction]) -> None:
        self.kinds = {each.key: each.refers_to for each in kind.fields if each.refers_to}
        self.found: dict[tuple[str, str], UUID] = {}
        # Held as long as the batch is written: the log asks for the names of what is referred to.
        self.rows: list[Any] = []
        for key, target in self.kinds.items():
            told = [each.iiko_values[key] for each in actions if isinstance(each.iiko_values.get(key), dict)]
            self._find(
                target, {each["id"] for each in told}, {each["entity_id"] for each in told if "entity_id" in each}
            )

    def _find(self, kind: str, iiko_ids: set[str], mapped: set[str]) -> None:
        query = select(IikoLink.iiko_id, IikoLink.entity_id).where(
            IikoLink.kind == kind, IikoLink.iiko_id.in_(iiko_ids)
        )
        linked = dict(db.session.execute(query).all())
        entity: Any = KINDS[kind].entity
        ids = {*linked.values(), *map(UUID, mapped)}
        rows = db.session.scalars(select(entity).where(entity.id.in_(ids))).all()
        there = {row.id for row in rows}
        self.rows += rows
        self.found |= {(kind, iiko_id): row_id for iiko_id, row_id in linked.items() if row_id in there}
        self.found |= {(kind, str(row_id)): row_id for row_id in there}

    def resolve(self, key: str, value: Any) -> Any:
        """A kept value as our column holds it; ``NOWHERE`` for a reference that leads to no row of ours."""
        if not isinstance(value, dict):
            return value
        kind = self.kinds[key]
        if "entity_id" in value:
            return self.found.get((kind, value["entity_id"]), NOWHERE)
        return self.found.get((kind, value["id"]), NOWHERE)
