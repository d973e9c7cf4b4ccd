"""The latest lines of the log on one row, for the row's own page."""

from collections.abc import Sequence
from typing import Any

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.audit.models import Action, AuditEvent
from portal.tenancy.reading import RowQuery, one_of

LATEST = 8
# Coming and going, which would drown what was changed.
NO_CHANGES = (Action.SIGNED_IN, Action.SIGNED_OUT, Action.EXPORTED, Action.CHECKED)


_at = AuditEvent.__table__.c
_SHOWN = (_at.id, _at.at, _at.action, _at.entity_id, _at.entity_label, _at.actor_name, _at.as_superuser)
_OF_ROWS = RowQuery(
    AuditEvent,
    _SHOWN,
    lambda query: query.where(one_of(_at.entity_id, "ids")).order_by(_at.at.desc(), _at.id).limit(LATEST),
)
_ANYWHERE = RowQuery(
    AuditEvent,
    _SHOWN,
    lambda query: query.where(_at.action.not_in(NO_CHANGES)).order_by(_at.at.desc(), _at.id.desc()).limit(LATEST),
)


def history_of(*rows: Any) -> Sequence[Any]:
    """The newest lines on a row and its parts; none for those who may not see the log."""
    return _OF_ROWS.all(ids=[row.id for row in rows]) if may(Permission.AUDIT_SEE) else []


def latest_changes() -> Sequence[Any]:
    """The newest changes anywhere in the account; none for those who may not see the log."""
    return _ANYWHERE.all() if may(Permission.AUDIT_SEE) else []
