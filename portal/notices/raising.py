"""Raising and resolving notices, in the transaction of what they tell; one statement each."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from portal.db.base import SCHEMA, Entity
from portal.db.cursor import cursor
from portal.db.moments import NOW
from portal.notices.kinds import NoticeKind
from portal.tenancy.scope import require_scope

# What is raised of one thing meanwhile is counted; the database decides which of two raisers came first. A problem
# ends what was told of its healing, and news of another day begin anew.
_RAISE = f"""
    WITH ended AS (
        UPDATE {SCHEMA}.notice SET resolved_at = {NOW}, at = {NOW}
        WHERE account_id = %(account)s AND entity_id = %(id)s AND resolved_at IS NULL AND (
            kind = %(recovery)s::varchar
            OR kind = %(kind)s AND NOT %(is_problem)s AND opened_at < {NOW} - interval '1 day'
        ) RETURNING id
    )
    INSERT INTO {SCHEMA}.notice AS n
        (account_id, kind, permission, entity, entity_id, entity_label, restaurant_id, parameters)
    SELECT %(account)s, %(kind)s, %(permission)s, %(entity)s, %(id)s, %(label)s, %(restaurant)s::uuid, %(parameters)s
    FROM (SELECT count(*) FROM ended) AS first
    ON CONFLICT (account_id, kind, entity_id) WHERE resolved_at IS NULL DO UPDATE SET
        repetitions = n.repetitions + 1, at = excluded.at,
        entity_label = excluded.entity_label, parameters = excluded.parameters
""".encode()  # noqa: S608

# Nobody is told of healing who was not told of the problem.
_RESOLVE = f"""
    WITH ended AS (
        UPDATE {SCHEMA}.notice SET resolved_at = {NOW}, at = {NOW}
        WHERE account_id = %(account)s AND entity_id = %(id)s AND kind = %(kind)s AND resolved_at IS NULL
        RETURNING entity, entity_label, restaurant_id, parameters, opened_at
    )
    INSERT INTO {SCHEMA}.notice AS n
        (account_id, kind, permission, entity, entity_id, entity_label, restaurant_id, parameters)
    SELECT %(account)s, %(recovery)s::varchar, %(permission)s, entity, %(id)s, entity_label, restaurant_id,
        parameters || jsonb_build_object('since', opened_at)
    FROM ended WHERE %(recovery)s::varchar IS NOT NULL
    ON CONFLICT (account_id, kind, entity_id) WHERE resolved_at IS NULL DO UPDATE SET
        repetitions = n.repetitions + 1, at = excluded.at, parameters = excluded.parameters
""".encode()  # noqa: S608


@dataclass(frozen=True, slots=True)
class Subject:
    """What a notice is about; ``restaurant_id`` where only those who look after that restaurant are told."""

    entity: str
    id: UUID
    label: str
    restaurant_id: UUID | None = None

    @classmethod
    def of(cls, row: Entity, label: str | None = None) -> "Subject":
        """A row of the account in scope."""
        return cls(row.__tablename__, row.id, (label or row.display_name)[:200])


def raise_notice(kind: NoticeKind, subject: Subject, **parameters: Any) -> None:
    """Tell those whom it concerns, or count once more what they were told already.

    ``parameters`` are plain values for the kind's sentence; secrets and what guests wrote are left out.
    """
    values = _place(kind, subject.id) | {
        "permission": kind.permission.value,
        "is_problem": kind.is_problem,
        "entity": subject.entity,
        "label": subject.label,
        "restaurant": subject.restaurant_id,
        "parameters": Jsonb(parameters),
    }
    cursor().execute(_RAISE, values)


def resolve_notice(kind: NoticeKind, subject_id: UUID, *, quietly: bool = False) -> None:
    """The problem is over; its recovery is told where the problem was, unless ``quietly``. Nothing where was none."""
    values = _place(kind, subject_id) | {"permission": kind.recovery.permission.value if kind.recovery else None}
    cursor().execute(_RESOLVE, values | ({"recovery": None} if quietly else {}))


def _place(kind: NoticeKind, subject_id: UUID) -> dict[str, Any]:
    recovery = kind.recovery.key if kind.recovery else None
    return {"account": require_scope().account_id, "kind": kind.key, "id": subject_id, "recovery": recovery}
