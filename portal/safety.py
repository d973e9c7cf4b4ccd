"""The refusal to start where the portal would not be safe."""

from flask import Flask

from config import Config
from portal.db.base import db
from portal.doctor import refuse_if_unsafe

# Tables with an account_id whose owner is knowingly not bound by row security (portal/web/listing/search.py).
UNFORCED_TABLES = ("search_entry",)


def refuse_unsafe(app: Flask) -> None:
    """Raise ``ConfigurationError`` with the reasons, before the first request or job."""
    config: Config = app.config["PORTAL"]
    config.require_secrets()
    with app.app_context(), db.engine.connect() as connection:
        refuse_if_unsafe(config, connection, unprotected_tables=UNFORCED_TABLES)
    with app.app_context():
        db.engine.dispose()
