"""Two versions of a text, word by word."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
# Finding common runs takes time with the product of the lengths; a whole comparison may use so much.
MAX_CELLS = 4_000_000


@dataclass(frozen=True, slots=True)
class TextPart:
    """A piece of a text; ``is_changed``: the other version does not have it."""

    text: str
    is_changed: bool


class WordDiff:
    """Compares texts until its budget is used up; after that the whole text counts as changed."""

    def __init__(self) -> None:
        self.cells_left = MAX_CELLS

    def parts(self, before: str, after: str) -> tuple[tuple[TextPart, ...], tuple[TextPart, ...]]:
        """Both versions in pieces, the changed ones marked."""
        old, new = _WORD.findall(before), _WORD.findall(after)
        head = _common(old, new)
        tail = _common(old[head:][::-1], new[head:][::-1])
        old_middle, new_middle = old[head : len(old) - tail], new[head : len(new) - tail]
        cost = len(old_middle) * len(new_middle)
        if cost > self.cells_left:
            return (TextPart(before, True),), (TextPart(after, True),)
        self.cells_left -= cost
        matcher = SequenceMatcher(None, old_middle, new_middle)
        shared = [block for block in matcher.get_matching_blocks() if block.size]
        same_old = [(block.a, block.size) for block in shared]
        same_new = [(block.b, block.size) for block in shared]
        first, last = "".join(old[:head]), "".join(old[len(old) - tail :])
        return _joined(first, old_middle, same_old, last), _joined(first, new_middle, same_new, last)


def _common(left: list[str], right: list[str]) -> int:
    count = 0
    for one, other in zip(left, right, strict=False):
        if one != other:
            break
        count += 1
    return count


def _joined(first: str, words: list[str], same: list[tuple[int, int]], last: str) -> tuple[TextPart, ...]:
    parts = [TextPart(first, False)]
    position = 0
    for start, size in same:
        parts.append(TextPart("".join(words[position:start]), True))
        parts.append(TextPart("".join(words[start : start + size]), False))
        position = start + size
    parts.append(TextPart("".join(words[position:]), True))
    parts.append(TextPart(last, False))
    return tuple(_merged([part for part in parts if part.text]))


def _merged(parts: list[TextPart]) -> list[TextPart]:
    """Neighbours of a kind as one; a space between two changed words counts as changed with them."""
    merged: list[TextPart] = []
    for index, part in enumerate(parts):
        is_between = 0 < index < len(parts) - 1 and part.text == " "
        is_changed = part.is_changed or (is_between and merged[-1].is_changed and parts[index + 1].is_changed)
        if merged and merged[-1].is_changed == is_changed:
            merged[-1] = TextPart(merged[-1].text + part.text, is_changed)
        else:
            merged.append(TextPart(part.text, is_changed))
    return merged
