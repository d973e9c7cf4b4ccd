"""The latest lines of the log on one row, for the row's own page."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.audit.models import Action, AuditEvent
from portal.db.base import Entity, db

LATEST = 8
# Coming and going, which would drown what was changed.
NO_CHANGES = (Action.SIGNED_IN, Action.SIGNED_OUT, Action.EXPORTED, Action.CHECKED)


def history_of(*rows: Entity) -> Sequence[AuditEvent]:
    """The newest lines on a row and its parts; none for those who may not see the log."""
    if not may(Permission.AUDIT_SEE):
        return []
    query = select(AuditEvent).where(AuditEvent.entity_id.in_([row.id for row in rows]))
    return db.session.scalars(query.order_by(AuditEvent.at.desc(), AuditEvent.id).limit(LATEST)).all()


def latest_changes() -> Sequence[AuditEvent]:
    """The newest changes anywhere in the account; none for those who may not see the log."""
    if not may(Permission.AUDIT_SEE):
        return []
    query = select(AuditEvent).where(AuditEvent.action.not_in(NO_CHANGES))
    return db.session.scalars(query.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(LATEST)).all()
