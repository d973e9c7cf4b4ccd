"""Reading imports, and the rows that files are compared with."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import abort
from sqlalchemy import ColumnElement, and_, select, true

from portal.access.viewer import current_viewer
from portal.db.base import db
from portal.db.records import Record
from portal.importing.declaration import Importer
from portal.importing.models import ImportBatch, ImportRow
from portal.tenancy.scope import require_scope

MAX_SHOWN = 50


def visible() -> ColumnElement[bool]:
    """Those who work in some restaurants see their own imports, made while they worked in no others."""
    restaurant_ids = require_scope().restaurant_ids
    if restaurant_ids is None:
        return true()
    viewer = current_viewer()
    own = ImportBatch.author_id == (viewer.id if viewer else None)
    return and_(own, ImportBatch.restaurant_ids.contained_by(list(restaurant_ids)))


def find_import(importer: Importer, import_id: UUID) -> ImportBatch:
    """The import of that entity and id, or 404."""
    wanted = select(ImportBatch).where(
        ImportBatch.id == import_id, ImportBatch.entity == importer.entity.__tablename__, visible()
    )
    return db.session.scalars(wanted).one_or_none() or abort(404)


def past_imports(importer: Importer) -> Sequence[ImportBatch]:
    """The latest imports of an entity, the newest first."""
    query = select(ImportBatch).where(ImportBatch.entity == importer.entity.__tablename__, visible())
    return db.session.scalars(query.order_by(ImportBatch.created_at.desc(), ImportBatch.id).limit(MAX_SHOWN)).all()


def rows_to_apply(batch: ImportBatch) -> Sequence[ImportRow]:
    """The rows that would write something, in the order of the file."""
    query = select(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.verdict.in_(("new", "changed")))
    return db.session.scalars(query.order_by(ImportRow.number)).all()


def applied_rows(batch: ImportBatch) -> Sequence[ImportRow]:
    """The rows that the import wrote."""
    query = select(ImportRow).where(ImportRow.batch_id == batch.id, ImportRow.outcome.in_(("created", "edited")))
    return db.session.scalars(query.order_by(ImportRow.number)).all()


def locked_rows(entity: type[Record], ids: Sequence[UUID]) -> dict[UUID, Record]:
    """Those of the rows that the person may still touch, held against others until the transaction ends."""
    query = select(entity).where(entity.id.in_(ids)).order_by(entity.id)
    held = query.with_for_update(of=entity, key_share=True).execution_options(populate_existing=True)
    return {row.id: row for row in db.session.scalars(held)}


def stored_rows(importer: Importer) -> Sequence[Any]:
    """Every row that the person may see, with what a file is compared with."""
    fields = [getattr(importer.entity, name) for name in importer.fields]
    entity: Any = importer.entity
    return db.session.execute(select(entity.id, entity.is_active, *fields)).all()


def named_rows(entity: Any) -> Sequence[Any]:
    """Id, name and state of every row that cells may name."""
    return db.session.execute(select(entity.id, entity.name, entity.is_active)).all()
