"""A list of objects in JSON, one after the other: the answer as a whole is never in memory."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from portal.iiko.client.answer import Answer
from portal.iiko.client.answers import IikoFailure
from portal.iiko.client.characters import characters
from portal.iiko.client.outcomes import Flaw, Outcome

MAX_DEPTH = 16
# One value: a row, or a member beside the rows.
MAX_VALUE = 8 * 1024 * 1024
# Half of ``false`` or of an escaped letter.
_MAX_WORD = 6
_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_SPACE = re.compile(r"[ \t\r\n]*")


class BadNumber(str):
    """A number that is none here: ``NaN``, ``1E+2``, or of thousands of digits. Whoever reads it hears of it."""

    __slots__ = ()


class JsonObject(dict[str, Any]):
    """An object; ``repeated`` names the members that came twice."""

    __slots__ = ("repeated",)

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.repeated: tuple[str, ...] = ()
        if len(self) != len(pairs):
            seen: set[str] = set()
            self.repeated = tuple(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]


def _number(text: str) -> Decimal | BadNumber:
    return Decimal(text) if _NUMBER.fullmatch(text) else BadNumber(text[:100])


_DECODER = json.JSONDecoder(
    object_pairs_hook=JsonObject, parse_float=_number, parse_int=_number, parse_constant=BadNumber, strict=False
)


class JsonReader:
    """Where the reading of an answer stands."""

    def __init__(self, answer: Answer) -> None:
        self._pieces = characters(answer, is_xml=False)
        self._text, self._at, self._is_over = "", 0, False

    def sign(self) -> str:
        """The next sign that is no space, not taken; nothing at the end."""
        while True:
            self._at = _SPACE.match(self._text, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._text) or not self._more():
                return self._text[self._at : self._at + 1]

    def take(self, *allowed: str) -> str:
        """The next sign. Raises IikoFailure where it is not one of those."""
        sign = self.sign()
        if not sign:
            raise IikoFailure(Outcome.BROKE_OFF)
        if sign not in allowed:
            raise malformed(Flaw.NO_JSON)
        self._at += 1
        return sign

    def value(self) -> Any:
        """The next value, whole. Raises IikoFailure."""
        if not self.sign():
            raise IikoFailure(Outcome.BROKE_OFF)
        while True:
            try:
                value, end = _DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError:
                self._go_on()
            except RecursionError:
                raise malformed(Flaw.TOO_DEEP) from None
            else:
                # A number at the end of a piece may go on in the next.
                if end < len(self._text) or not self._more():
                    self._judge_depth(value, self._at, end)
                    self._at = end
                    return value

    def _go_on(self) -> None:
        """More text for a value that is not whole, or not JSON at all. Raises IikoFailure."""
        if len(self._text) - self._at > MAX_VALUE:
            raise malformed(Flaw.NO_JSON)
        # As much again each time: a long value is not read over and over.
        wanted = 2 * (len(self._text) - self._at)
        while self._more():
            if len(self._text) - self._at >= wanted:
                return
        if self._is_over and wanted >= 2 * (len(self._text) - self._at):
            raise self._end_of_value()

    def _end_of_value(self) -> IikoFailure:
        """Nothing follows: was it cut, or is it something else?"""
        try:
            _DECODER.raw_decode(self._text, self._at)
        except json.JSONDecodeError as error:
            # A text without an end is complained of where it begins, half a word as well.
            is_cut = len(self._text.rstrip()) - error.pos <= _MAX_WORD or error.msg.startswith("Unterminated")
            return IikoFailure(Outcome.BROKE_OFF) if is_cut else malformed(Flaw.NO_JSON)
        return malformed(Flaw.NO_JSON)

    def _judge_depth(self, value: Any, begin: int, end: int) -> None:
        opened = self._text.count("{", begin, end) + self._text.count("[", begin, end)
        if opened > MAX_DEPTH and depth_of(value) > MAX_DEPTH:
            raise malformed(Flaw.TOO_DEEP)

    def _more(self) -> bool:
        """Read on; what was taken is forgotten."""
        piece = next(self._pieces, None)
        if piece is None:
            self._is_over = True
            return False
        self._text, self._at = self._text[self._at :] + piece, 0
        return True


def listed(answer: Answer, envelopes: tuple[str, ...]) -> Iterator[Any]:
    """The values of a list: bare where the envelope's name is empty, else the member of that name.

    Raises IikoFailure, for what follows after the last value, too.
    """
    reader = JsonReader(answer)
    if not reader.sign():
        raise malformed(Flaw.EMPTY)
    if reader.sign() == "[" and "" in envelopes:
        yield from _values(reader)
    elif reader.sign() == "{" and any(envelopes):
        yield from _member_values(reader, envelopes)
    else:
        raise malformed(Flaw.ENVELOPE if reader.sign() in ("[", "{") else Flaw.NO_JSON)
    if reader.sign():
        raise malformed(Flaw.TRAILING)


def _values(reader: JsonReader) -> Iterator[Any]:
    reader.take("[")
    if reader.sign() == "]":
        reader.take("]")
        return
    while True:
        yield reader.value()
        if reader.take(",", "]") == "]":
            return


def _member_values(reader: JsonReader, envelopes: tuple[str, ...]) -> Iterator[Any]:
    reader.take("{")
    found = 0
    while reader.sign() != "}":
        if reader.sign() != '"':
            reader.take('"')
        name = reader.value()
        reader.take(":")
        if name in envelopes:
            found += 1
            if found > 1 or reader.sign() not in ("[", ""):
                raise malformed(Flaw.ENVELOPE)
            yield from _values(reader)
        else:
            reader.value()
        if reader.take(",", "}") == "}":
            break
    else:
        reader.take("}")
    if not found:
        raise malformed(Flaw.ENVELOPE)


def depth_of(value: Any) -> int:
    """How deeply lists and objects stand in each other."""
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        current, depth = waiting.pop()
        if isinstance(current, dict | list):
            deepest = max(deepest, depth)
            inner = current.values() if isinstance(current, dict) else current
            waiting.extend((each, depth + 1) for each in inner)
    return deepest


def malformed(flaw: Flaw) -> IikoFailure:
    """An answer that cannot be read."""
    return IikoFailure(Outcome.MALFORMED, flaw=flaw.value)
