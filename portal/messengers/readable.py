"""What people would read in a payload: lines of it, and a mark wherever something was too long to be kept."""

from collections.abc import Iterator

from portal.messengers.payload_fields import MAX_TEXT, MAX_WORD, word, words

MAX_QUOTE = 200
_MARK = "…"
# Keys under which platforms keep what people read; of a kind that nobody told us of, these are shown.
_READ = frozenset({
    "address", "amount", "body", "caption", "comment", "currency", "description", "details", "emoji", "headline",
    "label", "message", "name", "option", "phone", "phone_number", "price", "question", "quantity", "reason",
    "response", "status", "subtitle", "text", "title", "url", "value",
})  # fmt: skip
_MAX_LINES = 200


def label(value: object, longest: int = MAX_WORD) -> str:
    """A name in one line; one that is too long ends in an ellipsis."""
    found = word(value, longest)
    if isinstance(value, str) and len(found) >= longest and len(word(value, longest + 1)) > longest:
        return found[:-1] + _MARK
    return found


def passage(value: object) -> str:
    """A text; one that is too long ends in an ellipsis (:func:`missing` says how much it lacks)."""
    return words(value) if missing(value) == 0 else words(value, MAX_TEXT - 1) + _MARK


def missing(*values: object) -> int:
    """How many characters of texts are not kept."""
    return sum(len(value) - MAX_TEXT + 1 for value in values if isinstance(value, str) and len(value) > MAX_TEXT)


def lines(*pieces: object) -> str:
    """What is there of the pieces, each in a line of its own; numbers as they are."""
    told = (passage(piece) if isinstance(piece, str) else _number(piece) for piece in pieces)
    return passage("\n".join(piece for piece in told if piece.strip()))


def sentence(*pieces: object, between: str = " · ") -> str:
    """What is there of the pieces in one line."""
    told = (label(piece, MAX_TEXT) if isinstance(piece, str) else _number(piece) for piece in pieces)
    return between.join(piece for piece in told if piece)


def quote(value: object) -> str:
    """The beginning of a text, to be quoted."""
    return label(value, MAX_QUOTE)


def amount(total: object, currency: object) -> str:
    """``450 RUB``, as it was told."""
    return sentence(total, currency, between=" ")


def everything(payload: object) -> str:
    """Whatever people may read in a kind that nobody told us of."""
    found = list(dict.fromkeys(_leaves(payload)))
    kept = found[:_MAX_LINES]
    return lines(*kept, *([_MARK] if len(found) > len(kept) else []))


def _leaves(payload: object) -> Iterator[str]:
    left: list[tuple[str, object]] = [("", payload)]
    while left:
        key, value = left.pop()
        if isinstance(value, dict):
            left.extend(reversed(list(value.items())))
        elif isinstance(value, list):
            left.extend((key, each) for each in reversed(value))
        elif key in _READ:
            yield label(value, MAX_TEXT) if isinstance(value, str) else _number(value)


def _number(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    # The decimal form of a very long number is refused.
    return f"{value:g}" if isinstance(value, float) else str(value) if abs(value) < 2**63 else _MARK


def remarks(**told: object) -> dict[str, str]:
    """What came along with a message: an empty text is told without words, None is not told."""
    found = {key: value for key, value in told.items() if value is not None}
    return {key: quote(value) if isinstance(value, str) else _number(value) for key, value in found.items()}


def cut(*values: object) -> int | None:
    """How many characters of texts are not kept, for the remark ``cut``; ``None`` where all are."""
    return missing(*values) or None
