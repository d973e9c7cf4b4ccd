"""The statement that opens a request: who is there, in which account, and both settings of row security.

One round trip, in a firm order: ``found`` refers to ``system_scope``, so its tables are read after that scope is
open; the settings of the result are made of what was found, so they follow. Read in any other order it would find
nothing, and nobody would be there. There is always one row; without a session its columns are null.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import args_row

from portal.access.permissions import NOTIFIED, ROLE_GRANTS, VISITOR_GRANTS
from portal.accounts.models import VISIT_IDLE_LIMIT
from portal.db.base import SCHEMA
from portal.db.cursor import connection, execute
from portal.db.moments import TRANSACTION_NOW as NOW
from portal.tenancy.scope import system_scope
from portal.users.sessions import CONFIRMED_FOR, SESSION_LIMITS, SUPERUSER_LIMITS

# Who was seen is noted once a minute at most: reading pages writes nothing in between.
SEEN_EVERY = "interval '1 minute'"

# Beyond it the bell says "99+".
UNREAD_CAP = 100
# Whom a notice concerns is a matter of permissions: those of each role, each an array as PostgreSQL writes it.
_NOTIFIED = json.dumps(
    {
        role: f"{{{','.join(sorted(grants & NOTIFIED))}}}"
        for role, grants in (*ROLE_GRANTS.items(), ("visitor", VISITOR_GRANTS))
    }
)

# The bell costs no statement of its own: its notices are counted for the account whose setting has just been made.
_OPEN = f"""
    SELECT found.*, {SCHEMA}.count_unread_notices(
            nullif(set_config('getinn.account_id', coalesce(found.entered_id::text, ''), true), '')::uuid,
            found.user_id,
            (%(notified)s::jsonb ->> CASE WHEN found.is_superuser THEN 'visitor' ELSE found.role END)::text[],
            found.restaurant_ids IS NOT NULL,
            {UNREAD_CAP}
        ) AS unread_notices,
        set_config('getinn.door', '', true) AS scope_setting
    FROM (SELECT set_config('getinn.door', 'session', true) AS name OFFSET 0) AS system_scope
    LEFT JOIN LATERAL (
        SELECT s.id AS session_id, u.id AS user_id, u.email, u.full_name, u.role, u.is_superuser, u.locale,
            u.timezone, home.id AS home_id, home.slug AS home_slug, home.name AS home_name,
            a.id AS account_id, a.slug AS account_slug, a.name AS account_name, a.is_active AS account_is_active,
            v.id AS visit_id, v.started_at AS visit_started_at, v.reason AS visit_reason,
            CASE WHEN limited.is_so THEN coalesce(assigned.restaurant_ids, '{{}}') END AS restaurant_ids,
            u.second_factor_since IS NOT NULL AS has_factor, home.demands_second_factor,
            coalesce(s.confirmed_at > {NOW} - make_interval(secs => %(confirmed)s), false) AS is_confirmed,
            CASE WHEN %(slug)s::text IS NULL THEN home.id
                WHEN v.id IS NOT NULL OR NOT u.is_superuser THEN a.id END AS entered_id,
            s.last_seen_at < {NOW} - {SEEN_EVERY} AS is_session_stale,
            v.last_seen_at < {NOW} - {SEEN_EVERY} AS is_visit_stale
        FROM {SCHEMA}.user_session s
        JOIN {SCHEMA}."user" u ON u.id = s.user_id
        JOIN {SCHEMA}.account home ON home.id = u.account_id
        CROSS JOIN LATERAL (SELECT u.restaurants_limited AND NOT u.is_superuser AND u.role <> 'owner' AS is_so) limited
        LEFT JOIN {SCHEMA}.account a ON a.slug = %(slug)s AND NOT a.is_operator
            AND (u.is_superuser OR a.id = home.id AND a.is_active)
        LEFT JOIN LATERAL (
            SELECT v.id, v.started_at, v.reason, v.last_seen_at FROM {SCHEMA}.superuser_visit v
            WHERE u.is_superuser AND v.user_id = u.id AND v.session_id = s.id AND v.account_id = a.id
                AND v.ended_at IS NULL
                AND v.last_seen_at > {NOW} - make_interval(secs => %(visit_idle)s)
            ORDER BY v.started_at DESC LIMIT 1
        ) v ON true
        LEFT JOIN LATERAL (
            SELECT array_agg(r.restaurant_id) AS restaurant_ids FROM {SCHEMA}.user_restaurant r
            WHERE limited.is_so AND r.user_id = u.id AND r.account_id = home.id
        ) assigned ON true
        WHERE system_scope.name = 'session' AND s.token_hash = %(token)s
            AND s.expires_at > {NOW} AND s.last_seen_at > {NOW}
                - make_interval(secs => CASE WHEN u.is_superuser THEN %(superuser_idle)s ELSE %(session_idle)s END)
            AND (NOT u.is_superuser OR s.created_at > {NOW} - make_interval(secs => %(superuser_absolute)s))
            AND (u.second_factor_since IS NULL OR s.factor_at IS NOT NULL)
            AND u.is_active AND (home.is_active OR u.is_superuser)
        OFFSET 0
    ) found ON true
