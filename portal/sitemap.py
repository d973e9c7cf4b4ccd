"""The site's table of contents: every blueprint, in the order of the navigation."""

from flask import Flask

from portal.access.guards import public
from portal.accounts.routes import accounts
from portal.accounts.settings import settings
from portal.accounts.visits import visits
from portal.audit.routes import audit
from portal.auth.password_pages import passwords
from portal.auth.preferences import language
from portal.auth.profile import profile
from portal.auth.routes import auth
from portal.bots.attention.routes import undelivered, unprocessed
from portal.bots.credential_pages import platform_credentials
from portal.bots.dialogs.conversation_pages import transcript
from portal.bots.dialogs.messages import BotMessage  # noqa: F401
from portal.bots.dialogs.routes import conversations, dialogs
from portal.bots.inbound import InboundUpdate  # noqa: F401
from portal.bots.media.routes import media
from portal.bots.media.serving import bot_files, public_media
from portal.bots.platform_pages import bot_platforms
from portal.bots.routes import bots
from portal.bots.scenarios.lab import lab
from portal.bots.scenarios.publication import publication
from portal.bots.scenarios.routes import scenarios
from portal.bots.test_message_pages import test_messages
from portal.bots.timeline import BotPlatformEvent  # noqa: F401
from portal.bots.webhooks import hooks
from portal.equipment.routes import equipment
from portal.integrations.routes import integrations
from portal.overview.routes import overview
from portal.restaurants.routes import restaurants
from portal.stores.routes import stores
from portal.tenancy.blueprint import account_pages
from portal.users.invitation_pages import invitations
from portal.users.joining_pages import invitations as joining
from portal.users.routes import users
from portal.web.health import health

OUTSIDE = (health, public_media, auth, passwords, joining, profile, language, accounts, visits, hooks)
WITHIN_ACCOUNT = (
    overview,
    restaurants,
    stores,
    equipment,
    users,
    invitations,
    bots,
    bot_platforms,
    platform_credentials,
    test_messages,
    integrations,
    scenarios,
    publication,
    lab,
    media,
    bot_files,
    dialogs,
    transcript,
    undelivered,
    unprocessed,
    conversations,
    audit,
    settings,
)

# Here and not below: a second app in the same process takes the family as it is.
for blueprint in WITHIN_ACCOUNT:
    account_pages.register_blueprint(blueprint)


def install(app: Flask) -> None:
    """Register every blueprint."""
    for blueprint in (*OUTSIDE, account_pages):
        app.register_blueprint(blueprint)
    public(app.view_functions["static"])
