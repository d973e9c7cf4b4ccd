"""Reading JSON that a stranger uploads: one pass, linear time, a place for every fault and for every value.

The standard reader recurses without a limit, keeps the last of two equal keys, accepts NaN and forgets where
things stood. PostgreSQL's JSONB refuses NUL characters, lone surrogates and numbers without end.
"""

import json
import math
import re
from typing import Any

from portal.scenarios.document.wording import Phrase, _l, shortened

MAX_DEPTH = 100
MAX_DIGITS = 100

Spot = int | tuple[int, dict[str, Any] | list[Any]]
"""The offset of a value in the text; with the spots of what it holds, for objects and lists."""

_SPACE = re.compile(r"[ \t\n\r]*")
_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_WORD = re.compile(r"-?[A-Za-z_]\w*")
_SURROGATE = re.compile("[\ud800-\udfff]")
_LITERALS = {"true": True, "false": False, "null": None}
_DECODER = json.JSONDecoder()


class JsonError(ValueError):
    """Text that is no JSON, or JSON that cannot be stored; ``offset`` counts characters from 0."""

    def __init__(self, message: Phrase, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


def read_json(text: str) -> tuple[Any, Spot]:
    """The value of a JSON text and where each part of it stands; raises :class:`JsonError`."""
    surrogate = None if text.isascii() else _SURROGATE.search(text)
    if surrogate:
        raise JsonError(_l("There is a damaged character here. Type it again."), surrogate.start())
    if "\x00" in text:
        raise JsonError(_l("There is an invisible NUL character here. Delete it."), text.index("\x00"))
    return _Reader(text).document()


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 1 if text.startswith("\ufeff") else 0

    def document(self) -> tuple[Any, Spot]:
        self.skip_space()
        if self.position == len(self.text):
            raise JsonError(_l("There is no text in it."), 0)
        value, spot = self.value(0)
        if self.position < len(self.text):
            raise JsonError(_l("There is more text after the end of the scenario. Remove it."), self.position)
        return value, spot

    def skip_space(self) -> None:
        match = _SPACE.match(self.text, self.position)
        if match:
            self.position = match.end()

    def takes(self, sign: str) -> bool:
        if not self.text.startswith(sign, self.position):
            return False
        self.position += 1
        self.skip_space()
        return True

    def fault(self, message: Phrase) -> JsonError:
        if self.position >= len(self.text):
            message = _l("The text ends too early: a bracket, brace or quote is never closed.")
        elif self.text[self.position] in "/#":
            message = _l("JSON has no comments. Remove the comment.")
        return JsonError(message, self.position)

    def value(self, depth: int) -> tuple[Any, Spot]:
        start = self.position
        if depth > MAX_DEPTH:
            raise JsonError(_l("More than %(most)s levels lie inside each other here.", most=MAX_DEPTH), start)
        if self.takes("{"):
            members, spots = self.members(depth)
            return members, (start, spots)
        if self.takes("["):
            items, item_spots = self.items(depth)
            return items, (start, item_spots)
        value = self.string() if self.text.startswith('"', start) else self.plain()
        self.skip_space()
        return value, start

    def members(self, depth: int) -> tuple[dict[str, Any], dict[str, Spot]]:
        members: dict[str, Any] = {}
        spots: dict[str, Spot] = {}
        more = not self.takes("}")
        while more:
            start = self.position
            key = self.key(spots)
            members[key], spot = self.value(depth + 1)
            spots[key] = start if isinstance(spot, int) else (start, spot[1])
            more = self.takes(",")
            if not more and not self.takes("}"):
                raise self.fault(_l("A comma or the closing } is expected here."))
        return members, spots

    def key(self, spots: dict[str, Spot]) -> str:
        start = self.position
        if not self.text.startswith('"', start):
            if self.text.startswith("}", start):
                raise self.fault(_l("There is a comma before this }, and nothing after it. Remove the comma."))
            raise self.fault(_l("A name in double quotes is expected here."))
        key = self.string()
        if key in spots:
            raise JsonError(
                _l("“%(name)s” stands twice in the same place. Keep one of the two.", name=shortened(key)),
                start,
            )
        self.skip_space()
        if not self.takes(":"):
            raise self.fault(_l("A colon is expected here, between the name and its value."))
        return key

    def items(self, depth: int) -> tuple[list[Any], list[Spot]]:
        items: list[Any] = []
        spots: list[Spot] = []
        more = not self.takes("]")
        while more:
            if self.text.startswith("]", self.position):
                raise self.fault(_l("There is a comma before this ], and nothing after it. Remove the comma."))
            item, spot = self.value(depth + 1)
            items.append(item)
            spots.append(spot)
            more = self.takes(",")
            if not more and not self.takes("]"):
                raise self.fault(_l("A comma or the closing ] is expected here."))
        return items, spots

    def string(self) -> str:
        start = self.position
        try:
            text, self.position = _DECODER.raw_decode(self.text, start)
        except json.JSONDecodeError as error:
            raise self.broken_string(error, start) from None
        if "\x00" in text:
            raise JsonError(_l("This text holds an invisible NUL character (\\u0000). Delete it."), start)
        if not text.isascii() and _SURROGATE.search(text):
            raise JsonError(_l("This text holds a damaged character (half of a pair). Type it again."), start)
        return str(text)

    def broken_string(self, error: json.JSONDecodeError, start: int) -> JsonError:
        if error.pos < len(self.text) and self.text[error.pos] < " ":
            message = _l("A text runs over the end of the line. Close its quote, or write \\n for a new line.")
            return JsonError(message, error.pos)
        if error.msg.startswith("Unterminated"):
            return JsonError(_l("The quote that opens here is never closed."), start)
        return JsonError(_l("A backslash is followed by something it cannot stand before."), error.pos)

    def plain(self) -> Any:
        number = _NUMBER.match(self.text, self.position)
        if number:
            return self.number(number)
        word = _WORD.match(self.text, self.position)
        if word and word[0] in _LITERALS:
            self.position = word.end()
            return _LITERALS[word[0]]
        if word:
            raise self.fault(
                _l(
                    "“%(word)s” is no value. Put it in double quotes if it is a text.",
                    word=shortened(word[0]),
                )
            )
        raise self.fault(_l("A value is expected here: a text in double quotes, a number, { or [."))

    def number(self, match: re.Match[str]) -> int | float:
        whole, fraction, exponent = match.groups()
        value: int | float = math.inf
        if len(match[0]) <= MAX_DIGITS:
            value = float(match[0]) if fraction or exponent else int(whole)
        if not math.isfinite(value):
            raise self.fault(_l("This number is too large to be stored. Write it as a text in quotes."))
        self.position = match.end()
        return value
