"""What a person says of a statement that is not clear: its columns, whose books they are, its period."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.reconciliations.forms import LayoutForm, layout_form
from portal.reconciliations.layout.books import Book, Entry, Party
from portal.reconciliations.layout.columns import role_of
from portal.reconciliations.models import Reconciliation
from portal.reconciliations.opening import StatementRefused, read_upload, single_currency, take
from portal.reconciliations.reading import Reading
from portal.reconciliations.remembering import remember
from portal.reconciliations.upload_page import opened

MAX_SHOWN = 20
EXAMPLES = 3


@dataclass
class LayoutPage:
    """The first rows with what is understood of them, and the form to say it better."""

    statement: Reconciliation
    rows: list[tuple[int, list[str]]]
    reading: Reading
    form: LayoutForm

    @classmethod
    def of(cls, statement: Reconciliation) -> "LayoutPage":
        """The page of a statement, filled in as far as it is understood."""
        rows = [(number, cells) for number, cells in statement.grid or ()]
        reading = read_upload(rows, statement.supplier) if rows else Reading(None)
        form = layout_form(rows, **_understood(statement, rows, reading))
        return cls(statement, rows, reading, form)

    @property
    def book(self) -> Book:
        """The books that are compared."""
        return self.reading.book or Book()

    @property
    def examples(self) -> Sequence[Entry]:
        """A few rows to tell the side by."""
        return self.book.entries[:EXAMPLES]

    @property
    def shown(self) -> list[tuple[int, list[str]]]:
        """The first rows, all of one width."""
        return [(number, [*cells, *[""] * (self.form.width - len(cells))]) for number, cells in self.rows[:MAX_SHOWN]]

    @property
    def questions(self) -> list[str]:
        """What has to be said before it can be compared."""
        asked = []
        if self.reading.statement is None:
            asked.append(_("No row names the columns. Say what each of them holds."))
        elif not self.book.entries:
            asked.append(_("No row could be read this way."))
        elif self.reading.party is None:
            asked.append(_("It is not clear whose books these are."))
        if self.statement.details.get("is_period_guessed"):
            asked.append(_("The file names no period: say which one it is about."))
        if self.book.faults:
            asked.append(_("Some rows cannot be read."))
        return asked

    def take(self) -> Response | None:
        """Compare as it was said; ``None`` where the form now says what is missing."""
        form, roles = self.form, self.form.roles()
        self.reading = read_upload(
            self.rows,
            self.statement.supplier,
            header_row=form.header_row.data,
            roles=roles,
            party=Party(form.party.data),
        )
        if not self._is_settled():
            return None
        try:
            self.statement.currency = single_currency(self.reading, self.statement.currency)
        except StatementRefused as refusal:
            form.form_errors = [*form.form_errors, refusal.sentence]
            return None
        self.statement.period_from, self.statement.period_to = form.period_from.data, form.period_to.data
        headings = next((cells for number, cells in self.rows if number == form.header_row.data), [])
        remember(self.statement.supplier_id, headings, roles, Party(form.party.data))
        take(self.statement, self.reading)
        return opened(self.statement)

    def _is_settled(self) -> bool:
        form = self.form
        if not self.book.entries:
            form.form_errors = [
                *form.form_errors,
                _("No row could be read this way: say which columns hold the amounts."),
            ]
        elif self.book.faults and not form.leave_out.data:
            form.leave_out.errors = [_("Some rows cannot be read. Mend the file, or tick that they are left out.")]
        return not form.errors


def _understood(statement: Reconciliation, rows: Sequence[tuple[int, list[str]]], reading: Reading) -> dict[str, Any]:
    header_row = reading.statement.header_row if reading.statement else 0
    headings = next((cells for number, cells in rows if number == header_row), [])
    columns = {f"column_{place}": role for place, each in enumerate(headings) if (role := role_of(each))}
    if reading.roles:
        columns = {f"column_{place}": role for place, role in enumerate(reading.roles)}
    days = {"period_from": statement.period_from, "period_to": statement.period_to}
    return {"header_row": header_row, "party": reading.party, **days, **columns}
