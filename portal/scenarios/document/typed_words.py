"""Words as people type them off a button: what they leave out or add while typing does not make others of them."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import TypeVar

Offered = TypeVar("Offered")

# Marks that belong to what they stand at: 100% is not 100, and #5 not 5.
_TELLING = frozenset("%#&@*/\\_")
# Before a digit these are part of the number.
_SIGNS = frozenset("-.,")
_ALIKE = str.maketrans({"ё": "е", **dict.fromkeys("’‘ʼ`´", "'"), **dict.fromkeys("«»“”„‟″", '"')})
_DASH = re.compile("[\u2010-\u2015\u2212]")
# Joiners, selectors of a picture's look, the cap around a digit.
_UNSEEN = ("Cf", "Me", "Cc")
_SELECTORS = frozenset("\ufe0e\ufe0f")


def folded(text: str) -> str:
    """What two ways to type the same words have in common.

    Neither case nor ё matters, nor blanks, nor the shape of quotation marks and dashes, nor punctuation and pictures
    at the ends, unless there is nothing else.
    """
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).translate(_ALIKE)
    kept = [sign for sign in _DASH.sub("-", text) if not (sign.isspace() or _is_unseen(sign))]
    start, end = 0, len(kept)
    while start < end and _is_loose(kept[start]) and not _is_sign(kept, start, end):
        start += 1
    while end > start and _is_loose(kept[end - 1]):
        end -= 1
    return "".join(kept[start:end] or kept)


def meant(text: str, offered: Iterable[Offered], words: Callable[[Offered], str]) -> list[Offered]:
    """Those of what is offered whose words are typed: to the letter where there are any, else by :func:`folded`."""
    written, choices = text.strip(), list(offered)
    wanted = folded(written)
    if not wanted:
        return []
    exact = [choice for choice in choices if words(choice).strip() == written]
    return exact or [choice for choice in choices if folded(words(choice)) == wanted]


def _is_loose(sign: str) -> bool:
    category = unicodedata.category(sign)
    return (category.startswith("P") and sign not in _TELLING) or category in ("So", "Sk", "Mn")


def _is_sign(signs: list[str], place: int, end: int) -> bool:
    return signs[place] in _SIGNS and place + 1 < end and signs[place + 1].isdigit()


def _is_unseen(sign: str) -> bool:
    return sign in _SELECTORS or unicodedata.category(sign) in _UNSEEN
