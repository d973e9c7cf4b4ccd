"""The start of a request: one statement finds person, account and visit, and enters the account."""

import hashlib
from typing import Any
from uuid import UUID

from flask import Flask, Request, current_app, g, request, url_for

from portal.access.permissions import Role
from portal.access.viewer import CurrentAccount, CurrentVisit, Viewer
from portal.auth.cookie import session_token
from portal.auth.queries import OpenedRequest, find_session, note_seen
from portal.extensions import login_manager
from portal.tenancy.scope import Scope, assume_scope

# What is served without asking who is there.
UNOPENED_ENDPOINTS = frozenset({"static", "health.alive", "health.ready", "hooks.receive", "hooks.challenge"})


def install(app: Flask) -> None:
    """Take the account out of every address, open every request, and let Flask-Login know who is there."""
    # Not by ``init_app``: it would write Flask-Login's own cookie, which remembers people past their session's row.
    app.login_manager = login_manager  # type: ignore[attr-defined]
    # Nor is that cookie read, for none has an empty name. And Flask's cookie holds nobody who would need protection.
    app.config.update(REMEMBER_COOKIE_NAME="", SESSION_PROTECTION=None)
    # Demo superusers have none; where the portal serves chains, nobody reaches all of them by a password alone.
    app.config["SUPERUSERS_NEED_FACTOR"] = app.config["PORTAL"].environment == "production"
    login_manager.request_loader(viewer_of)
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
    # A part of a page shows no bell, and nothing is counted for it.
    is_part = "HX-Request" in request.headers
    row = find_session(digest, slug, counts_notices=not is_part)
    if row is None:
        return
    note_seen(row)
    g.opened, g.unread_notices, g.viewer = row, row.unread_notices, _viewer_of(row)
    if slug is None:
        assume_scope(Scope(row.home_id))
    elif row.account_id is not None:
        _stand_in_account(row)


def viewer_of(request: Request) -> Viewer | None:
    """The person of the row that opened the request, for Flask-Login."""
    known: Viewer | None = g.get("viewer")
    return known


def _viewer_of(row: OpenedRequest) -> Viewer:
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
        home_name=row.home_name,
        restaurant_ids=_restaurant_ids(row),
        has_factor=row.has_factor,
        factor_due=not row.has_factor and _is_factor_demanded(row),
        is_confirmed=row.is_confirmed,
    )


def _restaurant_ids(row: OpenedRequest) -> tuple[UUID, ...] | None:
    return None if row.restaurant_ids is None else tuple(row.restaurant_ids)


def _is_factor_demanded(row: OpenedRequest) -> bool:
    return current_app.config["SUPERUSERS_NEED_FACTOR"] if row.is_superuser else row.demands_second_factor


def _stand_in_account(row: Any) -> None:
    if row.is_superuser and row.visit_id is None:
        g.visitable_account = CurrentAccount(row.account_id, row.account_slug, row.account_name)
        return
    g.account = CurrentAccount(row.account_id, row.account_slug, row.account_name, row.account_is_active)
    assume_scope(Scope(row.account_id, _restaurant_ids(row)))
    if row.visit_id is not None:
        url = url_for("visits.end", visited_slug=row.account_slug)
        g.visit = CurrentVisit(row.visit_id, row.visit_started_at, row.visit_reason, url)
