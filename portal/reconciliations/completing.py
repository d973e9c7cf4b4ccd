"""The end of a comparison: its rows never change again, and what it settles of earlier months is noted there."""

from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import update

from portal.audit.models import Action
from portal.audit.recording import acting_id, record
from portal.db.base import db
from portal.db.states import MoveRefused
from portal.db.types import utc_now
from portal.reconciliations.deciding import held_open
from portal.reconciliations.models import (
    Reconciliation,
    ReconciliationItem,
    ReconciliationStatus,
    RowStatus,
)
from portal.reconciliations.queries import earlier_items_lacking, held, items_of, live_matches


def complete(statement: Reconciliation, *, with_suggestions: bool = False) -> None:
    """Close it; ``MoveRefused`` while suggestions wait and nobody said that they may."""
    statement = held_open(statement.id)
    waiting = items_of(statement, ReconciliationItem.status == RowStatus.SUGGESTED)
    if waiting and not with_suggestions:
        raise MoveRefused(_("Some suggestions are not decided. Decide them, or tick that they stay open."))
    _note_settled(statement)
    statement.status, statement.completed_at = ReconciliationStatus.COMPLETED, utc_now()
    statement.completed_by_id, statement.grid = acting_id(), None
    db.session.flush()
    record(Action.STATEMENT_COMPLETED, statement)


def discard(statement: Reconciliation) -> None:
    """Forget a comparison that is not completed."""
    statement = held(statement.id)
    record(Action.REMOVED, statement)
    db.session.delete(statement)


def _note_settled(statement: Reconciliation) -> None:
    """Rows of earlier statements that this one settles: theirs of which our paper came, ours that they have booked."""
    settled = {
        UUID(each.details["settles"]) for each in items_of(statement, ReconciliationItem.details.has_key("settles"))
    }
    matched = {each.invoice_id for each in live_matches(statement)}
    settled |= set(earlier_items_lacking(statement, matched))
    if settled:
        query = update(ReconciliationItem).where(
            ReconciliationItem.id.in_(settled), ReconciliationItem.resolved_in_id.is_(None)
        )
        db.session.execute(query.values(resolved_in_id=statement.id), execution_options={"synchronize_session": False})
