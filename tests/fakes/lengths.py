"""How platforms measure what a bot sends."""

import re
from typing import Any

_UNSEEN = re.compile("[\\s\u200b-\u200f\u2060-\u2064\ufeff]+")
_SURROGATE = re.compile("[\ud800-\udfff]")


def units(text: str) -> int:
    """UTF-16 units. Documents say "characters" and mean no more than that: an emoji may count as two."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def is_blank(text: str) -> bool:
    """Whether there is nothing to see."""
    return not _UNSEEN.sub("", text)


def is_text(value: Any, longest: int, shortest: int = 0) -> bool:
    """Whether it is a text of that length, which can be written in UTF-8."""
    return isinstance(value, str) and shortest <= units(value) <= longest and not _SURROGATE.search(value)
