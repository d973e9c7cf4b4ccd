"""The latest lines of the log on one row, for the row's own page."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.audit.fields import changes_in_words
from portal.audit.models import WITHOUT_COMINGS, Action, AuditEvent
from portal.db.base import Entity, db

LATEST = 8
# What changes nothing either, beside coming and going.
NO_CHANGES = (Action.EXPORTED, Action.CHECKED)


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A line of the log for a card: the event, and in words what it changed."""

    event: AuditEvent
    changes: list[str]


def history_of(*rows: Entity) -> list[HistoryLine]:
    """The newest lines on a row and its parts; none for those who may not see the log."""
    return _latest(AuditEvent.entity_id.in_([row.id for row in rows]))


def latest_changes() -> list[HistoryLine]:
    """The newest changes anywhere in the account; none for those who may not see the log."""
    return _latest(AuditEvent.action.not_in(NO_CHANGES))


def _latest(condition: ColumnElement[bool]) -> list[HistoryLine]:
    if not may(Permission.AUDIT_SEE):
        return []
    query = select(AuditEvent).where(condition, WITHOUT_COMINGS)
    found = db.session.scalars(query.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(LATEST))
    return [HistoryLine(event, changes_in_words(event.entity, event.before, event.after)) for event in found]
