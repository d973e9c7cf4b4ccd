"""The refusal to start where the portal would not be safe."""

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from config import Config
from portal.db.base import db
from portal.db.faults import cause_of
from portal.deployment.resting import bind
from portal.doctor import UnsafeConfigurationError, refuse_if_unsafe
from portal.doctor.reaching import unreachable
from portal.doctor.settings import settings_findings
from portal.doctor.stored import people_findings

# Tables with an account_id whose owner is knowingly not bound by row security (portal/web/listing/search.py).
UNFORCED_TABLES = ("search_entry",)


def refuse_unsafe(app: Flask) -> None:
    """Raise ``ConfigurationError`` with the reasons, a line each, before the first request or job."""
    config: Config = app.config["PORTAL"]
    with app.app_context():
        try:
            with db.engine.connect() as connection:
                refuse_if_unsafe(config, connection, unprotected_tables=UNFORCED_TABLES)
                if people := list(people_findings(config, connection)):
                    raise UnsafeConfigurationError(people)
            bind(config.identity)
            db.session.commit()
        except SQLAlchemyError as error:
            reasons = [each for each in settings_findings(config) if each.severity == "refuse"]
            raise UnsafeConfigurationError([*reasons, unreachable(cause_of(error))]) from None
        finally:
            db.session.remove()
            db.engine.dispose()
