"""The headers that every answer carries, errors included."""

from flask import Flask, Response, current_app, request

from portal.access.viewer import current_viewer

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
# A stored file never changes under its address: a browser may keep it, but asks each time whether it still may see it.
REVALIDATED_ENDPOINTS = frozenset({"account.bot_files.show"})
# What means something for whatever is sent; the rest is said of pages, and of errors, which may be pages.
FILE_HEADERS = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
HEADERS = FILE_HEADERS | {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def install(app: Flask) -> None:
    """Add the headers to every answer."""
    app.after_request(add_headers)


def add_headers(response: Response) -> Response:
    """Security headers; and nothing that a signed-in person sees is kept by any cache."""
    given = {name for name, _ in response.headers}
    is_file = request.endpoint == "static" and response.status_code < 400
    told = FILE_HEADERS if is_file else HEADERS
    response.headers.extend([each for each in told.items() if each[0] not in given])
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.endpoint == "static":
        return response
    is_kept = request.endpoint in REVALIDATED_ENDPOINTS and response.status_code < 400
    response.headers["Cache-Control"] = "private, no-cache" if is_kept else "no-store"
    vary_by(response, ("HX-Request", "Cookie") if current_viewer() is None else ("HX-Request",))
    return response


def vary_by(response: Response, names: tuple[str, ...]) -> None:
    """Written at once where nothing varies yet: a set that is read and written for each name costs 20 µs."""
    if "Vary" in response.headers:
        response.vary.update(names)
    else:
        response.headers["Vary"] = ", ".join(names)
