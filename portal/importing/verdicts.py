"""What the preview says of a row, and what came of it."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l

from portal.db.types import LabelledEnum


class Verdict(LabelledEnum):
    """What a row of a file would do; in the order in which people want to see them."""

    ERROR = "error", _l("Error")
    DOUBLED = "doubled", _l("Twice in the file")
    KNOWN = "known", _l("There already")
    ARCHIVED = "archived", _l("Archived")
    CHANGED = "changed", _l("Changes")
    NEW = "new", _l("New")
    UNCHANGED = "unchanged", _l("Unchanged")
    SKIPPED = "skipped", _l("Not a line")

    @property
    def is_usable(self) -> bool:
        """Whether applying the import would write something for it."""
        return self in (Verdict.NEW, Verdict.CHANGED)

    @property
    def is_refused(self) -> bool:
        """Whether a person must mend the file, or do without the row."""
        return self in (Verdict.ERROR, Verdict.DOUBLED, Verdict.KNOWN, Verdict.ARCHIVED)


class Outcome(LabelledEnum):
    """What was done with a row once the import was applied, or undone."""

    STALE = "stale", _l("Left: changed after the preview")
    KEPT = "kept", _l("Kept: changed after the import")
    CREATED = "created", _l("Added")
    EDITED = "edited", _l("Changed")
    UNDONE = "undone", _l("Undone")

    @property
    def was_left(self) -> bool:
        """Whether a row was left as it is because somebody else had been there."""
        return self in (Outcome.STALE, Outcome.KEPT)


@dataclass
class Judgement:
    """The verdict on one row: what it is called, what it matches, and what it would write.

    ``changes`` are (old, new) by field, ``problems`` are (field or ``""``, sentence).
    """

    number: int
    label: str
    verdict: Verdict = Verdict.ERROR
    key: tuple[str, ...] | None = None
    entity_id: UUID | None = None
    values: dict[str, Any] = field(default_factory=dict)
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)

    @property
    def plain_values(self) -> dict[str, Any]:
        """``values`` as the batch keeps them."""
        return {name: plain(value) for name, value in self.values.items()}

    @property
    def plain_changes(self) -> dict[str, list[Any]]:
        """``changes`` as the batch keeps them."""
        return {name: [plain(old), plain(new)] for name, (old, new) in self.changes.items()}


def plain(value: Any) -> Any:
    """A value as JSON keeps it, numbers without the zeros at their end."""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value if value is None or isinstance(value, bool | int | dict | list) else str(value)
