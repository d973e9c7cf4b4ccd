"""Reading the log beside its list."""

from collections.abc import Sequence

from sqlalchemy import select, text

from portal.audit.models import AuditEvent
from portal.db.base import SCHEMA, db
from portal.tenancy.scope import require_scope

MAX_PEOPLE = 200
MAX_DEEDS = 50

# From one person to the next by the index: its cost follows the number of people, not of lines.
_PEOPLE = text(f"""
    WITH RECURSIVE people (email) AS (
        SELECT min(actor_email) FROM {SCHEMA}.audit_event WHERE account_id = :account_id
        UNION ALL
        SELECT (
            SELECT actor_email FROM {SCHEMA}.audit_event
            WHERE account_id = :account_id AND actor_email > people.email
            ORDER BY actor_email LIMIT 1
        ) FROM people WHERE people.email IS NOT NULL
    )
    SELECT email FROM people WHERE email IS NOT NULL LIMIT {MAX_PEOPLE}
""")  # noqa: S608


def people_in_log() -> list[str]:
    """The e-mails of all who did anything in the account, in their order."""
    found = db.session.execute(_PEOPLE, {"account_id": require_scope().account_id})
    return list(found.scalars())


def deeds_of_visit(event: AuditEvent) -> Sequence[AuditEvent]:
    """What was done in the visit that an event belongs to, the newest first; nothing for any other event.

    A visit has one person, and the person's lines stand together in the index.
    """
    if event.visit_id is None:
        return []
    query = select(AuditEvent).where(AuditEvent.actor_email == event.actor_email, AuditEvent.visit_id == event.visit_id)
    return db.session.scalars(query.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(MAX_DEEDS)).all()
