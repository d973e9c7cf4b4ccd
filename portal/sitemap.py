"""The site's table of contents: every blueprint, in the order of the navigation."""

from flask import Flask

from portal.access.guards import public
from portal.auth.routes import auth
from portal.bots.dialogs.routes import dialogs
from portal.bots.platform_pages import bot_platforms
from portal.bots.routes import bots
from portal.bots.scenarios.publication import publication
from portal.bots.scenarios.routes import scenarios
from portal.integrations.routes import integrations
from portal.restaurants.routes import restaurants
from portal.stores.routes import stores
from portal.tenancy.blueprint import account_pages
from portal.web.health import health

OUTSIDE = (health, auth)
WITHIN_ACCOUNT = (restaurants, stores, bots, bot_platforms, integrations, scenarios, publication, dialogs)

# Here and not below: a second app in the same process takes the family as it is.
for blueprint in WITHIN_ACCOUNT:
    account_pages.register_blueprint(blueprint)


def install(app: Flask) -> None:
    """Register every blueprint."""
    for blueprint in (*OUTSIDE, account_pages):
        app.register_blueprint(blueprint)
    public(app.view_functions["static"])
