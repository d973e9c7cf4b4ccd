"""Whether the process lives and whether it can serve."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import psycopg
from flask import Blueprint, Flask, Response

from portal.access.guards import public
from portal.deployment.state import deployment_state

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

health = Blueprint("health", __name__)

PROBES = ("/healthz", "/readyz")


@health.after_request
def say_that_it_is_text(response: Response) -> Response:
    """A word, and no page."""
    response.mimetype = "text/plain"
    return response


@health.get("/healthz")
@public
def alive() -> tuple[str, int]:
    """The process answers; the database is not asked. The web server itself answers before (portal/serving.py)."""
    return "ok\n", 200


@health.get("/readyz")
@public
def ready() -> tuple[str, int]:
    """The database answers within a second, to a role and with tables that may serve; else why not, in a word."""
    try:
        state = deployment_state().read()
    except psycopg.Error:
        return "away\n", 503
    if state.standing in ("behind", "ahead"):
        return f"{state.standing}\n", 503
    if state.is_unbound:
        return "role\n", 503
    return ("standby\n", 503) if state.is_standby else ("ok\n", 200)


def install(app: Flask) -> None:
    """Let who probes by address in: orchestrators know no host name, and the answers depend on none."""
    trusted: list[str] = app.config["TRUSTED_HOSTS"] or []
    if not trusted:
        return
    inner: WSGIApplication = app.wsgi_app
    host = trusted[0].lstrip(".")

    def name_probes(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ.get("PATH_INFO") in PROBES:
            environ["HTTP_HOST"] = host
        return inner(environ, start_response)

    app.wsgi_app = name_probes  # type: ignore[method-assign]
