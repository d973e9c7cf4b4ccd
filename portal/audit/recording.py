"""Writing the audit log, from inside the verbs that change things."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, Protocol
from uuid import UUID

from flask import has_request_context, request
from sqlalchemy import inspect

from portal.access.viewer import current_viewer, current_visit
from portal.audit.models import Action, AuditEvent
from portal.db.amounts import ExactNumber
from portal.db.base import Entity, TenantEntity, db
from portal.db.records import reference_of, type_of
from portal.db.states import log_verbs_with
from portal.tenancy.scope import require_scope

# Names of attributes whose values never reach the log.
SECRET_ATTRIBUTES = frozenset({"credentials", "hashed_password", "token_hash"})
LARGE_ATTRIBUTES = frozenset({"scenario_data", "source"})
UNTOLD_ATTRIBUTES = frozenset(
    {"id", "account_id", "is_operator", "created_at", "updated_at", "search_text", "number_key", "number_core"}
)


class Actor(Protocol):
    """Somebody who acts: a person's row, or the viewer of a request."""

    @property
    def id(self) -> Any: ...
    @property
    def email(self) -> Any: ...
    @property
    def display_name(self) -> str: ...
    @property
    def is_superuser(self) -> Any: ...


# Who acts where nobody is signed in, or instead of them.
_acting: ContextVar[Actor | None] = ContextVar("acting", default=None)


@contextmanager
def acting(by: Actor) -> Iterator[None]:
    """Let whatever is done within it be that one's deed, whoever is signed in."""
    token = _acting.set(by)
    try:
        yield
    finally:
        _acting.reset(token)


def record(
    action: Action,
    row: Entity,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    label: str | None = None,
    by: Actor | None = None,
) -> AuditEvent:
    """Add one line on ``row`` to the log of its account, in the same transaction.

    The acting person is ``by``, else whoever is ``acting``, else the signed-in one; in a job there is none.
    ``before`` and ``after`` hold plain values; secrets must be left out by the caller, ``changes`` does so.
    """
    visit = current_visit()
    account_id = row.account_id if isinstance(row, TenantEntity) else row.id
    event = AuditEvent(
        account_id=account_id,
        action=action,
        entity=row.__tablename__,
        entity_id=row.id,
        entity_label=(label or row.display_name)[:200],
        **_actor(by, account_id),
        visit_id=visit.id if visit else None,
        before=before,
        after=after,
        ip_address=request.remote_addr if has_request_context() else None,
    )
    db.session.add(event)
    return event


def acting_id() -> UUID | None:
    """Who acts, where they are one of the chain: support is nobody of it, and a job whoever asked for it."""
    if (colleague_id := getattr(_acting.get(), "colleague_id", None)) is not None:
        return UUID(str(colleague_id))
    viewer = current_viewer()
    is_ours = viewer is not None and not viewer.is_superuser and viewer.home_id == require_scope().account_id
    return viewer.id if viewer is not None and is_ours else None


def _actor(by: Actor | None, account_id: UUID) -> dict[str, Any]:
    """Who acts. Somebody signed in to another chain stays unnamed: no log tells of foreign people."""
    by, viewer = by or _acting.get(), current_viewer()
    if by is None and viewer is not None and (viewer.is_superuser or viewer.home_id == account_id):
        by = viewer
    if by is None:
        return {"as_superuser": False}
    return {
        "actor_id": by.id,
        "actor_email": by.email,
        "actor_name": by.display_name,
        "as_superuser": by.is_superuser,
    }


def record_edit(row: Entity) -> AuditEvent | None:
    """Record what is about to change on ``row``; nothing where nothing does."""
    before, after = changes(row)
    if not after:
        return None
    return record(Action.EDITED, row, before=before, after=after)


def record_creation(row: Entity) -> AuditEvent:
    """Record a new row with the values it starts with."""
    db.session.add(row)
    state = inspect(row)
    # Many at once were flushed together; each alone would cost a round trip.
    if not state.persistent:
        db.session.flush()
    after = {
        key: loggable_of(row, key, state.dict[key])
        for key in state.mapper.column_attrs.keys()  # noqa: SIM118 (no mapping)
        if key in state.dict and key not in UNTOLD_ATTRIBUTES and state.dict[key] is not None
    }
    return record(Action.CREATED, row, after=after)


def changes(row: Entity) -> tuple[dict[str, Any], dict[str, Any]]:
    """The unsaved changes of a mapped row as (before, after), secrets redacted."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    state = inspect(row)
    for key in state.mapper.column_attrs.keys():  # noqa: SIM118
        # Not read for nothing: some of these are left to the database.
        if key in UNTOLD_ATTRIBUTES or not (history := state.attrs[key].load_history()).has_changes():
            continue
        old = history.deleted[0] if history.deleted else None
        new = history.added[0] if history.added else None
        if old != new:
            before[key], after[key] = loggable_of(row, key, old), loggable_of(row, key, new)
    return before, after


def loggable_of(row: Entity, key: str, value: Any) -> Any:
    """A column's value as the log may show it: what another row is called instead of its id."""
    target = reference_of(type(row), key)
    if target is not None and value is not None:
        # What is about to be saved must stay unsaved: its history would be gone.
        with db.session.no_autoflush:
            referred = db.session.get(target, value)
        return referred.display_name if referred else str(value)
    kind = type_of(type(row), key)
    return kind.loggable(value, row) if isinstance(kind, ExactNumber) and value is not None else loggable(key, value)


def loggable(key: str, value: Any) -> Any:
    """A value as the log may show it."""
    if key in SECRET_ATTRIBUTES:
        return None if value is None else "•••"
    if key in LARGE_ATTRIBUTES:
        return None if value is None else "…"
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime | time | UUID | Decimal):
        return str(value)
    if isinstance(value, list | tuple):
        return [loggable(key, item) for item in value]
    return value


def record_verb(verb: str, row: Entity, **told: Any) -> None:
    """The line of a verb that many rows share: a new record, an edit, a move from one state to another."""
    if verb == "created":
        record_creation(row)
    elif verb == "edited":
        record_edit(row)
    else:
        record(Action(verb), row, **told)


log_verbs_with(record_verb)
