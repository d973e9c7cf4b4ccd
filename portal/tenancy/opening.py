"""The start of a request: one statement finds person, account and visit, and enters the account."""

import hashlib
from typing import Any

from flask import Flask, g, request, url_for

from portal.access.permissions import Role
from portal.access.viewer import CurrentAccount, CurrentVisit, Viewer
from portal.accounts.models import VISIT_IDLE_LIMIT
from portal.auth.cookie import session_token
from portal.auth.models import SESSION_IDLE_LIMIT
from portal.db.base import SCHEMA
from portal.tenancy.scope import Scope, assume_scope
from portal.web.listing.reading import cursor

_OPEN_REQUEST = f"SELECT * FROM {SCHEMA}.open_request(%s, %s, %s, %s)".encode()  # noqa: S608

# What is served without asking who is there.
UNOPENED_ENDPOINTS = frozenset({"static", "health.alive", "health.ready", "hooks.receive", "hooks.challenge"})


def install(app: Flask) -> None:
    """Take the account out of every address and open every request."""
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
    digest = hashlib.sha256(token.encode()).digest()
    slug = g.get("account_slug")
    row = cursor().execute(_OPEN_REQUEST, (digest, slug, SESSION_IDLE_LIMIT, VISIT_IDLE_LIMIT)).fetchone()
    if row is None:
        return
    g.viewer = _viewer(row)
    if slug is None:
        assume_scope(Scope(row.home_id))
    elif row.account_id is not None:
        _stand_in_account(row)


def _viewer(row: Any) -> Viewer:
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
        restaurant_ids=tuple(row.restaurant_ids) if row.restaurant_ids else None,
    )


def _stand_in_account(row: Any) -> None:
    if row.is_superuser and row.visit_id is None:
        g.visitable_account = CurrentAccount(row.account_id, row.account_slug, row.account_name)
        return
    g.account = CurrentAccount(row.account_id, row.account_slug, row.account_name)
    assume_scope(Scope(row.account_id, g.viewer.restaurant_ids))
    if row.visit_id is not None:
        url = url_for("visits.end", visited_slug=row.account_slug)
        g.visit = CurrentVisit(row.visit_id, row.visit_started_at, row.visit_reason, url)
