"""Static files under addresses that carry a hash of their content: kept by browsers for ever."""

import hashlib
from functools import cache, lru_cache
from pathlib import Path

from flask import Flask, Response, current_app, request

from portal.web import bundles

IMMUTABLE = "public, max-age=31536000, immutable"
HASH_LENGTH = 12


def install(app: Flask) -> None:
    """Offer ``asset()`` to the templates and mark hashed files immutable.

    Outside development a file's address is worked out once: a new release is a new process.
    """
    app.jinja_env.globals["asset"] = asset if app.config["TEMPLATES_AUTO_RELOAD"] else cache(asset)
    app.view_functions["static"] = lambda filename: bundles.send(filename)
    app.after_request(mark_immutable)
    app.after_request(close_what_is_sent)


def asset(path: str) -> str:
    """The address of a static file, with the hash of what it holds now."""
    if path in bundles.BUNDLES:
        return f"/static/{path}?v={_hash(bundles.whole(path, bundles.stamp(path)))}"
    file = Path(current_app.static_folder or "") / path
    return f"/static/{path}?v={_digest(file, file.stat().st_mtime_ns)}"


def mark_immutable(response: Response) -> Response:
    """A file asked for by hash never changes."""
    if request.endpoint == "static" and response.status_code == 200:
        response.headers["Cache-Control"] = IMMUTABLE if request.args.get("v") else "public, max-age=300"
    return response


def close_what_is_sent(response: Response) -> Response:
    """The file behind a streamed answer is closed with it, though compression puts a stream of its own in its place."""
    if response.is_streamed and (close := getattr(response.response, "close", None)) is not None:
        response.call_on_close(close)
    return response


@lru_cache(maxsize=256)
def _digest(file: Path, modified: int) -> str:
    return _hash(file.read_bytes())


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:HASH_LENGTH]
