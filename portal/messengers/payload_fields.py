"""Reading JSON of which nothing is promised: what is not there, or of another type, is empty."""

import hashlib
import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeAlias

from portal.messaging.events import Update, UpdateKind
from portal.web.values import storable

Payload: TypeAlias = dict[str, object]
"""A JSON object of which nothing is promised."""

MAX_TEXT = 8000
MAX_WORD = 200
MAX_KEY = 200
_BIGINT = 2**63
_ID = re.compile(r"[\x21-\x7e]{1,100}")
_TOO_DEEP: Mapping[str, object] = {"unreadable": True}


def mapping(value: object) -> Payload:
    """An object, or an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[object]:
    """An array, or an empty one."""
    return value if isinstance(value, list) else []


def objects(value: object) -> list[Payload]:
    """The objects of an array."""
    return [item for item in items(value) if isinstance(item, dict)]


def words(value: object, longest: int = MAX_TEXT) -> str:
    """A text that the database can keep, at most that long; anything else is empty."""
    return storable(value[: longest * 2])[:longest] if isinstance(value, str) else ""


def word(value: object, longest: int = MAX_WORD) -> str:
    """A name, in one line."""
    return " ".join(words(value, longest * 2).split())[:longest]


def identity(value: object) -> str | None:
    """An id as text, whether it came as number or text; None for what cannot be one."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = value if isinstance(value, str) else str(value) if abs(value) < _BIGINT else ""
    return text if _ID.fullmatch(text) else None


def whole(value: object) -> int | None:
    """A whole number of 64 bits, as number or text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    number = isinstance(value, int) and not isinstance(value, bool) and -_BIGINT <= value < _BIGINT
    return int(value) if number and isinstance(value, int) else None


def size_of(value: object) -> int | None:
    """A number of bytes."""
    found = whole(value)
    return found if found is not None and found >= 0 else None


def degrees(value: object, most: float) -> float | None:
    """An angle from -most to most."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not -most <= value <= most:
        return None
    return float(value)


def moment(seconds: object) -> datetime | None:
    """A moment by its seconds since 1970."""
    found = whole(seconds) if isinstance(seconds, int | str) else None
    if found is None and isinstance(seconds, float) and math.isfinite(seconds):
        found = int(seconds)
    # Up to the year 9999, beyond which there are no dates.
    return datetime.fromtimestamp(found, UTC) if found is not None and 0 <= found < 253_402_300_800 else None


def key_of(*pieces: str) -> str:
    """A dedupe key; a long one is hashed."""
    key = ":".join(pieces)
    return key if len(key) <= MAX_KEY else f"long:{hashlib.sha256(key.encode()).hexdigest()}"


def unknown(payload: object) -> Update:
    """The update of a shape that nobody has told us of; the same again for the same payload."""
    return Update(f"hash:{fingerprint(payload)}", UpdateKind.UNKNOWN, kept(payload))


def kept(payload: object) -> Payload:
    """The payload as an object that can be written as JSON again."""
    try:
        json.dumps(payload)
    except (ValueError, TypeError, RecursionError):
        return dict(_TOO_DEEP)
    return payload if isinstance(payload, dict) else {"value": payload}


def fingerprint(payload: object) -> str:
    """A hash of what a payload says, in which the order of keys does not count."""
    try:
        text = json.dumps(payload, sort_keys=True)
    except (ValueError, TypeError, RecursionError):
        text = _flat(payload)
    return hashlib.sha256(text.encode("ascii", "backslashreplace")).hexdigest()


def _flat(payload: object) -> str:
    """All that is in a payload of any depth, without recursion."""
    pieces: list[str] = []
    left: list[object] = [payload]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            pieces.append(f"object {len(value)}")
            left.extend(part for pair in value.items() for part in pair)
        elif isinstance(value, list):
            pieces.append(f"array {len(value)}")
            left.extend(value)
        elif isinstance(value, int) and not isinstance(value, bool):
            # The decimal form of a very long number is refused.
            pieces.append(hex(value))
        else:
            pieces.append(repr(value))
    return "\n".join(pieces)
