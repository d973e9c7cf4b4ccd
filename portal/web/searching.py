"""What a person looks for, read the way searched texts are kept (``searched_text`` in the database).

ё is е, and what looks like a telephone number is its digits, 8 and +7 in front alike. A word of three letters and more
is found anywhere, a shorter one too where few rows are looked through, and among many where words begin.
"""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, all_, bindparam, cast, func
from sqlalchemy.dialects.postgresql import ARRAY

from portal.db.base import SCHEMA
from portal.web.values import escape_like, storable

MAX_SEARCH = 100
MAX_WORDS = 6
# Trigrams need three letters.
SHORTEST_INSIDE = 3

_ALIKE = str.maketrans("ё", "е")
_SIGNS = re.compile("([!-/:-@[-`{-~\u00a0«»№\u2010-\u2026])")
_LETTERS = re.compile(r"[^\W_]+")
# Not within a word: what begins or ends a code is no number.
_NUMBER = re.compile(r"(?<!\w)\+?\(?[0-9](?:[ \u00a0()\u2010-\u2013-]*[0-9]){6,}(?!\w)")
_PARTING = re.compile(r"[^0-9]")
_BARE_GROUPS = re.compile(r"[0-9]+(?:\s+[0-9]+)+")
# Digits parted by blanks alone are a number where there are as many as one has with its area.
AREA_DIGITS, RUSSIAN_DIGITS = 10, 11


def fold(text: str) -> str:
    """The text as it is kept for searching, but for its numbers."""
    told = text.lower().translate(_ALIKE).replace("е\u0308", "е").replace("и\u0306", "й")
    return _SIGNS.sub(r" \1 ", told)


def words_of(search: str) -> list[str]:
    """The words of a search, as they stand in searched texts."""
    told = _NUMBER.sub(_digits, storable(search)[:MAX_SEARCH])
    return [fold(word).strip() for word in told.split()[:MAX_WORDS]]


def pattern_of(word: str) -> str:
    """The LIKE pattern of a word; one that signs part has a place where a word begins within."""
    parts = _LETTERS.findall(word)
    is_short = len(parts) <= 1 and len("".join(parts)) < SHORTEST_INSIDE
    return f"%{' ' if is_short else ''}{escape_like(word)}%"


def patterns_of(search: str) -> list[str]:
    """A LIKE pattern for each word; the one first that few texts fit."""
    return [pattern_of(word) for word in sorted(words_of(search), key=len, reverse=True)]


def anywhere(patterns: Sequence[str]) -> list[str]:
    """The patterns of a search through few rows."""
    return [re.sub("^% ", "%", pattern) for pattern in patterns]


def holds_all(columns: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    """Whether the columns together fit every pattern of the parameter ``patterns``."""
    told = getattr(func, SCHEMA).searched_text(*(cast(column, Text) for column in columns), type_=Text)
    return fits_all(told)


def fits_all(text: ColumnElement[Any], patterns: list[str] | None = None) -> ColumnElement[bool]:
    """Whether a searched text fits every pattern; without ``patterns`` those of the parameter of that name."""
    return text.like(all_(bindparam("patterns", patterns, type_=ARRAY(Text()))))


def _digits(found: re.Match[str]) -> str:
    """A number's digits, without what stands for its country where that is Russia; what is none stays."""
    told, digits = found[0], _PARTING.sub("", found[0])
    if _BARE_GROUPS.fullmatch(told) and len(digits) < AREA_DIGITS:
        return told
    if digits[0] in "78" and len(digits) <= RUSSIAN_DIGITS:
        digits = digits[1:]
    return f" {digits} "
