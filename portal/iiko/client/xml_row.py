"""An XML element as a row."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from portal.iiko.client import values
from portal.iiko.client.rows import MAX_FIELD, Fault, Row, RowError


class XmlRow(Row):
    """An element with its parts, by local names; attributes are not looked at."""

    __slots__ = ("_data", "_parts", "_size", "name")

    def __init__(self, name: str) -> None:
        self.name, self.iiko_id = name, None
        self._data: str | list[str] = ""
        self._size = 0
        # Most parts come once: a list is made only for those that come again.
        self._parts: dict[str, XmlRow | list[XmlRow]] | None = None

    def add(self, part: "XmlRow") -> None:
        """Another part, in the order in which they come."""
        if self._parts is None:
            self._parts = {}
        former = self._parts.setdefault(part.name, part)
        if isinstance(former, list):
            former.append(part)
        elif former is not part:
            self._parts[part.name] = [former, part]

    def add_text(self, text: str) -> None:
        """More of its text; of one that is too long the rest is not kept."""
        self._size += len(text)
        if self._size > MAX_FIELD:
            self._data = ""
        elif not self._data:
            self._data = text
        elif isinstance(self._data, list):
            self._data.append(text)
        else:
            self._data = [self._data, text]

    def text(self, name: str) -> str | None:
        part = self._one(name)
        return None if part is None else part.plain_text()

    def plain_text(self) -> str | None:
        """Its text, where it holds nothing else."""
        if self._parts is not None:
            raise RowError(Fault.NOT_PLAIN, self.name)
        if self._size > MAX_FIELD:
            raise RowError(Fault.TOO_LONG, self.name)
        return self.own_text or None

    @property
    def own_text(self) -> str:
        """What stands in it beside its parts."""
        return ("".join(self._data) if isinstance(self._data, list) else self._data).strip()

    def flag(self, name: str) -> bool | None:
        found: bool | None = self._read(name, values.flag, Fault.NOT_A_FLAG)
        return found

    def number(self, name: str) -> Decimal | None:
        found: Decimal | None = self._read(name, values.decimal, Fault.NOT_A_NUMBER)
        return found

    def child(self, name: str) -> "XmlRow | None":
        return self._one(name)

    def children(self, name: str, element: str = "") -> "Sequence[XmlRow]":
        around = self._one(name)
        return around.all(element) if around is not None else ()

    def all(self, element: str) -> "Sequence[XmlRow]":
        """Its parts of that name, one, many or none."""
        found = (self._parts or {}).get(element, ())
        return (found,) if isinstance(found, XmlRow) else found

    def content(self) -> Any:
        """All that it holds, to be compared with another's."""
        parts = tuple((name, tuple(each.content() for each in self.all(name))) for name in self._parts or ())
        return self._size, self.own_text, parts

    def _one(self, name: str) -> "XmlRow | None":
        found = (self._parts or {}).get(name)
        if isinstance(found, list):
            raise RowError(Fault.REPEATED_FIELD, name)
        return found
