"""The table of a list: its columns as declared, and each row prepared so that the template only prints.

A page prints hundreds of cells: what can be known once a page (labels, badges, addresses) is made before the first row,
cells are made a column at a time, and a row's frame is printed once (decision 032).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from flask_babel import lazy_gettext as _l
from markupsafe import Markup
from sqlalchemy import Boolean, ColumnElement

from portal.db.base import Entity
from portal.db.records import enum_of, reference_of, type_of
from portal.db.types import UtcDateTime
from portal.db.words import Label
from portal.web.breaking import are_plain, breakable
from portal.web.language import time_tags
from portal.web.navigation import page_base
from portal.web.templating import printed

DASH = "—"
# What the name of a referred row is read as, beside its id.
NAME_OF = "%s__name"
# What stands in a cell, printed.
Cell = str
# Stand for a row's values while its frame is printed; nothing else in a template is one of them.
MARKS = "\ue000\ue001\ue002\ue003\ue004"
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

    def print_rows(self, rows: Sequence[Any], line: Callable[..., str]) -> Markup:
        """The rows as ``line`` prints one: ``line(id, name, title, below, is_off, cells)``, a macro of the template.

        It is called once for rows that are alike in what they have, and its text is filled for each of them.
        """
        first, *others = self.columns
        names = [row[self._place[first.key]] for row in rows]
        below = _texts([row[self._place[first.below]] for row in rows], "") if first.below else [""] * len(rows)
        columns = [self._cells(each, rows) for each in others]
        cells = ["</td><td>".join(each) for each in zip(*columns, strict=True)] if columns else []
        told = {
            "id": [str(row[0]) for row in rows],
            "name": [printed(each) for each in names],
            "title": _texts(names, ""),
            "below": below,
            "cells": [f"<td>{each}</td>" for each in cells] or [""] * len(rows),
        }
        active = self._place.get("is_active")
        kinds = [(text != "", active is not None and not row[active]) for text, row in zip(below, rows, strict=True)]
        frames = {kind: _frame(line, *kind) for kind in set(kinds)}
        filled = zip(kinds, *told.values(), strict=True)
        # Each value is printed already, and the frames are the template's own.
        lines = [frames[kind] % dict(zip(told, values, strict=True)) for kind, *values in filled]
        return Markup("".join(lines))  # noqa: S704

    def _cells(self, column: Column, rows: Sequence[Any]) -> list[Cell]:
        """A column's cells, printed."""
        absent = printed(str(column.absent))
        place = self._place[column.key]
        values = [row[place] for row in rows]
        kind = type_of(self.entity, column.key) if column.source is None else column.source.type
        if (target := reference_of(self.entity, column.key)) is not None and column.show is None:
            named = self._place[NAME_OF % column.key]
            return _references(values, [row[named] for row in rows], page_base(target.__tablename__), absent)
        if isinstance(kind, UtcDateTime) and column.show is None:
            tell = time_tags().text
            return [tell(value) if value else absent for value in values]
        if (words := column.plain(self.entity)) is not None:
            known = {value: _worded(value, words, column) for value in set(values) if value is not None}
            return [known.get(value, absent) for value in values]
        return _texts(values, absent)

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


def _frame(line: Callable[..., str], has_below: bool, is_off: bool) -> str:
    """What ``line`` prints for rows of a kind, with a place for each value."""
    marks = dict(zip(("id", "name", "title", "below", "cells"), MARKS, strict=True))
    text = str(line(**marks | {"below": marks["below"] if has_below else ""}, is_off=is_off)).replace("%", "%%")
    for name, mark in marks.items():
        text = text.replace(mark, f"%({name})s")
    return text


def _texts(values: Sequence[Any], absent: Cell) -> list[Cell]:
    """Texts as cells show them; one look tells of most columns that nothing in them is to be escaped or parted."""
    if are_plain(values):
        return [value or absent for value in values]
    return [printed(breakable(value)) if value else absent for value in values]


def _references(ids: Sequence[Any], names: Sequence[Any], base: str | None, absent: Cell) -> list[Cell]:
    """The names of referred rows, leading to their pages."""
    told = zip(ids, _texts(names, absent), strict=True)
    return [f'<a href="{base}{row_id}">{name}</a>' if base and row_id else name for row_id, name in told]


def _worded(value: Any, words: Callable[[Any], Any], column: Column) -> Cell:
    """A value in words."""
    told_words = words(value)
    told = printed(told_words if isinstance(told_words, Markup) else breakable(str(told_words)))
    tone = column.tones.get(value, "neutral") if column.tones else None
    return f'<span class="badge badge--{tone}">{told}</span>' if tone else told
