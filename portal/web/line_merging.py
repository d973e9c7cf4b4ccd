"""Two people at one list: which lines each of them added, removed, moved and changed, field by field."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from wtforms import Field, Form

from portal.db.lines import Line
from portal.web.merging import digest, merge_fields, sent_data
from portal.web.values import uuid_or_none

# What the page was made of: of each line's fields a digest, short, for a list has many.
Read = Mapping[UUID, list[str]]
SHORT = 6
NOTHING = "none"


@dataclass
class Row:
    """One row of the form. ``is_target`` says that the eye should rest on it after a change.

    ``note`` is what the person has to be told of it before anything is saved.
    """

    key: str
    form: Any
    is_target: bool = False
    note: str = ""


def stamp_of(lines: Sequence[Line]) -> str:
    """The lines as the page carries them, in their order."""
    told = (f"{line.id.hex}:{'.'.join(_digests(line))}" for line in lines)
    return " ".join(told) or NOTHING


def read_stamp(stamp: str) -> Read:
    """What a page was made of; what is no stamp counts as nothing."""
    parts = (each.partition(":") for each in stamp.split(" "))
    return {row_id: digests.split(".") for text, _colon, digests in parts if (row_id := uuid_or_none(text))}


def _digests(line: Line) -> list[str]:
    return [digest(getattr(line, name))[:SHORT] for name in line.__filled__]


@dataclass
class ListMerge:
    """Merges the rows that were sent with the lines that are stored; ``make_row`` makes a row that nobody typed in."""

    read: Read
    stored: Sequence[Line]
    make_row: Callable[[Line], Row]
    asked: list[Field] = field(default_factory=list)

    def rows(self, sent: Sequence[tuple[Row, UUID | None]]) -> list[Row]:
        """The rows of the list as it is to be, in order."""
        kept = [row for row, line_id in sent if self._keeps(row, line_id)]
        sent_ids = {line_id for _row, line_id in sent}
        kept += [self.make_row(line) for line in self.stored if line.id not in sent_ids and self._comes_back(line)]
        for row in kept:
            if row.form.line is not None and row.form.line.id in self.read and row.form.was_sent:
                self._merge(row.form, self.read[row.form.line.id])
        for row in kept:
            if not row.form.was_sent and row.form.line.id in self.read:
                row.note = _("Somebody changed this row after you had opened the list. Remove it again if it is to go.")
        return self._in_order(kept, [line_id for _row, line_id in sent if line_id])

    def _keeps(self, row: Row, line_id: UUID | None) -> bool:
        """Whether a row that was sent stays: what others removed goes, unless it was changed here."""
        if row.form.line is not None or line_id is None or line_id not in self.read:
            return True
        if _sent_digests(row.form) == self.read[line_id]:
            return False
        row.note = _("Somebody removed this row meanwhile. Save again to keep it, or remove it.")
        return True

    def _comes_back(self, line: Line) -> bool:
        """Whether a stored line that was not sent is there: others added it, or changed what was removed here."""
        return self.read.get(line.id) != _digests(line)

    def _merge(self, form: Form, digests: list[str]) -> None:
        fields = [form[name] for name in form.line.__filled__]  # type: ignore[attr-defined]
        merge_fields(fields, dict(zip((each.name for each in fields), digests, strict=False)), self, SHORT)

    def contest(self, field: Field) -> None:
        """Note a field that two people changed."""
        self.asked.append(field)

    def _in_order(self, rows: list[Row], sent_ids: list[UUID]) -> list[Row]:
        """Their order of the lines, unless it was changed here."""
        known = {line.id: place for place, line in enumerate(self.stored)}
        before = [line_id for line_id in self.read if line_id in known and line_id in sent_ids]
        if [line_id for line_id in sent_ids if line_id in before] != before:
            return rows
        placed = iter(sorted((row for row in rows if row.form.line), key=lambda row: known[row.form.line.id]))
        return [next(placed) if row.form.line else row for row in rows]


def _sent_digests(form: Any) -> list[str]:
    return [digest(sent_data(form[name]))[:SHORT] for name in form.entity.__filled__]
