"""JSON piece by piece: one row is kept at a time, and none is given out before the whole was seen to be sound."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from portal.iiko.client.answer import Answer
from portal.iiko.client.json_parsing import BadNumber, JsonObject, listed
from portal.iiko.client.reading import Note, Reading
from portal.iiko.client.rows import MAX_FIELD, Fault, Row, RowError
from portal.iiko.client.uniqueness import unique_rows

# Rows that no object surrounds.
BARE = ""
_SPACES = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535), " ")


class JsonRow(Row):
    """An object; ``null``, an empty text and a member that is not there are all nothing."""

    __slots__ = ("_members", "_reading")

    def __init__(self, members: JsonObject, reading: Reading) -> None:
        self._members, self._reading, self.iiko_id = members, reading, None

    def text(self, name: str) -> str | None:
        value = self._scalar(name)
        if value is None:
            return None
        if isinstance(value, bool):
            return "true" if value else "false"
        return self._plain(name, str(value)) or None

    def flag(self, name: str) -> bool | None:
        value = self._scalar(name)
        if value is None or isinstance(value, bool):
            return value
        raise RowError(Fault.NOT_A_FLAG, name, str(value))

    def number(self, name: str) -> Decimal | None:
        value = self._scalar(name)
        if value is None or isinstance(value, Decimal):
            return value
        raise RowError(Fault.NOT_A_NUMBER, name, str(value))

    def child(self, name: str) -> "JsonRow | None":
        value = self._one(name)
        if value is None or isinstance(value, JsonObject):
            return None if value is None else JsonRow(value, self._reading)
        raise RowError(Fault.NOT_PLAIN, name)

    def children(self, name: str, element: str = "") -> "Sequence[JsonRow]":
        value = self._one(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(each, JsonObject) for each in value):
            raise RowError(Fault.NOT_PLAIN, name)
        return [JsonRow(each, self._reading) for each in value]

    def content(self) -> Any:
        return _frozen(self._members)

    def _scalar(self, name: str) -> Any:
        value = self._one(name)
        if isinstance(value, dict | list):
            raise RowError(Fault.NOT_PLAIN, name)
        if isinstance(value, BadNumber):
            raise RowError(Fault.NOT_A_NUMBER, name, value)
        return None if value == "" else value

    def _one(self, name: str) -> Any:
        if name in self._members.repeated:
            raise RowError(Fault.REPEATED_FIELD, name)
        return self._members.get(name)

    def _plain(self, name: str, text: str) -> str:
        """Without what neither XML nor the database has: control characters, halves of letters."""
        if len(text) > MAX_FIELD:
            raise RowError(Fault.TOO_LONG, name)
        plain = text.translate(_SPACES)
        if plain != text:
            self._reading.note(Note.CONTROL_CHARACTERS)
        return plain.encode("utf-8", "replace").decode().strip()


def rows(
    answer: Answer, envelopes: tuple[str, ...] = (BARE,), reading: Reading | None = None, *, key: str | None = "id"
) -> Iterator[JsonRow | RowError]:
    """The objects of a list, bare or the member of that name; each id once. Raises IikoFailure before the first."""
    return unique_rows(lambda notes: _rows(answer, envelopes, notes), key, Reading() if reading is None else reading)


def _rows(answer: Answer, envelopes: tuple[str, ...], reading: Reading) -> Iterator[JsonRow | RowError]:
    for value in listed(answer, envelopes):
        if isinstance(value, JsonObject):
            yield JsonRow(value, reading)
        else:
            yield RowError(Fault.NOT_PLAIN, "[]", str(value)[:100])


def _frozen(value: Any) -> Any:
    if isinstance(value, dict):
        repeated = value.repeated if isinstance(value, JsonObject) else ()
        return tuple((name, _frozen(each)) for name, each in value.items()), repeated
    if isinstance(value, list):
        return tuple(_frozen(each) for each in value)
    return value
