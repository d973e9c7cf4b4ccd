"""Writes the actions of one kind, some at a time: rows locked in the order of their ids, each with its line."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, TypeAlias, cast
from uuid import UUID

from sqlalchemy import ColumnElement, select, update

from portal.audit.recording import record_creation, record_edit
from portal.db.base import db
from portal.db.many_writes import write_new
from portal.iiko.models import IikoRun
from portal.iiko.sync.kinds import KINDS, Kind, KindField
from portal.iiko.sync.known import pins_of
from portal.iiko.sync.models import ActionState, IikoAction, IikoLink, Word
from portal.iiko.sync.planning import BATCH
from portal.iiko.sync.progress import Progress
from portal.iiko.sync.reasons import LeftOut
from portal.iiko.sync.staleness import Note, changed_note, note_of
from portal.iiko.sync.standing import stand_synced
from portal.iiko.sync.values import hash_of_iiko, hash_of_ours, remembered

NOWHERE = object()
# What is done, and our row.
Written: TypeAlias = tuple[IikoAction, Any]


class KindWriter:
    """Writes what is planned of one kind; of documents those of one ``day``."""

    def __init__(self, run: IikoRun, kind: Kind, progress: Progress | None = None, day: str | None = None) -> None:
        self.run, self.kind, self.progress, self.day = run, kind, progress, day
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
        planned = select(IikoAction).where(*planned_of(self.run, self.kind), IikoAction.word == word)
        if self.day is not None:
            planned = planned.where(day_of_action() == self.day)
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
        links, places = Links(self.kind, actions), Places(self.kind, actions)
        pins = pins_of(self.kind, ids)
        notes: dict[UUID, Note] = {}
        written: list[Written] = []
        for action in actions:
            row = held.get(action.entity_id)
            if row is None or not links.fits(action, self.run.connection_id):
                notes[action.id] = note_of(LeftOut.LINKED_OTHERWISE)
            elif hash_of_ours(self.kind, self._values(row), pins.get(row.id, frozenset())) != action.row_hash:
                notes[action.id] = changed_note(self.run, row, [each.key for each in self.kind.columns])
            elif not self._change(action, row, places):
                notes[action.id] = note_of(LeftOut.NOT_THERE)
            else:
                written.append((action, row))
        self._finish(written, links, places)
        return notes

    def _values(self, row: Any) -> dict[str, Any]:
        return {each.key: getattr(row, each.key) for each in self.kind.columns}

    def _change(self, action: IikoAction, row: Any, places: "Places") -> bool:
        """Set what the action changes; false where a row that it refers to is not there."""
        changed = [each for each in self.kind.columns if each.key in action.changes]
        values = {each.key: places.resolve(each, action.iiko_values.get(each.key)) for each in changed}
        if any(each.is_required and values[each.key] is NOWHERE for each in changed):
            return False
        for key, value in values.items():
            if value is not NOWHERE:
                setattr(row, key, value)
        # Before the columns of the synchronisation: they are no news to anybody.
        record_edit(row)
        stand_synced(row, action.iiko_id, self.run.read_at)
        return True

    def _create(self, actions: Sequence[IikoAction]) -> dict[UUID, Note]:
        links, places = Links(self.kind, actions), Places(self.kind, actions)
        notes: dict[UUID, Note] = {}
        free: list[IikoAction] = []
        for action in actions:
            if action.iiko_id in links.by_iiko_id:
                notes[action.id] = note_of(LeftOut.LINKED_OTHERWISE)
            else:
                free.append(action)
        made = self._make_all(free, places)
        for action, row in made:
            action.entity_id = row.id
        there = {action.id for action, _row in made}
        notes |= {action.id: note_of(LeftOut.NOT_THERE) for action in free if action.id not in there}
        self._finish(made, links, places)
        return notes

    def _make_all(self, actions: Sequence[IikoAction], places: "Places") -> list[Written]:
        """Rows of ours of what iiko sends, each with its line; but those that lack what they cannot be without."""
        made = [(action, row) for action in actions if (row := self._make(action, places)) is not None]
        db.session.add_all([row for _action, row in made])
        db.session.flush()
        for _action, row in made:
            record_creation(row)
        return made

    def _make(self, action: IikoAction, places: "Places") -> Any:
        """A row of ours of what iiko sends; ``None`` where one that it cannot be without is not there."""
        fields = self.kind.columns
        values = {each.key: places.resolve(each, action.iiko_values.get(each.key)) for each in fields}
        if any(each.is_required and values[each.key] in (None, NOWHERE) for each in fields):
            return None
        told = {key: value for key, value in values.items() if value is not NOWHERE}
        row = self.entity(**told, **self.kind.begin(action.iiko_values))
        stand_synced(row, action.iiko_id, self.run.read_at)
        return row

    def _finish(self, written: "Sequence[Written]", links: "Links", places: "Places") -> None:
        """What is written beside the rows, and what iiko said last of them."""
        self._write_parts(written, links, places)
        for action, row in written:
            links.write(action, row.id, self.run, places)
        write_new(links.made, self.run.account_id)

    def _write_parts(self, written: "Sequence[Written]", links: "Links", places: "Places") -> None:
        """Write the rows below ours; most kinds have none."""

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


def planned_of(run: IikoRun, kind: Kind) -> tuple[ColumnElement[bool], ...]:
    """What is still to be written of a kind, or left."""
    return IikoAction.run_id == run.id, IikoAction.kind == kind.key, IikoAction.state == ActionState.PLANNED


def day_of_action() -> ColumnElement[str]:
    """The day of a document, as its action keeps it."""
    found: ColumnElement[str] = IikoAction.details["day"].astext
    return found


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
        # Those that are not written yet.
        self.made: list[IikoLink] = []

    def fits(self, action: IikoAction, connection_id: UUID) -> bool:
        """Whether both rows are free, or linked with each other through this server."""
        assert action.entity_id is not None
        theirs, ours = self.by_iiko_id.get(action.iiko_id or ""), self.by_entity.get(action.entity_id)
        return theirs is ours and (theirs is None or theirs.connection_id == connection_id)

    def write(self, action: IikoAction, entity_id: UUID, run: IikoRun, places: "Places") -> None:
        """Note what iiko said last of a row; what it did not send it said before."""
        assert action.iiko_id is not None
        link = self.by_iiko_id.get(action.iiko_id)
        if link is None:
            link = IikoLink(
                connection_id=run.connection_id, kind=self.kind.key, iiko_id=action.iiko_id, entity_id=entity_id
            )
            self.made.append(link)
        told = remembered(self.kind, action.iiko_values, places.is_known)
        link.iiko_values, link.hash = {**(link.iiko_values or {}), **told}, hash_of_iiko(action.iiko_values)
        link.read_at, link.missing_since = run.read_at, None
        if (day := action.details.get("day")) is not None:
            link.day = date.fromisoformat(day)


class Places:
    """Whither the references of some actions lead, those of their parts among them, by the links that stand now."""

    def __init__(self, kind: Kind, actions: Sequence[IikoAction]) -> None:
        self.found: dict[tuple[str, str], UUID] = {}
        # Held as long as the batch is written: the log asks for the names of what is referred to.
        self.rows: dict[UUID, Any] = {}
        for key, target in ((each.key, each.refers_to) for each in kind.fields if each.refers_to):
            told = [each.iiko_values[key] for each in actions if isinstance(each.iiko_values.get(key), dict)]
            self._find(
                target, {each["id"] for each in told}, {each["entity_id"] for each in told if "entity_id" in each}
            )
        told_parts = [each.iiko_values.get(key) for each in actions for key in kind.part_keys]
        parts = [part for rows in told_parts if isinstance(rows, list) for part in rows]
        for target, member in kind.beside:
            self._find(target, {part[member] for part in parts if part.get(member)}, set())

    def _find(self, key: str, iiko_ids: set[str], mapped: set[str]) -> None:
        query = select(IikoLink.iiko_id, IikoLink.entity_id).where(IikoLink.kind == key, IikoLink.iiko_id.in_(iiko_ids))
        kind, linked = KINDS[key], dict(db.session.execute(query).all())
        others, entity = kind.stands_for(), cast(Any, kind.entity)
        linked = {iiko_id: others.get(row_id, row_id) for iiko_id, row_id in linked.items()}
        ids = {*linked.values(), *map(UUID, mapped)}
        rows = {row.id: row for row in db.session.scalars(select(entity).where(entity.id.in_(ids)))}
        self.rows |= rows
        self.found |= {(key, iiko_id): row_id for iiko_id, row_id in linked.items() if row_id in rows}
        self.found |= {(key, str(row_id)): row_id for row_id in rows}

    def is_known(self, kind: str, iiko_id: str) -> bool:
        """Whether a row of iiko's is one of ours."""
        return (kind, iiko_id) in self.found

    def row(self, kind: str, iiko_id: str | None) -> Any:
        """Our row of one of iiko's; ``None`` where there is none."""
        found = self.found.get((kind, iiko_id or ""))
        return self.rows[found] if found else None

    def resolve(self, field: KindField, value: Any) -> Any:
        """A kept value as our column holds it; ``NOWHERE`` for a reference that leads to no row of ours."""
        if not isinstance(value, dict):
            return field.parse(value) if value is not None else None
        assert field.refers_to is not None
        return self.found.get((field.refers_to, value.get("entity_id") or value["id"]), NOWHERE)
