"""The cookie that refers to a session at the server."""

from flask import Response, current_app, g, request

from portal.auth import devices
from portal.web.cookies import cookie_name

PLAIN_NAME = "portal"
MAX_TOKEN = 100
# What a browser forgets with the session: pages and files that it kept. Its storage holds a mark of the session alone,
# by which the other tabs notice that it has ended (static/js/session.js).
FORGOTTEN = '"cache"'


def session_token() -> str | None:
    """The reference that the browser sent, if it could be one."""
    token = request.cookies.get(cookie_name(PLAIN_NAME), "")
    return token if 0 < len(token) <= MAX_TOKEN and token.isascii() else None


def hand_over(token: str | None) -> None:
    """Set the cookie with the response of this request, or (``None``) take it away."""
    g.session_cookie = token


def write(response: Response) -> Response:
    """Put what was handed over onto the response."""
    options = {"httponly": True, "secure": current_app.config["SESSION_COOKIE_SECURE"], "samesite": "Lax"}
    if "device_cookie" in g:
        lifetime = devices.LIFETIME_SECONDS
        response.set_cookie(cookie_name(devices.PLAIN_NAME), g.device_cookie, path="/", max_age=lifetime, **options)
    if "session_cookie" not in g:
        return response
    if g.session_cookie is None:
        response.delete_cookie(cookie_name(PLAIN_NAME), path="/", **options)
        response.headers["Clear-Site-Data"] = FORGOTTEN
    else:
        response.set_cookie(cookie_name(PLAIN_NAME), g.session_cookie, path="/", max_age=30 * 24 * 3600, **options)
    return response
