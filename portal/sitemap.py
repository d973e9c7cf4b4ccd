"""The site's table of contents: every blueprint, in the order of the navigation."""

from flask import Flask

from portal.access.guards import Access
from portal.auth.routes import auth
from portal.integrations.routes import integrations
from portal.restaurants.routes import restaurants
from portal.stores.routes import stores
from portal.tenancy.blueprint import account_pages
from portal.web.health import health

OUTSIDE = (health, auth)
WITHIN_ACCOUNT = (restaurants, stores, integrations,)


def install(app: Flask) -> None:
    """Register every blueprint."""
    for blueprint in WITHIN_ACCOUNT:
        account_pages.register_blueprint(blueprint)
    for blueprint in (*OUTSIDE, account_pages):
        app.register_blueprint(blueprint)
    app.view_functions["static"].access = Access(public=True)  # type: ignore[attr-defined]
