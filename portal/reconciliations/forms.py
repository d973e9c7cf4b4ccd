"""Forms of statements: the file, how it is to be understood, which invoices a row is, and the end."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, RadioField, SelectField, TextAreaField, ValidationError

from portal.db.base import db
from portal.importing.reading import Table, UnreadableFileError, read_table
from portal.reconciliations.layout.books import Party
from portal.reconciliations.layout.columns import MAX_ROWS_ABOVE, Rows
from portal.reconciliations.layout.days import is_likely
from portal.reconciliations.models import Reconciliation
from portal.restaurants.fields import RestaurantField
from portal.suppliers.fields import SupplierField
from portal.tenancy.scope import require_scope
from portal.web.days import DayField
from portal.web.forms import PortalForm, Required, options
from portal.web.values import storable

MAX_BYTES = 10 * 1024 * 1024
MAX_NAME = 120
# Of the first column a choice says so much.
MAX_SAMPLE = 40
ROLES = {
    "": _l("Nothing"),
    "date": _l("Day"),
    "document": _l("Document"),
    "number": _l("Number"),
    "debit": _l("Debit"),
    "credit": _l("Credit"),
    "amount": _l("Amount"),
    "currency": _l("Currency"),
}
PARTIES = {
    Party.SUPPLIER: _l("The supplier's books: deliveries in debit"),
    Party.OURS: _l("Our books: deliveries in credit"),
}


def _check_period(first: date, last: date) -> None:
    if last < first:
        raise ValidationError(_("The period ends before it begins."))
    if not (is_likely(first) and is_likely(last)):
        raise ValidationError(_("Check the year."))


class UploadForm(PortalForm):
    """A statement as a file or as copied rows; ``table`` holds them once they were read, ``sent`` the bytes."""

    supplier_id = SupplierField(_l("Supplier"))
    file = FileField(
        _l("File"),
        description=_l("XLSX, XLS, ODS or CSV, up to 10 MB."),
        render_kw={"accept": ".xlsx,.xls,.ods,.csv,.txt,.tsv"},
    )
    rows = TextAreaField(
        _l("Or paste rows here"),
        description=_l("Copy them in your spreadsheet together with the names of the columns."),
    )
    period_from = DayField(_l("Period from"), description=_l("Empty: as the file says."))
    period_to = DayField(_l("Period until"))
    restaurant_id = RestaurantField(
        _l("Restaurant"), [lambda form, field: None], description=_l("Empty: the whole chain.")
    )
    table: Table
    sent: bytes = b""
    # The statement that was made of the same file before.
    earlier: Reconciliation | None = None

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        for each in (self.file, self.rows):
            each.flags.either_or = True

    def validate_restaurant_id(self, field: Any) -> None:
        """Who works in some restaurants has to do with statements of those alone."""
        if field.data is None and require_scope().restaurant_ids is not None:
            raise ValidationError(
                _("Choose the restaurant: a statement of the whole chain is for those who see all of it.")
            )

    def validate_period_to(self, field: Any) -> None:
        """Both days or none, and in their order."""
        first, last = self.period_from.data, field.data
        if (first is None) != (last is None):
            raise ValidationError(_("Fill in both days, or none of them."))
        if first is not None:
            _check_period(first, last)

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether there are rows that can be read."""
        if not super().validate(extra_validators):
            return False
        try:
            self.table = self._read()
        except UnreadableFileError as refusal:
            self.refuse_file(str(refusal))
            return False
        return True

    def refuse_file(self, sentence: str) -> None:
        """Say beside the file, or the rows, why it is not taken."""
        place = self.file if self.file.data else self.rows
        place.errors = [*place.errors, sentence]

    @property
    def period(self) -> Any:
        """What was typed, if it was."""
        return (self.period_from.data, self.period_to.data) if self.period_from.data else None

    @property
    def file_name(self) -> str:
        """What the document is called."""
        name = storable(self.file.data.filename or "").replace("\\", "/").rpartition("/")[2] if self.file.data else ""
        return name.strip()[-MAX_NAME:] or f"{_('Pasted rows')}.tsv"

    def _read(self) -> Table:
        self.sent = self.file.data.stream.read(MAX_BYTES + 1) if self.file.data else (self.rows.data or "").encode()
        if not self.sent and not self.file.data:
            raise UnreadableFileError("nothing")
        if len(self.sent) > MAX_BYTES:
            raise UnreadableFileError("large")
        db.session.rollback()  # reading may take long: hold no transaction meanwhile
        return read_table(self.sent)


class LayoutForm(PortalForm):
    """How a statement is to be understood. Made of its rows by ``layout_form``."""

    header_row = SelectField(_l("The columns are named in"), coerce=int)
    party = RadioField(_l("Whose books are these"), choices=options(PARTIES.items()))
    period_from = DayField(_l("Period from"), [Required()])
    period_to = DayField(_l("Period until"), [Required()])
    leave_out = BooleanField(_l("Leave out the rows that cannot be read"))
    width = 0

    def roles(self) -> list[str]:
        """What each column holds."""
        return [self[f"column_{place}"].data or "" for place in range(self.width)]

    def validate_period_to(self, field: Any) -> None:
        """The days in their order."""
        if self.period_from.data and field.data:
            _check_period(self.period_from.data, field.data)

    def validate_party(self, field: Any) -> None:
        """It cannot be compared without."""
        if field.data not in set(Party):
            raise ValidationError(_("Say whose books these are."))


def layout_form(rows: Rows, **given: Any) -> LayoutForm:
    """The form for rows of that width, with one choice a column."""
    width = max((len(cells) for _, cells in rows), default=0)
    fields = {f"column_{place}": SelectField(choices=options(ROLES.items())) for place in range(width)}
    form: LayoutForm = type("LayoutForm", (LayoutForm,), {**fields, "width": width})(**given)
    named = [
        (number, " · ".join(filter(None, (each.strip() for each in cells)))[:MAX_SAMPLE]) for number, cells in rows
    ]
    told_rows = [(str(number), f"{number}: {told}") for number, told in named[:MAX_ROWS_ABOVE]]
    form.header_row.choices = options([("0", _("No row names them")), *told_rows])
    return form


class CompletionForm(PortalForm):
    """The end of a comparison; ``with_suggestions``: what nobody decided stays open."""

    with_suggestions = BooleanField()
