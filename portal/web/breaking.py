"""Where a long word may be parted: at the marks within an address, so that no cell breaks one wherever it likes."""

import re
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup, escape

# A word of so many letters fits into the narrowest column of a list.
FITTING = 17
# No language's word is longer; what is, a key or a row of one letter, is parted as an address is.
LONGEST_WORD = 28
_ESCAPED = re.compile("[&<>'\"]")
_LONG_WORD = re.compile(rf"\S{{{FITTING},}}")
# An address goes on in the next line after such a mark, or before a point.
_PLACES = re.compile(r"(?<=[@/_:?&=,;+])(?!$)|(?<=.)(?=\.)")
_BREAK = Markup("<wbr>")


def are_plain(texts: Sequence[Any]) -> bool:
    """Whether they are plain texts, or nothing, with nothing to escape and no word to part: told of all at once."""
    told = [text for text in texts if text]
    if not {type(text) for text in told} <= {str}:
        return False
    whole = "\n".join(told)
    return _ESCAPED.search(whole) is None and max(map(len, whole.split()), default=0) < FITTING


def breakable(text: Any) -> Any:
    """The text itself, or with ``<wbr>`` where e-mails, addresses and endless words may go on in the next line."""
    if type(text) is not str or len(text) < FITTING or not _LONG_WORD.search(text):
        return text
    parts, end = [], 0
    for found in _LONG_WORD.finditer(text):
        parts += [escape(text[end : found.start()]), _BREAK.join(_pieces(found[0]))]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def _pieces(word: str) -> list[str]:
    """A long word in the pieces that may stand in lines of their own."""
    return [part for piece in _PLACES.split(word) for part in _parted(piece)]


def _parted(piece: str) -> list[str]:
    if len(piece) <= LONGEST_WORD:
        return [piece]
    return [piece[at : at + FITTING] for at in range(0, len(piece), FITTING)]
