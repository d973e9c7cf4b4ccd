"""Browsers that people have signed in with before: a signed cookie that names them.

Whoever guesses at a password from elsewhere cannot shut the person out of such a browser. The cookie lets nobody in.
"""

import secrets

from flask import current_app, g, request
from itsdangerous import BadData, URLSafeSerializer

from portal.access.keyed import keyed_digest
from portal.web.cookies import cookie_name

PLAIN_NAME = "device"
LIFETIME_SECONDS = 365 * 24 * 3600
# A tablet in a kitchen is used by a whole shift; the cookie stays below a kilobyte.
MAX_PEOPLE = 20
MAX_COOKIE = 1_000


def known_device(email: str) -> str | None:
    """The name of this browser, where the person behind an e-mail has signed in with it before."""
    name, people = _read()
    return name if _mark(email) in people else None


def remember_device(email: str) -> None:
    """Let this browser be known as the person's; to be told once they have proved who they are."""
    name, people = _read()
    others = [mark for mark in people if mark != _mark(email)]
    g.device_cookie = _serializer().dumps([name, [*others, _mark(email)][-MAX_PEOPLE:]])


def _read() -> tuple[str, list[str]]:
    """The browser's name and who is known there; a new name and nobody for a stranger."""
    sent = request.cookies.get(cookie_name(PLAIN_NAME), "")[:MAX_COOKIE]
    try:
        name, people = _serializer().loads(sent)
    except (BadData, ValueError, TypeError):
        return secrets.token_urlsafe(12), []
    return name, people


def _mark(email: str) -> str:
    """Stands for an e-mail: the cookie tells nobody who uses the browser."""
    return keyed_digest("device", email.lower()).hex()[:16]


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="device")
