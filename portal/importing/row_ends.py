"""What came of twenty thousand rows of an import, read and noted without an object for each."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from portal.db.base import db
from portal.db.many_writes import update_rows
from portal.importing.models import ImportBatch, ImportRow
from portal.importing.verdicts import Outcome, Verdict


@dataclass(frozen=True, slots=True)
class RowStanding:
    """How a row stands: its verdict, what it would write or wrote, and what came of it."""

    id: UUID
    number: int
    place: int
    verdict: Verdict
    values: dict[str, Any]
    entity_id: UUID | None
    outcome: Outcome | None
    stored: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class RowEnd:
    """What came of a row, with what its entity held then."""

    row: RowStanding
    outcome: Outcome
    stored: dict[str, Any] | None = None
    entity_id: UUID | None = None

    @property
    def values(self) -> dict[str, Any]:
        """By column; what was left stands first in the list."""
        return {
            "id": self.row.id,
            "outcome": self.outcome,
            "stored": self.stored,
            "entity_id": self.entity_id or self.row.entity_id,
            "place": self.row.number if self.outcome.was_left else self.row.place,
        }


def standing_rows(batch: ImportBatch) -> list[RowStanding]:
    """Every row, in the order of the file."""
    row = ImportRow
    columns = (row.id, row.number, row.place, row.verdict, row.values, row.entity_id, row.outcome, row.stored)
    query = select(*columns).where(row.batch_id == batch.id).order_by(row.number)
    return [RowStanding(*each) for each in db.session.execute(query)]


def end_rows(batch: ImportBatch, ends: Iterable[RowEnd]) -> None:
    """Note what came of rows, in one statement."""
    values: Sequence[dict[str, Any]] = [each.values for each in ends]
    update_rows(ImportRow, values, batch.account_id)
