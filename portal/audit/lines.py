"""Changing the lines of a document together: the log of the row that they belong to tells it."""

from collections.abc import Sequence
from typing import Any, TypeAlias
from uuid import uuid4

from portal.audit.models import Action
from portal.audit.recording import loggable_of, record
from portal.db.base import Entity, db
from portal.db.lines import Filled, Line

# A line as the log keeps it: "line" is what people call it, ``None`` for the order of all; "fields" are pairs of
# name and value, for JSON keeps no order of keys.
Told: TypeAlias = dict[str, Any]


def change_lines(owner: Entity, kind: type[Line], lines: Sequence[Line], filled: Sequence[Filled], **new: Any) -> None:
    """Make the lines of ``owner`` those that were filled in, in that order; ``new`` is what a new line is made with.

    One line of the log tells all of it; none where nothing changed.
    """
    left = {line.id: line for line in lines}
    changes: list[tuple[Told | None, Told | None]] = []
    kept, labels = [], []
    for position, (line_id, values) in enumerate(filled, start=1):
        line = left.pop(line_id, None) if line_id else None
        before = logged_line(line) if line else None
        kept += [line] if line else []
        line = line or kind(id=uuid4(), **new)
        line.fill(position, values)
        db.session.add(line)
        labels.append(line.display_name)
        changes.append((before, logged_line(line)))
    for line in left.values():
        changes.append((logged_line(line), None))
        db.session.delete(line)
    former = [line for line in lines if line.id not in left]
    if kept != former:
        changes.append((_order([line.display_name for line in former]), _order(labels)))
    _record(owner, kind.__tablename__, [_difference(*change) for change in changes if change[0] != change[1]])


def logged_line(line: Line) -> Told:
    """What was filled in as the log keeps it."""
    fields = [[name, loggable_of(line, name, getattr(line, name))] for name in line.__filled__]
    return {"line": line.display_name, "fields": fields}


def _order(labels: list[str]) -> Told:
    return {"line": None, "fields": [["order", labels]]}


def _difference(before: Told | None, after: Told | None) -> tuple[Told | None, Told | None]:
    """Of a line that was changed only what is different now."""
    if before is None or after is None:
        return before, after
    pairs = [pair for pair in zip(before["fields"], after["fields"], strict=True) if pair[0] != pair[1]]
    was, is_now = ([pair[side] for pair in pairs] for side in (0, 1))
    return {"line": before["line"], "fields": was}, {"line": before["line"], "fields": is_now}


def _record(owner: Entity, name: str, changes: list[tuple[Told | None, Told | None]]) -> None:
    if changes:
        before, after = ([change[side] for change in changes] for side in (0, 1))
        record(Action.EDITED, owner, before={name: before}, after={name: after})
