"""An import and its rows: what was read, what was judged, what came of it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, delete
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.dialects.postgresql import UUID as PgUUID
from sqlalchemy.orm import Mapped, mapped_column

from portal.access.viewer import current_viewer
from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import TenantEntity, db
from portal.db.many_writes import insert_rows
from portal.db.tables import table_args
from portal.db.types import EnumText, LabelledEnum, utc_now
from portal.db.words import counted
from portal.importing.columns import FileColumn
from portal.importing.verdicts import Judgement, Outcome, Verdict
from portal.tenancy.scope import require_scope
from portal.web.listing.declaration import LIST_TITLES

KEPT_FOR = timedelta(days=30)
UNDOABLE_FOR = timedelta(days=7)
# Rows are listed by verdict and then as they stand in the file.
VERDICT_RANK = 1_000_000
RANKS = {verdict: rank * VERDICT_RANK for rank, verdict in enumerate(Verdict)}
ROWS_AT_ONCE = 5000


class ImportState(LabelledEnum):
    """How far an import has come."""

    PREVIEW = "preview", _l("Preview")
    APPLIED = "applied", _l("Imported")
    UNDONE = "undone", _l("Undone")


class ImportBatch(
    TenantEntity,
    label=_l("Import"),
    plural=_l("Imports"),
    count=counted("%(num)s import", "%(num)s imports"),
    fields={"list": _l("List"), **dict(Outcome.choices())},
    values={"list": LIST_TITLES},
):
    """One file or one pasting, from its preview to its undoing.

    ``grid`` holds the rows as they were read, (number, cells); ``restaurant_ids`` are those that the author worked
    in, ``None`` for all. ``counts`` are rows by verdict, and by outcome once there is one.
    """

    __tablename__ = "import_batch"
    __most__ = 500
    __table_args__ = (
        *table_args("import_batch", references={}, archivable=False),
        CheckConstraint(f"state IN {tuple(ImportState.words())}", name="state"),
        Index("ix_import_batch_account_id", "account_id", "entity", "created_at", "id"),
        Index("ix_import_batch_created_at", "created_at"),
    )

    entity: Mapped[str]
    file_name: Mapped[str]
    author_id: Mapped[UUID | None]
    author_name: Mapped[str | None]
    restaurant_ids: Mapped[list[UUID] | None] = mapped_column(ARRAY(PgUUID()))
    read_as: Mapped[dict[str, Any]] = mapped_column(JSONB)
    grid: Mapped[list[Any]] = mapped_column(JSONB, deferred=True)
    heading_row: Mapped[int]
    columns: Mapped[list[Any]] = mapped_column(JSONB)
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[ImportState] = mapped_column(
        EnumText(ImportState), default=ImportState.PREVIEW, server_default=ImportState.PREVIEW
    )
    applied_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]

    @property
    def display_name(self) -> str:
        """The name of its file."""
        return self.file_name

    @property
    def file_columns(self) -> list[FileColumn]:
        """Every column of the file with the field that it fills."""
        return [FileColumn(**each) for each in self.columns]

    @property
    def is_preview(self) -> bool:
        """Whether nothing was written yet."""
        return self.state == ImportState.PREVIEW

    @property
    def is_undoable(self) -> bool:
        """Whether what it wrote may still be taken back."""
        return self.undoable_until is not None and utc_now() < self.undoable_until

    @property
    def undoable_until(self) -> datetime | None:
        """Until when it may be undone; ``None`` where there is nothing to undo."""
        return self.applied_at + UNDOABLE_FOR if self.state == ImportState.APPLIED and self.applied_at else None

    def knows(self, fields: Iterable[str]) -> bool:
        """Whether the columns of those fields are known."""
        return set(fields) <= {column.field for column in self.file_columns}

    def count(self, *kinds: str) -> int:
        """How many rows have one of those verdicts or outcomes."""
        return sum(int(self.counts.get(kind, 0)) for kind in kinds)

    @property
    def usable(self) -> int:
        """How many rows would be written."""
        return self.count(*(each for each in Verdict if each.is_usable))

    @property
    def refused(self) -> int:
        """How many rows cannot be taken as they are."""
        return self.count(*(each for each in Verdict if each.is_refused))

    @property
    def written(self) -> int:
        """How many rows were written."""
        return self.count(Outcome.CREATED, Outcome.EDITED)

    @property
    def total(self) -> int:
        """How many rows the file has."""
        return self.count(*Verdict)

    @classmethod
    def begin(cls, entity: str, file_name: str, read_as: dict[str, Any], grid: list[Any]) -> "ImportBatch":
        """A new one by the signed-in person, not judged yet."""
        viewer, restaurant_ids = current_viewer(), require_scope().restaurant_ids
        batch = cls(
            entity=entity,
            file_name=file_name,
            author_id=viewer.id if viewer else None,
            author_name=viewer.display_name if viewer else None,
            restaurant_ids=None if restaurant_ids is None else list(restaurant_ids),
            read_as=read_as,
            grid=grid,
            heading_row=0,
            columns=[],
            counts={},
        )
        db.session.add(batch)
        db.session.flush()
        return batch

    def take_columns(self, heading_row: int, columns: Iterable[FileColumn], judgements: list[Judgement]) -> None:
        """Keep which column is what, and the verdicts that follow from it in place of the former ones."""
        self.heading_row, self.columns = heading_row, [column.stored() for column in columns]
        self.take_verdicts(judgements)

    def take_verdicts(self, judgements: Sequence[Judgement]) -> None:
        """Keep the verdicts on its rows in place of the former ones."""
        db.session.execute(delete(ImportRow).where(ImportRow.batch_id == self.id))
        # Not as objects: there may be twenty thousand.
        for start in range(0, len(judgements), ROWS_AT_ONCE):
            rows = [ImportRow.values_of(self, each) for each in judgements[start : start + ROWS_AT_ONCE]]
            insert_rows(ImportRow, rows)
        self.counts = dict(Counter(judgement.verdict.value for judgement in judgements))

    def close_applied(self, outcomes: Counter[str], listed: str) -> None:
        """Note that it was applied, with a line in the log."""
        self.state, self.applied_at = ImportState.APPLIED, utc_now()
        self.counts = {**self.counts, **outcomes}
        self._record(Action.IMPORTED, outcomes, listed)

    def close_undone(self, outcomes: Counter[str], listed: str) -> None:
        """Note that it was undone, with a line in the log."""
        self.state, self.undone_at = ImportState.UNDONE, utc_now()
        former = {kind: number for kind, number in self.counts.items() if kind not in (Outcome.CREATED, Outcome.EDITED)}
        self.counts = {**former, **outcomes}
        self._record(Action.IMPORT_UNDONE, outcomes, listed)

    def _record(self, action: Action, outcomes: Counter[str], listed: str) -> None:
        record(action, self, after={"list": listed, **outcomes})

    @staticmethod
    def forget_old() -> None:
        """Remove the imports of the account in scope that are kept no longer."""
        db.session.execute(delete(ImportBatch).where(ImportBatch.created_at < utc_now() - KEPT_FOR))

    def discard(self) -> None:
        """Forget a preview with all that was read."""
        db.session.delete(self)


class ImportRow(TenantEntity, label=_l("Row of an import"), count=counted("%(num)s row", "%(num)s rows")):
    """A row of a file with its verdict; ``stored`` is what its entity held right after the import wrote it."""

    __tablename__ = "import_row"
    __table_args__ = table_args(
        "import_row", references={"batch_id": "import_batch"}, on_delete={"batch_id": "CASCADE"}, archivable=False
    )

    batch_id: Mapped[UUID]
    number: Mapped[int]
    place: Mapped[int]
    label: Mapped[str]
    verdict: Mapped[Verdict] = mapped_column(EnumText(Verdict))
    entity_id: Mapped[UUID | None]
    values: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    problems: Mapped[list[Any]] = mapped_column(JSONB)
    outcome: Mapped[Outcome | None] = mapped_column(EnumText(Outcome))
    stored: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))

    @staticmethod
    def values_of(batch: ImportBatch, judgement: Judgement) -> dict[str, Any]:
        """The row of a judgement, by column."""
        return {
            "account_id": batch.account_id,
            "batch_id": batch.id,
            "number": judgement.number,
            "place": RANKS[judgement.verdict] + judgement.number,
            "label": judgement.label,
            "verdict": judgement.verdict,
            "entity_id": judgement.entity_id,
            "values": judgement.plain_values,
            "changes": judgement.plain_changes,
            "problems": [list(problem) for problem in judgement.problems],
        }

    def is_as_previewed(self, judgement: Judgement | None) -> bool:
        """Whether the row would still do what the preview told."""
        return judgement is not None and (self.verdict, self.entity_id, self.values, self.changes) == (
            judgement.verdict,
            judgement.entity_id,
            judgement.plain_values,
            judgement.plain_changes,
        )

    def end(self, outcome: Outcome, stored: dict[str, Any] | None = None) -> None:
        """Note what came of it; what was left stands first in the list."""
        self.outcome, self.stored = outcome, stored
        self.place = self.number if outcome.was_left else self.place
