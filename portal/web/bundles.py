"""Styles and scripts as they are sent: put together, without what browsers do not read, compressed once a process.

No build makes them: what stands in ``static`` is read when it is first asked for.
"""

import gzip
import mimetypes
import os
import re
from functools import lru_cache
from pathlib import Path

import brotli  # type: ignore[import-untyped]
from flask import Response, abort, current_app, request
from werkzeug.utils import safe_join

SHEETS = (
    "tokens", "reset", "base", "layout", "plain", "components", "forms", "tables", "lists", "toolbar", "modules",
    "toasts", "notices", "utilities",
)  # fmt: skip
# What only a few pages need, and what a first visit of a list must not pay for.
ROOMS = (
    "bots", "code", "messages", "conversations", "lab", "media", "overview", "scenarios", "importing", "people",
    "protection", "questions", "staff", "checklists", "iiko",
    "diff", "documents", "supply", "invoices", "reconciliations", "stock", "deliveries",
)  # fmt: skip
# What is sent under a name, and the files that it is made of.
BUNDLES: dict[str, tuple[str, ...]] = {
    "portal.css": tuple(f"css/{name}.css" for name in SHEETS),
    "rooms.css": tuple(f"css/{name}.css" for name in ROOMS),
    "portal.js": ("vendor/htmx.min.js", "js/session.js", "js/toasts.js", "js/portal.js"),
    "icons.svg": ("icons.svg",),
}
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
_FONT_FOLDER = "../fonts/"


def send(name: str) -> Response:
    """A bundle in the encoding that the browser likes best; any other file of ``static`` as it is.

    What is kept for ever by its address needs no date, mark or name of its own: a first visit pays for every head.
    """
    if name not in BUNDLES:
        return _send_file(name)
    encoding = request.accept_encodings.best_match(("br", "gzip", "identity"), "identity")
    response = Response(compressed(name, stamp(name), encoding), content_type=TYPES[Path(name).suffix])
    response.headers["Vary"] = "Accept-Encoding"
    if encoding != "identity":
        response.headers["Content-Encoding"] = encoding
    return response


def _send_file(name: str) -> Response:
    path = safe_join(current_app.static_folder or "", name)
    # A name may be longer than any file's: that is no fault.
    if path is None or not os.path.isfile(path):  # noqa: PTH113
        abort(404)
    kind = TYPES.get(Path(path).suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
    return Response(Path(path).read_bytes(), content_type=kind)


def stamp(name: str) -> int:
    """What changes with the files while somebody works on them; elsewhere a new release is a new process."""
    if not current_app.config["TEMPLATES_AUTO_RELOAD"]:
        return 0
    return max(path.stat().st_mtime_ns for path in _paths(name))


@lru_cache(maxsize=32)
def compressed(name: str, changed: int, encoding: str) -> bytes:
    """What is sent of a bundle in an encoding."""
    content = whole(name, changed)
    if encoding == "br":
        return bytes(brotli.compress(content, quality=11))
    return gzip.compress(content, 9, mtime=0) if encoding == "gzip" else content


@lru_cache(maxsize=16)
def whole(name: str, changed: int) -> bytes:
    """The files of a bundle as one."""
    shorten = {".css": _short_styles, ".js": _short_script}.get(Path(name).suffix, lambda text, _path: text)
    return "\n".join(shorten(path.read_text("utf-8"), path) for path in _paths(name)).encode()


def _paths(name: str) -> list[Path]:
    folder = Path(current_app.static_folder or "")
    return [folder / each for each in BUNDLES[name]]


def _short_styles(text: str, _path: Path) -> str:
    """Without comments and needless blanks; fonts are beside the bundle, not above it."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ?([{};,]) ?", r"\1", text).replace(": ", ":").replace(";}", "}")
    return text.replace(_FONT_FOLDER, "fonts/").strip()


def _short_script(text: str, path: Path) -> str:
    """Ours without comments and indents, each in a scope of its own; what others wrote as it is."""
    if path.parent.name != "js":
        return text
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(["{", *(line for line in lines if line and not line.startswith("//")), "}"])
