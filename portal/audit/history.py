"""The latest lines of the log on one row, for the row's own page."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.audit.fields import changes_in_words
from portal.audit.models import WITHOUT_COMINGS, Action, AuditEvent
from portal.tenancy.reading import RowQuery, one_of

LATEST = 8
# What changes nothing either, beside coming and going.
NO_CHANGES = (Action.EXPORTED, Action.CHECKED)


_e = AuditEvent.__table__.c
_SHOWN = (
    _e.id, _e.at, _e.action, _e.entity, _e.entity_id, _e.entity_label, _e.actor_name, _e.as_superuser,
    _e.before, _e.after,
)  # fmt: skip


def _latest_where(condition: ColumnElement[bool]) -> RowQuery:
    return RowQuery(
        AuditEvent,
        _SHOWN,
        lambda query: query.where(condition, WITHOUT_COMINGS).order_by(_e.at.desc(), _e.id.desc()).limit(LATEST),
    )


_OF_ROWS, _ANYWHERE = _latest_where(one_of(_e.entity_id, "ids")), _latest_where(_e.action.not_in(NO_CHANGES))


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A line of the log for a card: the event, and in words what it changed."""

    event: Any
    changes: list[str]


def history_of(*rows: Any) -> list[HistoryLine]:
    """The newest lines on a row and its parts; none for those who may not see the log."""
    return _told(_OF_ROWS, ids=[row.id for row in rows])


def latest_changes() -> list[HistoryLine]:
    """The newest changes anywhere in the account; none for those who may not see the log."""
    return _told(_ANYWHERE)


def _told(query: RowQuery, **named: Any) -> list[HistoryLine]:
    if not may(Permission.AUDIT_SEE):
        return []
    return [HistoryLine(each, changes_in_words(each.entity, each.before, each.after)) for each in query.all(**named)]
