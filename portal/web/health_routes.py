"""Whether the process lives and whether it can serve."""

from flask import Blueprint, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal.access.guards import public
from portal.db.base import db

health = Blueprint("health", __name__)


@health.after_request
def say_that_it_is_text(response: Response) -> Response:
    """A word, and no page."""
    response.mimetype = "text/plain"
    return response


@health.get("/healthz")
@public
def alive() -> tuple[str, int]:
    """The process answers; the database is not asked."""
    return "ok\n", 200


@health.get("/readyz")
@public
def ready() -> tuple[str, int]:
    """The database answers, too."""
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return "the database is away\n", 503
    return "ok\n", 200
