"""Writing what a preview told, and taking it back: each in one transaction, each once."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import inspect, select

from portal.accounts.models import Account
from portal.db.base import db
from portal.db.records import Record
from portal.importing.columns import recognise
from portal.importing.declaration import Importer
from portal.importing.judging import judge_rows
from portal.importing.models import ImportBatch, ImportRow, ImportState
from portal.importing.queries import applied_rows, locked_rows, rows_to_apply
from portal.importing.reading import Table
from portal.importing.verdicts import Judgement, Outcome, Verdict, plain


def begin_import(importer: Importer, table: Table, file_name: str) -> ImportBatch:
    """A preview of a table that was read, its columns recognised as far as they can be."""
    batch = ImportBatch.begin(importer.entity.__tablename__, file_name, table.read_as, table.rows)
    set_columns(importer, batch, *recognise(importer, table.rows))
    return batch


def set_columns(importer: Importer, batch: ImportBatch, heading_row: int, columns: list[Any]) -> None:
    """Judge every row anew by what the columns are now said to be; none while one to match by is missing."""
    complete = set(importer.match) <= {column.field for column in columns}
    rows = [(number, cells) for number, cells in batch.grid if number > heading_row]
    batch.take_columns(heading_row, columns, judge_rows(importer, columns, rows) if complete else [])


def apply_import(importer: Importer, batch: ImportBatch) -> bool:
    """Write the rows of a preview that would still do what it told; false where it was applied already.

    A row that others have changed since, or that the person may no longer touch, is left and told.
    """
    if not _hold(batch, ImportState.PREVIEW):
        return False
    rows = rows_to_apply(batch)
    held = locked_rows(importer.entity, [row.entity_id for row in rows if row.entity_id])
    judgements = _judge_now(importer, batch)
    likely = {row: found for row in rows if (found := judgements.get(row.number)) and row.is_as_previewed(found)}
    # Held while the rows are written: whatever asks for one of them by its id finds it read.
    named = _named(importer, likely.values())
    added = _add(importer, likely)
    written: dict[ImportRow, Record] = {}
    for row in rows:
        entity = added.get(row) or (held.get(row.entity_id) if row in likely and row.entity_id else None)
        if _write(importer, row, entity, likely.get(row)) and entity is not None:
            written[row] = entity
    _keep_stored(importer, written)
    named.clear()
    outcomes = Counter(str(row.outcome) for row in rows)
    batch.close_applied(outcomes, importer.listing.name)
    # Here and not at the edge: what the database refuses is answered like any bad value.
    db.session.flush()
    return True


def undo_import(importer: Importer, batch: ImportBatch) -> bool:
    """Take back what an import wrote, where nobody has touched it since; false where it is too late."""
    if not _hold(batch, ImportState.APPLIED) or not batch.is_undoable:
        return False
    rows = applied_rows(batch)
    held = locked_rows(importer.entity, [row.entity_id for row in rows if row.entity_id])
    stored = snapshots(importer, list(held.values()))
    for row in rows:
        entity = held.get(row.entity_id) if row.entity_id else None
        if entity is not None and stored[entity.id] == row.stored:
            _take_back(importer, row, entity)
        else:
            row.end(Outcome.KEPT, row.stored)
    outcomes = Counter(str(row.outcome) for row in rows)
    batch.close_undone(outcomes, importer.listing.name)
    return True


def snapshots(importer: Importer, entities: Sequence[Record]) -> dict[UUID, dict[str, Any]]:
    """What people may say of each row, as the batch keeps it."""
    told = importer.told_of(entities).items()
    return {row_id: {name: plain(value) for name, value in values.items()} for row_id, values in told}


def _hold(batch: ImportBatch, state: ImportState) -> bool:
    """Wait for whoever imports in this account at the moment; whether the batch is then in that state."""
    # Not FOR UPDATE: rows that refer to the account may be added meanwhile.
    db.session.scalars(select(Account.id).where(Account.id == batch.account_id).with_for_update(key_share=True)).one()
    db.session.refresh(batch, with_for_update=True)
    return batch.state == state


def _judge_now(importer: Importer, batch: ImportBatch) -> dict[int, Judgement]:
    rows = [(number, cells) for number, cells in batch.grid if number > batch.heading_row]
    return {each.number: each for each in judge_rows(importer, batch.file_columns, rows)}


def _named(importer: Importer, judgements: Collection[Judgement]) -> list[Any]:
    """The rows of other entities that the values name, read in one statement for each column."""
    named: list[Any] = []
    for column in importer.references:
        entity: Any = column.entity
        ids = {row_id for each in judgements if (row_id := each.values.get(column.field)) is not None}
        named += db.session.scalars(select(entity).where(entity.id.in_(ids)))
    return named


def _add(importer: Importer, likely: dict[ImportRow, Judgement]) -> dict[ImportRow, Record]:
    """The new rows of the entity, stored in a few statements however many they are."""
    added = {
        row: importer.make(judgement.values) for row, judgement in likely.items() if judgement.verdict is Verdict.NEW
    }
    db.session.add_all(added.values())
    db.session.flush()
    return added


def _write(importer: Importer, row: ImportRow, entity: Record | None, judgement: Judgement | None) -> bool:
    """The usual verbs, with their lines in the log; without an entity the row is left. Whether it was written."""
    if entity is None or judgement is None:
        row.end(Outcome.STALE)
        return False
    if judgement.verdict is Verdict.NEW:
        importer.open(entity, judgement.values)
        row.entity_id = entity.id
        row.end(Outcome.CREATED)
    else:
        importer.change(entity, judgement.values)
        row.end(Outcome.EDITED)
    return True


def _keep_stored(importer: Importer, written: dict[ImportRow, Record]) -> None:
    """What each row holds now that all are written: undoing tells by it whether anybody has touched one since."""
    stored = snapshots(importer, list(written.values()))
    for row, entity in written.items():
        row.stored = stored[entity.id]


def _take_back(importer: Importer, row: ImportRow, entity: Record) -> None:
    if row.outcome == Outcome.CREATED:
        importer.take_back(entity)
    else:
        importer.restore(entity, {name: typed(entity, name, old) for name, (old, _new) in row.changes.items()})
    row.end(Outcome.UNDONE, row.stored)


def typed(entity: Record, name: str, value: Any) -> Any:
    """A value that the batch kept, as its attribute holds it; one that is no column's is a text."""
    column = inspect(type(entity)).columns.get(name)
    if column is None or value is None or isinstance(value, kind := column.type.python_type):
        return value
    return kind.fromisoformat(value) if hasattr(kind, "fromisoformat") else kind(value)
