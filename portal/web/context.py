"""What every template may use."""

from typing import Any

from flask import Flask, g
from flask_login import current_user
from jinja2 import StrictUndefined
from werkzeug.local import LocalProxy

from portal.access.permissions import Role
from portal.access.viewer import current_account, current_visit, may
from portal.deployment.state import deployment_state
from portal.web.breaking import breakable
from portal.web.cookies import cookie_name
from portal.web.language import LOCALES, ZONE_COOKIE, choose_locale, choose_theme
from portal.web.navigation import bottom_places, navigation


def install(app: Flask) -> None:
    """Give the templates their globals; a name that is missing is an error."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        may=may,
        locale=LocalProxy(choose_locale),
        LOCALES=LOCALES,
    )
    app.jinja_env.filters["breakable"] = breakable
    app.context_processor(page_context)


def page_context() -> dict[str, Any]:
    """Who looks, and where they stand."""
    return {
        "current_user": current_user,
        "account": current_account(),
        "visit": current_visit(),
        "rests": _is_told_of_rest(),
        "navigation": (items := navigation()),
        "bottom_places": bottom_places(items),
        "unread_notices": g.get("unread_notices", 0),
        "theme": choose_theme(),
        "zone_cookie": cookie_name(ZONE_COOKIE),
    }


def _is_told_of_rest() -> bool:
    """Owners and superusers are told on every page while nothing leaves the portal."""
    viewer = current_user
    is_told = viewer.is_authenticated and (viewer.is_superuser or viewer.role is Role.OWNER)
    return bool(is_told) and deployment_state().rested_lately()
