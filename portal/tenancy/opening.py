"""The start of a request: one statement finds person, account and visit, and enters the account."""

import hashlib
import json
from typing import Any
from uuid import UUID

from flask import Flask, Request, g, request, url_for

from portal.access.permissions import NOTIFIED, ROLE_GRANTS, VISITOR_GRANTS, Role
from portal.access.viewer import CurrentAccount, CurrentVisit, Viewer
from portal.accounts.models import VISIT_IDLE_LIMIT
from portal.auth.cookie import session_token
from portal.auth.models import SESSION_IDLE_LIMIT
from portal.db.base import SCHEMA
from portal.extensions import login_manager
from portal.tenancy.scope import Scope, assume_scope
from portal.web.listing.reading import cursor

# Beyond it the bell says "99+".
UNREAD_CAP = 100

# The notices that wait are counted on the way, once the account is entered: the bell costs no statement of its own.
_OPEN_REQUEST = f"""
    SELECT o.*, {SCHEMA}.count_unread_notices(
        CASE
            WHEN %(slug)s::text IS NULL THEN o.home_id
            WHEN NOT o.is_superuser OR o.visit_id IS NOT NULL THEN o.account_id
        END,
        o.user_id,
        (%(grants)s::jsonb ->> CASE WHEN o.is_superuser THEN 'visitor' ELSE o.role END)::text[],
        NOT o.is_superuser AND o.role <> 'owner',
        {UNREAD_CAP}
    ) AS unread_notices
    FROM {SCHEMA}.open_request(%(token)s, %(slug)s, %(session_idle)s, %(visit_idle)s) AS o
""".encode()  # noqa: S608
# Whom a notice concerns is a matter of permissions: those of each role, each an array as PostgreSQL writes it.
_GRANTS = json.dumps(
    {
        role: f"{{{','.join(sorted(grants & NOTIFIED))}}}"
        for role, grants in (*ROLE_GRANTS.items(), ("visitor", VISITOR_GRANTS))
    }
)

# What is served without asking who is there.
UNOPENED_ENDPOINTS = frozenset({"static", "health.alive", "health.ready", "hooks.receive", "hooks.challenge"})


def install(app: Flask) -> None:
    """Take the account out of every address, open every request, and let Flask-Login know who is there."""
    # Not by ``init_app``: it would write Flask-Login's own cookie, which remembers people past their session's row.
    app.login_manager = login_manager  # type: ignore[attr-defined]
    # Nor read: no cookie has an empty name. And Flask's cookie holds nobody who would need protection.
    app.config.update(REMEMBER_COOKIE_NAME="", SESSION_PROTECTION=None)
    app.url_value_preprocessor(take_account_slug)
    app.url_defaults(give_account_slug)
    app.before_request(open_request)


def take_account_slug(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Keep the account out of the views' signatures."""
    g.account_slug = values.pop("account_slug", None) if values else None


def give_account_slug(endpoint: str, values: dict[str, Any]) -> None:
    """Let ``url_for`` stay within the account of the page."""
    if endpoint.startswith("account.") and "account_slug" not in values:
        values["account_slug"] = g.account_slug


def open_request() -> None:
    """Load who is there; an unknown or dead session is nobody."""
    token = session_token()
    if request.endpoint in UNOPENED_ENDPOINTS or token is None:
        return
    slug = g.get("account_slug")
    row = cursor().execute(_OPEN_REQUEST, _asked(token, slug)).fetchone()
    if row is None:
        return
    g.opened, g.unread_notices = row, row.unread_notices
    if slug is None:
        assume_scope(Scope(row.home_id))
    elif row.account_id is not None:
        _stand_in_account(row)


def _asked(token: str, slug: str | None) -> dict[str, Any]:
    """What the statement is executed with; a part of a page shows no bell, and nothing is counted for it."""
    return {
        "token": hashlib.sha256(token.encode()).digest(),
        "slug": slug,
        "grants": None if "HX-Request" in request.headers else _GRANTS,
        "session_idle": SESSION_IDLE_LIMIT,
        "visit_idle": VISIT_IDLE_LIMIT,
    }


@login_manager.request_loader
def viewer_of(request: Request) -> Viewer | None:
    """The person of the row that opened the request."""
    row = g.get("opened")
    if row is None:
        return None
    return Viewer(
        id=row.user_id,
        session_id=row.session_id,
        email=row.email,
        full_name=row.full_name,
        role=Role(row.role),
        is_superuser=row.is_superuser,
        locale=row.locale,
        timezone=row.timezone,
        home_id=row.home_id,
        home_slug=row.home_slug,
        restaurant_ids=_restaurant_ids(row),
    )


def _restaurant_ids(row: Any) -> tuple[UUID, ...] | None:
    return tuple(row.restaurant_ids) if row.restaurant_ids else None


def _stand_in_account(row: Any) -> None:
    if row.is_superuser and row.visit_id is None:
        g.visitable_account = CurrentAccount(row.account_id, row.account_slug, row.account_name)
        return
    g.account = CurrentAccount(row.account_id, row.account_slug, row.account_name)
    assume_scope(Scope(row.account_id, _restaurant_ids(row)))
    if row.visit_id is not None:
        url = url_for("visits.end", visited_slug=row.account_slug)
        g.visit = CurrentVisit(row.visit_id, row.visit_started_at, row.visit_reason, url)
