"""The words for stored values that pages of several packages show."""

from flask import Flask

from portal.access.permissions import ROLE_LABELS, ROLE_MEANINGS
from portal.audit.models import ACTION_LABELS, ENTITY_LABELS
from portal.restaurants.models import SYNC_STATUS_LABELS
from portal.stores.models import STORE_KIND_LABELS


def install(app: Flask) -> None:
    """Give them to every template."""
    app.jinja_env.globals.update(
        ACTION_LABELS=ACTION_LABELS,
        ENTITY_LABELS=ENTITY_LABELS,
        ROLE_LABELS=ROLE_LABELS,
        ROLE_MEANINGS=ROLE_MEANINGS,
        STORE_KIND_LABELS=STORE_KIND_LABELS,
        SYNC_STATUS_LABELS=SYNC_STATUS_LABELS,
    )
