"""Plain HTML forms know GET and POST; a field ``_method`` names the verb that is meant."""

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

VERBS = frozenset({"DELETE", "PUT"})
LARGEST_FORM = 64 * 1024
MAX_DIGITS = 9


def install(app: Flask) -> None:
    """Translate before routing."""
    app.wsgi_app = MethodOverride(app.wsgi_app)  # type: ignore[method-assign]


class MethodOverride:
    """Turns a POST of a small form with ``_method=DELETE`` into that verb."""

    def __init__(self, app: "WSGIApplication") -> None:
        self.app = app

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST" and _is_small_form(environ):
            environ["REQUEST_METHOD"] = _meant_method(environ)
        return self.app(environ, start_response)


def _is_small_form(environ: "WSGIEnvironment") -> bool:
    length = environ.get("CONTENT_LENGTH") or ""
    return (
        environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
        and length.isascii()
        and length.isdigit()
        # A length may be padded with zeros; one of too many digits is left to the framework.
        and len(length) <= MAX_DIGITS
        and int(length) <= LARGEST_FORM
    )


def _meant_method(environ: "WSGIEnvironment") -> str:
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    environ["wsgi.input"] = io.BytesIO(body)
    if b"_method" not in body:
        return "POST"
    try:
        verb = Request(environ | {"wsgi.input": io.BytesIO(body)}).form.get("_method", "").upper()
    except (HTTPException, ValueError):
        return "POST"
    return verb if verb in VERBS else "POST"
