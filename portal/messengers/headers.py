"""Reading and comparing what proves a delivery."""

import hashlib
import hmac
from collections.abc import Iterable
from typing import Protocol


class Headers(Protocol):
    """The headers of a request: a mapping, or the framework's own."""

    def items(self) -> Iterable[tuple[str, str]]:
        """Names and values."""
        ...


def header(headers: Headers, name: str) -> str:
    """A header whatever its case, or an empty text."""
    wanted = name.lower()
    return next((value for key, value in headers.items() if key.lower() == wanted), "")


def same(found: object, expected: str) -> bool:
    """Whether two texts are alike, in constant time; an empty expectation is never met."""
    text = found if isinstance(found, str) else ""
    return hmac.compare_digest(_bytes(text), _bytes(expected)) and bool(expected)


def signature(secret: str, body: bytes) -> str:
    """The HMAC-SHA256 of a raw body, in hexadecimal."""
    return hmac.digest(_bytes(secret), body, hashlib.sha256).hex()


def is_signed(found: str, secret: str, body: bytes) -> bool:
    """Whether a signature is that of the body; without a secret none is."""
    return same(found, signature(secret, body)) and bool(secret)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
