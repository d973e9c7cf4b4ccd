"""Compression on the way: pages lightly, for each is made for one reader; files in the extension's own way."""

from functools import lru_cache

import brotli  # type: ignore[import-untyped]
from flask import Flask, Response, request
from flask_compress import Compress
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

# Of a list of 50: level 5 gives 6.0 KB in three times the time of level 2, which gives 7.0 (docs/decisions/030).
PAGE_LEVEL = 2
# Less is not worth the trouble, in bytes; of what a browser says of encodings so many letters are read.
MIN_SIZE, MAX_ACCEPTED = 500, 200


def install(app: Flask) -> None:
    """Compress what leaves the app."""
    PageCompress().init_app(app)


class PageCompress(Compress):
    """The extension, past which pages go where the browser takes brotli."""

    def after_request(self, response: Response | None) -> Response:
        """The answer, compressed where that is worth it."""
        if response is None or not _is_page(response) or not _takes_brotli(_accepted()):
            return super().after_request(response)
        data = response.get_data()
        if len(data) >= MIN_SIZE:
            response.headers["Content-Encoding"] = "br"
            response.set_data(brotli.compress(data, quality=PAGE_LEVEL))
        vary = response.headers.get("Vary")
        response.headers["Vary"] = f"{vary}, Accept-Encoding" if vary else "Accept-Encoding"
        return response


def _is_page(response: Response) -> bool:
    is_whole = response.status_code == 200 and not response.is_streamed
    return is_whole and response.mimetype == "text/html" and "Content-Encoding" not in response.headers


def _accepted() -> str:
    return request.headers.get("Accept-Encoding", "")[:MAX_ACCEPTED].lower()


@lru_cache(maxsize=256)
def _takes_brotli(accepted: str) -> bool:
    """Whether nothing is liked better; the extension weighs whatever else a header may say."""
    wanted = parse_accept_header(accepted, Accept)
    return 0 < wanted.quality("br") == max((quality for _, quality in wanted), default=0)