""".encode()  # noqa: S608

_LIMITS = {
    "session_idle": SESSION_LIMITS.idle.total_seconds(),
    "superuser_idle": SUPERUSER_LIMITS.idle.total_seconds(),
    "superuser_absolute": SUPERUSER_LIMITS.absolute.total_seconds(),
    "confirmed": CONFIRMED_FOR.total_seconds(),
    "visit_idle": VISIT_IDLE_LIMIT.total_seconds(),
}

_SESSION_SEEN = f"UPDATE {SCHEMA}.user_session SET last_seen_at = {NOW} WHERE id = %(session)s".encode()  # noqa: S608
_VISIT_SEEN = f"UPDATE {SCHEMA}.superuser_visit SET last_seen_at = {NOW} WHERE id = %(visit)s".encode()  # noqa: S608


@dataclass(frozen=True, slots=True)
class OpenedRequest:
    """The columns in their order. Moments are naive UTC, as the columns hold them.

    ``account_id`` is of the account that the address names, where the person may know of it; ``entered_id`` of the
    one that both walls now show: a superuser without a visit has entered none.
    """

    session_id: UUID
    user_id: UUID
    email: str
    full_name: str | None
    role: str
    is_superuser: bool
    locale: str | None
    timezone: str | None
    home_id: UUID
    home_slug: str
    home_name: str
    account_id: UUID | None
    account_slug: str | None
    account_name: str | None
    account_is_active: bool | None
    visit_id: UUID | None
    visit_started_at: datetime | None
    visit_reason: str | None
    restaurant_ids: list[UUID] | None
    has_factor: bool
    demands_second_factor: bool
    is_confirmed: bool
    entered_id: UUID | None
    is_session_stale: bool
    is_visit_stale: bool | None
    unread_notices: int


def find_session(token: bytes, slug: str | None, *, counts_notices: bool = True) -> OpenedRequest | None:
    """Who holds the session of a token's hash, with the account of that address entered, or home without one.

    ``None`` for a session that is unknown, ended, idle for too long, begun without the second factor that the person
    has, or of somebody or some chain deactivated.
    """
    # By place, not by name: twenty names a request cost as much as a tenth of the statement.
    reading = connection().cursor(row_factory=args_row(_opened))
    named = {"token": token, "slug": slug, "notified": _NOTIFIED if counts_notices else None, **_LIMITS}
    return reading.execute(_OPEN, named).fetchone()


def note_seen(opened: OpenedRequest) -> None:
    """Note that session and visit are in use, where that was not noted lately."""
    if not (opened.is_session_stale or opened.is_visit_stale):
        return
    with system_scope("session"):
        if opened.is_session_stale:
            execute(_SESSION_SEEN, session=opened.session_id)
        if opened.is_visit_stale:
            execute(_VISIT_SEEN, visit=opened.visit_id)


def _opened(session_id: UUID | None, *columns: Any) -> OpenedRequest | None:
    # All but the setting that ends the system scope.
    return None if session_id is None else OpenedRequest(session_id, *columns[:-1])
