"""What the log remembers of a change, in the words of the pages where it was made."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import Date, select

from portal.audit.models import AuditEvent
from portal.db.base import Entity, db
from portal.db.lines import Line
from portal.db.records import entity_of_table, reference_of, type_of
from portal.db.types import UtcDateTime
from portal.db.words import Label
from portal.web.language import choose_locale, when
from portal.web.times import day_in_words
from portal.web.values import uuid_or_none

Values = Mapping[str, Any]
MAX_TOLD = 3
MAX_VALUE = 40


def entity_label(table: str) -> Label:
    """What people call the kind of a row; one whose table is gone is an object."""
    entity = entity_of_table(table)
    return entity.words.label if entity else _("Object")


def changes_in_words(table: str, before: Values | None, after: Values | None) -> list[str]:
    """What changed, for one line: "Phone: +7 … → +7 …"; at most ``MAX_TOLD`` of it.

    It reads nothing: what an older line names by an id, and the lines of a document, are told by their label alone.
    """
    entity = entity_of_table(table)
    was, is_now = before or {}, after or {}
    if entity is None:
        return []
    reader = ValueReader(entity)
    told = [
        _change(reader, key, str(label), was.get(key), is_now.get(key))
        for key, label in labels_of(entity, {**was, **is_now}).items()
    ]
    return told[:MAX_TOLD] + (["…"] if len(told) > MAX_TOLD else [])


def _change(reader: "ValueReader", key: str, label: str, was: Any, is_now: Any) -> str:
    values = (was, is_now)
    is_row = reference_of(reader.entity, key) is not None and any(uuid_or_none(str(value)) for value in values)
    if is_row or line_label(key) or key not in reader.entity.words.fields:
        return label
    old, new = (_short(reader.shown(key, value)) for value in values)
    return f"{label}: {new}" if was is None or old == new else f"{label}: {old} → {new}"


def _short(value: Any) -> str:
    text = "—" if value is None else str(value.striptags() if isinstance(value, Markup) else value)
    return text if len(text) <= MAX_VALUE else f"{text[: MAX_VALUE - 1]}…"


def labels_of(entity: type[Entity], keys: Iterable[str]) -> dict[str, Label]:
    """What people call each attribute, or the lines of a document by the name of their table; the others are untold."""
    words = {key: entity.words.fields.get(key) or line_label(key) for key in keys}
    return {key: label for key, label in words.items() if label}


def differences(event: AuditEvent) -> list[tuple[Label, Any, Any]]:
    """The changes of one event as (label, before, after), each value as people read it.

    An attribute without a label is for the portal alone.
    """
    entity = entity_of_table(event.entity)
    if entity is None:
        return []
    before, after = event.before or {}, event.after or {}
    values = ValueReader(entity, [before, after])
    rows: list[tuple[Label, Any, Any]] = []
    for key, label in labels_of(entity, {**before, **after}).items():
        if key in entity.words.fields:
            rows.append((label, values.shown(key, before.get(key)), values.shown(key, after.get(key))))
        else:
            rows += line_differences(key, before.get(key), after.get(key))
    return rows


def line_label(table: str) -> Label | None:
    """What people call the lines of that table; ``None`` for anything else."""
    entity = entity_of_table(table)
    return entity.words.plural if entity is not None and issubclass(entity, Line) else None


def line_differences(table: str, before: Any, after: Any) -> Iterator[tuple[Label, Any, Any]]:
    """What became of the lines of a document (``portal.audit.lines``): "Fridge: Quantity", before and after.

    A line that came or went stands in one cell.
    """
    entity = entity_of_table(table)
    assert entity is not None
    reader, labels = ValueReader(entity), {"order": _("Order"), **entity.words.fields}

    def whole(line: Any) -> str | None:
        if line is None:
            return None
        told = [(labels.get(name), reader.shown(name, value)) for name, value in line["fields"][1:]]
        return ", ".join(f"{label}: {value}" for label, value in told if value is not None) or line["line"]

    for was, is_now in zip(before or (), after or (), strict=False):
        if was is None or is_now is None:
            yield (was or is_now)["line"], whole(was), whole(is_now)
            continue
        name_of_line = f"{was['line']}: " if was["line"] else ""
        for (name, old), (_name, new) in zip(was["fields"], is_now["fields"], strict=False):
            yield f"{name_of_line}{labels.get(name)}", reader.shown(name, old), reader.shown(name, new)


class ValueReader:
    """Remembered values of one class of rows, as people read them."""

    def __init__(self, entity: type[Entity], changes: Iterable[Values] = ()) -> None:
        self.entity = entity
        self.names = self._read_names(changes)

    def shown(self, key: str, value: Any) -> Any:
        """A value for people; ``None`` stays ``None``."""
        if value is None or value in ("", [], {}):
            return None
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        if isinstance(value, list):
            return ", ".join(str(self.shown(key, item)) for item in value)
        if isinstance(value, dict):
            return ", ".join(f"{name} → {self.shown(key, item)}" for name, item in value.items())
        if (word := self.entity.words.values.get(key, {}).get(str(value))) is not None:
            return word
        if reference_of(self.entity, key) is not None and (row_id := uuid_or_none(str(value))):
            return self.names.get(row_id) or _("no longer there")
        return self._worded(key, value)

    def _worded(self, key: str, value: Any) -> Any:
        kind = type_of(self.entity, key)
        try:
            if hasattr(kind, "shown"):
                return kind.shown(value)
            if isinstance(kind, UtcDateTime) or (kind is None and key.endswith("_at")):
                return when(datetime.fromisoformat(value))
            is_day = isinstance(kind, Date) or (kind is None and key.endswith("_on"))
            return day_in_words(date.fromisoformat(value), choose_locale()) if is_day else value
        except (TypeError, ValueError, ArithmeticError):
            return value

    def _read_names(self, changes: Iterable[Values]) -> dict[UUID, str]:
        """What rows are called that an older line names by their ids: one statement for each kind."""
        wanted: dict[type[Entity], set[UUID]] = {}
        for key, value in ((key, value) for told in changes for key, value in told.items()):
            target, row_id = reference_of(self.entity, key), uuid_or_none(str(value))
            if target is not None and row_id is not None:
                wanted.setdefault(target, set()).add(row_id)
        found = [db.session.scalars(select(target).where(target.id.in_(ids))) for target, ids in wanted.items()]
        return {row.id: row.display_name for rows in found for row in rows}
