"""The comparison of a long statement, by the worker."""

from uuid import UUID

from sqlalchemy import select, update

from portal.db.base import db
from portal.jobs.queue import job
from portal.reconciliations.models import Reconciliation, ReconciliationStatus
from portal.reconciliations.running import StatementComparison
from portal.tenancy.scope import enter_account, resume_scope


@job(once_by=("reconciliation_id",))
def compare_statement(reconciliation_id: str, account_id: str) -> None:
    """Compare it, telling how far that has come; a statement that is completed or gone is left.

    One that cannot be compared says so until somebody tries again.
    """
    enter_account(UUID(account_id))
    query = select(Reconciliation).where(Reconciliation.id == UUID(reconciliation_id))
    statement = db.session.scalars(query.with_for_update()).one_or_none()
    if statement is None or statement.status != ReconciliationStatus.IN_PROGRESS:
        return

    def note(percent: int) -> None:
        # Committed before anything is replaced: until then others see the statement as it was.
        statement.progress = percent
        db.session.commit()
        resume_scope()

    try:
        StatementComparison(statement, note).run()
    except Exception:
        db.session.rollback()
        resume_scope()
        failed = update(Reconciliation).where(Reconciliation.id == UUID(reconciliation_id))
        db.session.execute(failed.values(status=ReconciliationStatus.ERROR))
        db.session.commit()
        raise
