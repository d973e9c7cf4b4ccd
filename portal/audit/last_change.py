"""Who changed a row last, for whoever meets their change in a form."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.access.viewer import current_viewer
from portal.audit.history import NO_CHANGES
from portal.audit.models import WITHOUT_COMINGS, AuditEvent
from portal.db.base import Entity, db
from portal.web.merging import Change, tell_changes_with

# Among so many of the newest lines on the row the one is looked for that names the attribute.
LOOKED_AT = 20


def install() -> None:
    """Let forms ask."""
    tell_changes_with(last_change)


def last_change(row: Entity, keys: Sequence[str]) -> Change | None:
    """The newest change of the row that names one of its attributes, else the newest at all."""
    on_row = (AuditEvent.entity_id == row.id, WITHOUT_COMINGS, AuditEvent.action.not_in(NO_CHANGES))
    query = select(AuditEvent).where(*on_row).order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
    events = db.session.scalars(query.limit(LOOKED_AT)).all()
    named = (each for each in events if {*(each.after or ()), *(each.before or ())} & set(keys))
    event = next(named, events[0] if events else None)
    if event is None:
        return None
    viewer = current_viewer()
    return Change(event.actor_name or event.actor_email, event.at, viewer is not None and viewer.id == event.actor_id)
