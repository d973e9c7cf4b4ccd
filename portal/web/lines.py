"""Lines of a document as a form: rows that are added, removed and moved, with JavaScript or without.

Each row has a key that names its fields, and the id of its line where it has one; the order of the keys in what is
sent is the order of the rows. The buttons of the rows submit the form: it is shown again, with nothing typed lost.
"""

import re
import secrets
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar
from uuid import UUID

from flask_babel import gettext as _
from wtforms import Field, Form

from portal.db.base import TenantEntity
from portal.db.lines import Filled, Line
from portal.web.forms import PortalForm, field_labels, refuse_unstorable
from portal.web.line_merging import ListMerge, Row, read_stamp, stamp_of
from portal.web.merging import Contest, last_change
from portal.web.values import uuid_or_none

MAX_ROWS = 200
_KEY = re.compile("[0-9a-z]{1,32}")


class LineForm(Form):
    """The fields of one row; ``line`` is what is stored of it, ``None`` for a new one.

    ``entity`` is the class of the lines: the fields' labels are what the audit log calls its columns.
    """

    entity: ClassVar[type[TenantEntity]]
    line: Line | None = None
    was_sent = False

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.entity.words.add_fields(dict(field_labels(cls)))

    @property
    def amount_text(self) -> str:
        """What the row comes to, as people read it; nothing where rows come to nothing."""
        return ""

    @property
    def is_blank(self) -> bool:
        """Whether nothing was filled in; a choice that stands as it was offered is nothing."""
        return all(field.data in (None, "", field.default) for field in self)

    def validate(self, extra_validators: Any = None) -> bool:
        """Every field's own validators, after the check that the text can be stored at all."""
        valid = super().validate(extra_validators)
        return refuse_unstorable(self) and valid

    def check_typed(self) -> None:
        """Find fault with what was typed, not with what is still to come."""
        self.validate()
        for field in self:
            if not any(field.raw_data or ()):
                field.errors = ()


class LinesField(Field):
    """The lines of a document; ``data`` is what was filled in of each, blank new rows left out.

    ``stamp`` is what the page was made of: what others have changed since then is taken over, and where the person has
    changed the same, they are asked about the fields in ``asked`` (``portal/web/line_merging.py``).
    """

    merges_itself = True

    def __init__(self, label: Any = None, *, line: type[LineForm], **options: Any) -> None:
        super().__init__(label, **options)
        self.line_form = line
        self.rows: list[Row] = []
        self.command = self.stamp = ""
        self.is_add_target = False
        self.asked: list[Field] = []

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        """Take the rows from what was sent, else from the stored lines."""
        stored: Sequence[Line] = data if isinstance(data, Sequence) else ()
        self.process_errors, self.errors, self.raw_data = [], (), []
        lines = {f"r{number}": line for number, line in enumerate(stored, start=1)}
        keys, self.stamp = list(lines), stamp_of(stored)
        # What was sent without the stamp did not come from the form: an empty list would remove every line.
        if formdata is not None and (seen := formdata.get(f"{self.name}-stamp")):
            keys = [key for key in dict.fromkeys(formdata.getlist(self.name)) if _KEY.fullmatch(key)][: MAX_ROWS + 1]
            self.command = formdata.get(f"{self.name}-command", "")
            # An id that is none of these lines', whosesoever it is, makes a new row.
            by_id: dict[UUID | None, Line] = {line.id: line for line in stored}
            ids = {key: uuid_or_none(formdata.get(f"{self.name}-{key}-id")) for key in keys}
            merge = ListMerge(read_stamp(seen), stored, self._stored_row)
            sent = [(self._row(key, formdata, by_id.get(row_id)), row_id) for key, row_id in ids.items()]
            self.rows, self.asked = merge.rows(sent), merge.asked
        else:
            self.rows = [self._row(key, None, lines[key]) for key in keys]

    def _row(self, key: str, formdata: Any = None, line: Line | None = None) -> Row:
        form = self.line_form(formdata, obj=line, prefix=f"{self.name}-{key}")
        form.line, form.was_sent = line, formdata is not None
        return Row(key, form)

    def _stored_row(self, line: Line) -> Row:
        return self._row(f"o{line.id.hex[:12]}", None, line)

    @property
    def is_contested(self) -> bool:
        """Whether the person has to look before anything is saved."""
        return bool(self.asked) or any(row.note for row in self.rows)

    @property
    def filled(self) -> list[Row]:
        """The rows in their order that say something: blank new ones left out."""
        return [row for row in self.rows if row.form.line or not row.form.is_blank]

    @property
    def data(self) -> list[Filled]:
        """The same, each with the id of its line, if it has one."""
        return [(row.form.line.id if row.form.line else None, row.form.data) for row in self.filled]

    @data.setter
    def data(self, value: Any) -> None:
        """Set by ``process`` alone."""

    def field(self, name: str) -> Field | None:
        """The field of a row by its name in the form."""
        return next((field for row in self.rows for field in row.form if field.name == name), None)

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        """Whether every row can be kept, and is kept over what the person has seen."""
        faulty = [row for row in self.filled if not row.form.validate()]
        errors = [_("Look at the rows that are marked.")] if faulty else []
        if len(self.filled) > MAX_ROWS:
            errors.append(_("At most %(number)s rows.", number=MAX_ROWS))
        self.errors = errors
        return not errors

    def obey(self) -> bool:
        """Do what the button says that was pressed (``up:`` and a row's key), if one was; nothing is kept."""
        word, _colon, key = self.command.partition(":")
        place = next((number for number, row in enumerate(self.rows) if row.key == key), None)
        if word == "add" and len(self.rows) < MAX_ROWS:
            self.rows.append(self._row(f"n{secrets.token_hex(8)}"))
            self.rows[-1].is_target = True
        elif word == "remove" and place is not None:
            del self.rows[place]
            self.is_add_target = True
        elif word in ("up", "down") and place is not None:
            self._move(place, place + (1 if word == "down" else -1))
        for row in self.rows:
            row.form.check_typed()
        return bool(self.command)

    def _move(self, place: int, target: int) -> None:
        if 0 <= target < len(self.rows):
            self.rows.insert(target, self.rows.pop(place))


class DocumentForm(PortalForm):
    """A form with lines."""

    def process(self, *given: Any, **options: Any) -> None:
        """Ask about what others have changed in the rows, too."""
        super().process(*given, **options)
        for field in self._line_fields():
            for asked in field.asked:
                self.contest(asked)

    def merge(self) -> bool:
        """Whether nothing is left to choose, in the rows either."""
        is_merged = super().merge()
        for field in self._line_fields():
            if field.is_contested:
                self.contests[field.name] = Contest("", last_change(self.row, ()), "")
                is_merged = False
        return is_merged

    def _line_fields(self) -> Iterator["LinesField"]:
        return (field for field in self if isinstance(field, LinesField))

    def find_field(self, name: str) -> Field | None:
        """The field of that name, in a row too."""
        rows = (field.field(name) for field in self if isinstance(field, LinesField))
        return super().find_field(name) or next((found for found in rows if found is not None), None)

    @property
    def is_recounted(self) -> bool:
        """Whether nothing but the amounts is asked for: somebody typed a number."""
        return any(field.command == "recount" for field in self if isinstance(field, LinesField))

    def redrawn(self) -> bool:
        """Whether a button of the lines was pressed: the form is to be shown again, and nothing is kept."""
        if not self.is_submitted():
            return False
        obeyed = [field.obey() for field in self if isinstance(field, LinesField)]
        return any(obeyed)
