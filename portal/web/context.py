"""What every template may use."""

from typing import Any

from flask import Flask, g
from flask_login import current_user
from jinja2 import StrictUndefined
from werkzeug.local import LocalProxy

from portal.access.keyed import keyed_digest
from portal.access.permissions import Role
from portal.access.viewer import current_account, current_viewer, current_visit, may
from portal.deployment.state import deployment_state
from portal.web.breaking import breakable
from portal.web.cookies import cookie_name
from portal.web.language import LOCALES, ZONE_COOKIE, choose_locale, choose_theme
from portal.web.navigation import navigation
from portal.web.proofs import proof


def install(app: Flask) -> None:
    """Give the templates their globals; a name that is missing is an error."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        may=may,
        locale=LocalProxy(choose_locale),
        LOCALES=LOCALES,
        # What the layout alone needs is asked for there: parts of pages are rendered as well.
        navigation=navigation,
        choose_theme=choose_theme,
        zone_cookie=zone_cookie,
        session_mark=session_mark,
    )
    app.jinja_env.filters["breakable"] = breakable
    app.context_processor(page_context)


def page_context() -> dict[str, Any]:
    """Who looks, and where they stand."""
    return {
        # Not the proxy: it would look for the person at each mention.
        "current_user": current_viewer() or current_user._get_current_object(),
        "account": current_account(),
        "visit": current_visit(),
        "rests": _is_told_of_rest(),
        "unread_notices": g.get("unread_notices", 0),
        # In place of Flask-WTF's, whose proofs belong to nobody.
        "csrf_token": proof,
    }


def session_mark() -> str:
    """By which the tabs of a browser know session and person again; nobody else can tell either from it."""
    viewer = current_viewer()
    return f"{viewer.session_id.hex[:12]}.{keyed_digest('tabs', str(viewer.id)).hex()[:12]}" if viewer else ""


def zone_cookie() -> str:
    """The name of the cookie that tells the browser's zone."""
    return cookie_name(ZONE_COOKIE)


def _is_told_of_rest() -> bool:
    """Owners and superusers are told on every page while nothing leaves the portal."""
    viewer = current_viewer()
    is_told = viewer is not None and (viewer.is_superuser or viewer.role is Role.OWNER)
    return is_told and deployment_state().rested_lately()
