"""The audit log as a list."""

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select, text

from portal.audit.fields import entity_label
from portal.audit.models import WITHOUT_COMINGS, Action, AuditEvent
from portal.db.base import SCHEMA, db
from portal.db.records import entity_of_table, mapped_entities
from portal.tenancy.scope import require_scope
from portal.web.listing import Export, Filter, IdFilter, Listing, Page, Sort, ValueFilter
from portal.web.listing.declaration import moment
from portal.web.listing.filters import since, until, yes_or_no

MAX_PEOPLE = 200
MAX_DEEDS = 50

# From one person to the next by the index, with the name that each had last: its cost follows the number of people.
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
    SELECT email, (
        SELECT actor_name FROM {SCHEMA}.audit_event
        WHERE account_id = :account_id AND actor_email = people.email ORDER BY at DESC, id DESC LIMIT 1
    ) AS name FROM people WHERE email IS NOT NULL LIMIT {MAX_PEOPLE}
""")  # noqa: S608


def people_in_log() -> list[tuple[str, str]]:
    """The e-mail and name of all who did anything in the account, by name; namesakes are told apart by the e-mail."""
    found = db.session.execute(_PEOPLE, {"account_id": require_scope().account_id}).all()
    names = Counter(row.name for row in found)
    people = [(row.email, _called(row.email, row.name, names[row.name])) for row in found]
    return sorted(people, key=lambda person: person[1].lower())


def _called(email: str, name: str | None, namesakes: int) -> str:
    if not name:
        return email
    return name if namesakes == 1 else f"{name} ({email})"


def deeds_of_visit(event: AuditEvent) -> Sequence[AuditEvent]:
    """What was done in the visit that an event belongs to, the newest first; nothing for any other event.

    A visit has one person, and the person's lines stand together in the index.
    """
    if event.visit_id is None:
        return []
    query = select(AuditEvent).where(AuditEvent.actor_email == event.actor_email, AuditEvent.visit_id == event.visit_id)
    return db.session.scalars(query.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(MAX_DEEDS)).all()


e = AuditEvent.__table__.c


def known_entity(text: str) -> str:
    """One of the kinds of objects; ``ValueError`` for anything else."""
    if entity_of_table(text) is None:
        raise ValueError(text)
    return text


def offered_kinds() -> list[tuple[str, Any]]:
    """The kinds of objects that people know, by their names."""
    kinds = [(entity.__tablename__, entity.words.label) for entity in mapped_entities() if entity.words.plural]
    return [("", _l("Any")), *sorted(kinds, key=lambda kind: str(kind[1]))]


def offer_people(page: Page) -> None:
    """Let the filter offer everybody in the log, and the one that was asked for."""
    chosen = next(each for each in page.filters if each.key == "person")
    offered = people_in_log()
    is_known = not chosen.value or any(email == chosen.value for email, _name in offered)
    extra = [] if is_known else [(chosen.value, chosen.value)]
    chosen.choices = [("", _l("Anybody")), *extra, *offered]


def format_change(change: Any) -> str:
    """Remembered values in one cell."""
    return json.dumps(change, ensure_ascii=False, sort_keys=True) if change else ""


AUDIT = Listing(
    name="audit",
    title=_l("Audit log"),
    entity=AuditEvent,
    columns={
        "at": e.at,
        "action": e.action,
        "entity": e.entity,
        "entity_id": e.entity_id,
        "entity_label": e.entity_label,
        "actor_email": e.actor_email,
        "actor_name": e.actor_name,
        "as_superuser": e.as_superuser,
        "ip_address": e.ip_address,
        "before": e.before,
        "after": e.after,
    },
    sorts=[Sort("at", _l("When"), e.at, parse=moment, descending=True)],
    filters=[
        Filter(
            "action",
            _l("Action"),
            choices=[("", _l("All but sign-ins")), ("all", _l("All")), *Action.choices()],
            conditions={
                "": WITHOUT_COMINGS,
                "all": None,
                **{word: e.action == word for word in Action.words()},
            },
        ),
        ValueFilter(
            "entity",
            _l("Kind"),
            choices=offered_kinds,
            column=e.entity,
            parse=known_entity,
        ),
        ValueFilter("person", _l("Person"), choices=[("", _l("Anybody"))], column=e.actor_email),
        since("from", _l("From"), e.at),
        until("to", _l("To"), e.at),
        IdFilter("entity_id", _l("One object"), column=e.entity_id),
    ],
    search_entity="audit_event",
    search_label=_l("Search by name of the object"),
    exports=[
        Export(_l("When (UTC)"), lambda row: row.at),
        Export(_l("Action"), lambda row: Action.read(row.action).label),
        Export(_l("Kind"), lambda row: entity_label(row.entity)),
        Export(_l("Object"), lambda row: row.entity_label),
        Export(_l("Person"), lambda row: row.actor_name),
        Export(_l("E-mail"), lambda row: row.actor_email),
        Export(_l("Support"), lambda row: yes_or_no(row.as_superuser)),
        Export(_l("From address"), lambda row: row.ip_address),
        Export(_l("Before"), lambda row: format_change(row.before)),
        Export(_l("After"), lambda row: format_change(row.after)),
    ],
)
