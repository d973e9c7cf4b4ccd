"""The JSON of strangers: read without harm, kept as text that PostgreSQL can hold."""

import json
import math
import re
from typing import Any

# RFC 8259, 9: an implementation may limit the depth. No platform comes near this.
DEEPEST = 100
_BIGINT = 2**63
# A text is passed over whole, a torn one to the end; possessive, so that nothing is read twice.
_BRACKET = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|([\[{])|[\]}]', re.DOTALL)


class NotJson(ValueError):  # noqa: N818
    """The body is no JSON, or none that can be read safely."""


def read_json(body: bytes) -> Any:
    """The value of a JSON text in UTF-8; of twice the same key the last one counts.

    A number that neither a bigint nor a float holds stays a text, so that nothing which reads it later can
    overflow. Raises ``NotJson``.
    """
    if body.count(b"[") + body.count(b"{") > DEEPEST and _depth(body) > DEEPEST:
        raise NotJson("too deep")
    try:
        text = body.decode()
        return json.loads(text, parse_int=_whole, parse_float=_fraction, parse_constant=_refuse)
    except (ValueError, RecursionError):
        raise NotJson("not JSON") from None


def write_json(value: Any) -> str:
    """The value in ASCII: NUL and lone surrogates are escaped, which no text column would hold as they are."""
    return json.dumps(value, separators=(",", ":"))


def _whole(digits: str) -> int | str:
    if len(digits) > 20:
        return digits
    number = int(digits)
    return number if -_BIGINT <= number < _BIGINT else digits


def _fraction(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


def _refuse(constant: str) -> None:
    raise NotJson(f"{constant} is no JSON")


def _depth(body: bytes) -> int:
    deepest = depth = 0
    for found in _BRACKET.finditer(body):
        if found[1]:
            depth += 1
            deepest = max(deepest, depth)
        elif found[0][:1] != b'"':
            depth -= 1
    return deepest
