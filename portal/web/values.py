"""Values from addresses and forms that may be anything."""

import re
import unicodedata
from typing import Any
from uuid import UUID

_WHOLE = re.compile("[0-9]{1,9}")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


# Written by nobody with intent, seen by nobody: zero-width signs and those that turn the direction of writing. The
# joiners (U+200C, U+200D) are left, for Persian, Hindi and emoji are written with them.
_INVISIBLE = re.compile(
    "[\u00ad\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\u2800\u3164\ufeff\uffa0]"
)
# Signs of categories that are seen, and yet empty: the fillers of Hangul, and the blank of Braille.
_EMPTY_SIGNS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def visible(text: str) -> str:
    """The text without what nobody sees; empty where nothing else is there."""
    seen = _INVISIBLE.sub("", text)
    return seen if is_visible(seen) else ""


def is_visible(text: str) -> bool:
    """Whether anything of it can be seen: a letter, a digit, a sign. Marks that combine need one to stand on."""
    # Letters, numbers, punctuation and symbols; not marks, separators, control and format signs.
    return any(unicodedata.category(sign)[0] in "LNPS" and sign not in _EMPTY_SIGNS for sign in text)


def alphabets(text: str) -> set[str]:
    """Those of the alphabets that share letters' shapes in which a text is written: Latin, Greek, Cyrillic."""
    names = {unicodedata.name(letter, "").partition(" ")[0] for letter in text if letter.isalpha()}
    return names & {"LATIN", "GREEK", "CYRILLIC"}


def storable(text: str) -> str:
    """The text without NUL and lone surrogates, which PostgreSQL cannot hold."""
    return _UNSTORABLE.sub("", text)


def is_storable(text: str) -> bool:
    """Whether PostgreSQL can hold the text as it is."""
    return _UNSTORABLE.search(text) is None


def escape_like(text: str) -> str:
    """The text as a LIKE pattern that matches itself."""
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def uuid_or_none(text: str | None) -> UUID | None:
    """The id that a text spells, or ``None``."""
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def whole_or_none(text: str | None) -> int | None:
    """The number of at most nine digits that a page wrote into a hidden field, or ``None``."""
    return int(text) if text and _WHOLE.fullmatch(text) else None


def id_of(value: Any) -> UUID | None:
    """The id that a field was given: as one, or spelled out in a form."""
    return value if isinstance(value, UUID) else uuid_or_none(value)
