"""Lines of a document: rows that belong to another row, changed together and told in that row's log."""

from collections.abc import Sequence
from typing import Any, ClassVar, TypeAlias
from uuid import UUID, uuid4

from sqlalchemy.orm import Mapped

from portal.audit.models import Action
from portal.audit.recording import record, told
from portal.db.base import Entity, TenantEntity, db
from portal.db.types import Money, Quantity, plain

# What was filled in for one line, and the id of the line that it is for (``None``: a new one).
Filled: TypeAlias = tuple[UUID | None, dict[str, Any]]
# A line as the log keeps it: "line" is what people call it, ``None`` for the order of all; "fields" are pairs of
# name and value, for JSON keeps no order of keys.
Told: TypeAlias = dict[str, Any]


class Line(TenantEntity):
    """A row of a list that people fill in as a whole: it has a place there, and no page of its own."""

    __abstract__ = True
    # What people fill in, in the order of the form; the first is what they call the line.
    __filled__: ClassVar[tuple[str, ...]]

    position: Mapped[int]

    @property
    def line_label(self) -> str:
        """What people call it."""
        return str(getattr(self, self.__filled__[0]))

    def fill(self, position: int, values: dict[str, Any]) -> None:
        """Take the place and what was filled in."""
        self.position = position
        for name in self.__filled__:
            setattr(self, name, values[name])

    def loggable(self) -> Told:
        """What was filled in as the log keeps it."""
        return {"line": self.line_label, "fields": [[name, self._loggable(name)] for name in self.__filled__]}

    def _loggable(self, name: str) -> Any:
        value, kind = getattr(self, name), type(self).__table__.c[name].type
        if value is not None and isinstance(kind, Money):
            # With the currency of the day: the chain may reckon in another one when the log is read.
            return {"amount": plain(value), "currency": self.currency}  # type: ignore[attr-defined]
        return {"quantity": plain(value)} if value is not None and isinstance(kind, Quantity) else told(name, value)


def change_lines(owner: Entity, kind: type[Line], lines: Sequence[Line], filled: Sequence[Filled], **new: Any) -> None:
    """Make the lines of ``owner`` those that were filled in, in that order; ``new`` is what a new line is made with.

    One line of the log tells all of it; none where nothing changed.
    """
    left = {line.id: line for line in lines}
    changes: list[tuple[Told | None, Told | None]] = []
    kept, labels = [], []
    for position, (line_id, values) in enumerate(filled, start=1):
        line = left.pop(line_id, None) if line_id else None
        before = line.loggable() if line else None
        kept += [line] if line else []
        line = line or kind(id=uuid4(), **new)
        line.fill(position, values)
        db.session.add(line)
        labels.append(line.line_label)
        changes.append((before, line.loggable()))
    for line in left.values():
        changes.append((line.loggable(), None))
        db.session.delete(line)
    former = [line for line in lines if line.id not in left]
    if kept != former:
        changes.append((_order([line.line_label for line in former]), _order(labels)))
    _record(owner, kind.__tablename__, [_difference(*change) for change in changes if change[0] != change[1]])


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
