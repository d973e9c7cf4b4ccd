"""Compression on the way: pages lightly, for each is made for one reader; files in the extension's own way."""

from collections.abc import Mapping
from copy import copy
from functools import lru_cache
from types import MappingProxyType

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
        weights = _weights(_accepted())
        if response is None or not _is_page(response) or not _is_liked_best("br", weights):
            return self._in_its_own_way(response, weights)
        data = response.get_data()
        if len(data) >= MIN_SIZE:
            response.headers["Content-Encoding"] = "br"
            response.set_data(brotli.compress(data, quality=PAGE_LEVEL))
        return _varying(response)

    def _in_its_own_way(self, response: Response | None, weights: Mapping[str, float]) -> Response:
        """What the extension makes of it; it takes a weight of nothing for one like any other."""
        if response is None or 0 not in weights.values():
            return super().after_request(response)
        able = copy(self)
        able.enabled_algorithms = tuple(each for each in self.enabled_algorithms if _weight(each, weights))
        able.streaming_algorithms = tuple(each for each in self.streaming_algorithms if _weight(each, weights))
        if not (able.streaming_algorithms if response.is_streamed else able.enabled_algorithms):
            return _varying(response)
        return super(PageCompress, able).after_request(response)


def _varying(response: Response) -> Response:
    vary = response.headers.get("Vary")
    response.headers["Vary"] = f"{vary}, Accept-Encoding" if vary else "Accept-Encoding"
    return response


def _is_page(response: Response) -> bool:
    is_whole = response.status_code == 200 and not response.is_streamed
    return is_whole and response.mimetype == "text/html" and "Content-Encoding" not in response.headers


def _accepted() -> str:
    return request.headers.get("Accept-Encoding", "")[:MAX_ACCEPTED].lower()


@lru_cache(maxsize=256)
def _weights(accepted: str) -> Mapping[str, float]:
    """How much each encoding is liked: nothing is a refusal, and ``*`` stands for those that are not named."""
    return MappingProxyType(dict(parse_accept_header(accepted, Accept)))


def _weight(encoding: str, weights: Mapping[str, float]) -> float:
    return weights.get(encoding, weights.get("*", 0))


def _is_liked_best(encoding: str, weights: Mapping[str, float]) -> bool:
    return 0 < _weight(encoding, weights) == max(weights.values(), default=0)
