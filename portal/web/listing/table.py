"""The table of a list: its columns as declared, and each row prepared so that the template only prints.

A page prints hundreds of cells: what can be known once a page (labels, badges, addresses) is made before the first row,
and a row's cells are one text (decision 030).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import Boolean, ColumnElement

from portal.db.base import Entity
from portal.db.records import enum_of, reference_of, type_of
from portal.db.types import UtcDateTime
from portal.db.words import Label
from portal.web.breaking import breakable
from portal.web.language import time_tags
from portal.web.navigation import page_base
from portal.web.templating import printed

DASH = "—"
# What the name of a referred row is read as, beside its id.
NAME_OF = "%s__name"
# What stands in a cell, printed.
Cell = str
# Before the declared columns a row has its id and the value that it is sorted by.
FIRST_PLACE = 2


@dataclass(frozen=True)
class Column:
    """One column of a list, in its table and its CSV; most are told by their key alone.

    What a cell shows follows from the type of the entity's column: a moment, the label of an enum, the name of a
    referred row with a link to it, what the type's ``shown`` makes of a value (money, quantities), else the text.
    ``source`` is what is read where it is not the column called ``key``, ``show`` gives a value its words, ``tones``
    make a badge of it. ``below`` is the key of a second line in the first column. ``heading`` is the label in the CSV.
    ``priority`` says how long a column stays while the room grows less: 1 to the end, in a phone's line of facts; 2 in
    every table; 3 and 4 in wide and in very wide ones. Where nothing is said, the first beside the name stays longest
    and moments go first.
    """

    key: str
    label: Label = None
    heading: Label = None
    source: ColumnElement[Any] | None = None
    show: Callable[[Any], Any] | None = None
    tones: Mapping[str, str] = field(default_factory=dict)
    below: str | None = None
    absent: Label = DASH
    nowrap: bool = False
    number: bool = False
    priority: int | None = None
    in_table: bool = True
    in_export: bool = True

    def title(self, entity: type[Entity]) -> Label:
        """Its label, or what the entity calls the field."""
        return self.label or entity.words.fields.get(self.key) or self.key

    def plain(self, entity: type[Entity]) -> Callable[[Any], Any] | None:
        """How a value is put in words, in the table and in the CSV alike; ``None``: as it is."""
        if self.show is not None:
            return self.show
        kind = type_of(entity, self.key)
        if (enum := enum_of(entity, self.key)) is not None:
            return lambda value: enum.read(value).label
        if isinstance(kind, Boolean):
            return lambda value: _l("yes") if value else _l("no")
        return getattr(kind, "shown", None)


class Header(NamedTuple):
    """The head of a column; ``sort`` is the key of the order that a press on it asks for."""

    label: Label
    sort: str | None


class Line(NamedTuple):
    """One row: its id, its name, the same as printed, what stands below, whether it is out of use, its other cells."""

    id: str
    name: Any
    title: Any
    below: Any
    is_off: bool
    cells: Markup


class Table:
    """The table of a list in one language: made once, used by every page."""

    def __init__(
        self, entity: type[Entity], columns: Sequence[Column], keys: Sequence[str], sorts: Mapping[str, str]
    ) -> None:
        self.entity = entity
        self.columns = [each for each in columns if each.in_table]
        self.headers = [Header(str(each.title(entity)), sorts.get(each.key)) for each in self.columns]
        self.attributes = self._attributes()
        self._place = {key: place for place, key in enumerate(keys, FIRST_PLACE)}

    def lines(self, rows: Sequence[Any]) -> Iterator[Line]:
        """The rows, ready to print."""
        first, *others = self.columns
        makers = [self._maker(each) for each in others]
        name, active = self._place[first.key], self._place.get("is_active")
        below = self._place[first.below] if first.below else None
        for row in rows:
            told = "</td><td>".join([make(row) for make in makers])
            yield Line(
                str(row[0]),
                row[name],
                breakable(row[name]),
                breakable(row[below]) if below is not None else None,
                active is not None and not row[active],
                Markup(f"<td>{told}</td>" if makers else ""),  # noqa: S704 (each cell is printed already)
            )

    def _maker(self, column: Column) -> Callable[[Any], Cell]:
        """What prints a column's cell of a row."""
        absent = printed(str(column.absent))
        place = self._place[column.key]
        kind = type_of(self.entity, column.key) if column.source is None else column.source.type
        if (target := reference_of(self.entity, column.key)) is not None and column.show is None:
            return _reference(place, self._place[NAME_OF % column.key], page_base(target.__tablename__), absent)
        if isinstance(kind, UtcDateTime) and column.show is None:
            tell = time_tags()
            return lambda row: tell(row[place]) if row[place] else absent
        if (words := column.plain(self.entity)) is not None:
            return _worded(place, words, column, absent)
        return lambda row: printed(breakable(row[place])) if row[place] else absent

    def _attributes(self) -> Markup:
        """What the table says of its columns by their places, so that no cell has to (``static/css/lists.css``)."""
        places = list(enumerate(self.columns, 1))
        told = {f"p{level}": [at for at, each in places if self._priority(at, each) == level] for level in (1, 3, 4)}
        told["number"] = [at for at, each in places if each.number]
        told["nowrap"] = [at for at, each in places if each.nowrap]
        return Markup("").join(
            Markup(' data-{}="{}"').format(key, " ".join(map(str, at))) for key, at in told.items() if at
        )

    def _priority(self, place: int, column: Column) -> int:
        if place == 1 or column.priority is not None:
            return column.priority or 0
        if isinstance(type_of(self.entity, column.key), UtcDateTime):
            return 3
        return 1 if place == 2 else 2


def _reference(place: int, name: int, base: str | None, absent: str) -> Callable[[Any], Cell]:
    """The name of a referred row, leading to its page."""

    def make(row: Any) -> Cell:
        told = printed(breakable(row[name])) if row[name] else absent
        return f'<a href="{base}{row[place]}">{told}</a>' if base and row[place] else told

    return make


def _worded(place: int, words: Callable[[Any], Any], column: Column, absent: str) -> Callable[[Any], Cell]:
    """A value in words; the words of a page's few values are made once."""
    known: dict[Any, Cell] = {None: absent}

    def make(row: Any) -> Cell:
        value = row[place]
        if value not in known:
            words_told = words(value)
            told = printed(words_told if isinstance(words_told, Markup) else breakable(str(words_told)))
            tone = column.tones.get(value, "neutral") if column.tones else None
            known[value] = f'<span class="badge badge--{tone}">{told}</span>' if tone else told
        return known[value]

    return make
