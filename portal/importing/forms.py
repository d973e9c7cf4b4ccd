"""Forms of an import: the file, what its columns are, and whether bad rows may be left out."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, SelectField, TextAreaField

from portal.db.base import db
from portal.importing.declaration import Importer
from portal.importing.models import ImportBatch
from portal.importing.reader.limits import MAX_BYTES
from portal.importing.reading import Table, UnreadableFileError, read_table
from portal.web.forms import PortalForm, options
from portal.web.values import storable

# Each of them is judged and written with its line in the log while the person waits.
MAX_ROWS = 5000
MAX_HEADING_ROWS = 10
MAX_NAME_LENGTH = 120


class UploadForm(PortalForm):
    """A file, or rows that were copied; ``table`` holds them once they were read."""

    file = FileField(
        _l("File"),
        description=_l("XLSX, XLS, ODS or CSV, up to 10 MB and 5000 rows. The first row names the columns."),
        render_kw={"accept": ".csv,.xlsx,.xls,.ods,.txt,.tsv"},
    )
    rows = TextAreaField(
        _l("Or paste rows here"),
        description=_l("Copy them in your spreadsheet together with the names of the columns."),
    )
    table: Table
    data_sent: bytes
    max_rows, max_rows_above = MAX_ROWS, 1
    # Whether an XML document is taken as well: ``table.root`` is its tree.
    takes_markup = False

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        for each in (self.file, self.rows):
            each.flags.either_or = True

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether there are rows that can be read."""
        if not super().validate(extra_validators):
            return False
        place = self.file if self.file.data else self.rows
        try:
            self.table = self._read()
        except UnreadableFileError as refusal:
            place.errors = [*place.errors, str(refusal)]
            return False
        return True

    @property
    def file_name(self) -> str:
        """What the import is called."""
        name = storable(self.file.data.filename or "").replace("\\", "/").rpartition("/")[2] if self.file.data else ""
        return name.strip()[-MAX_NAME_LENGTH:] or str(_("Pasted rows"))

    def _read(self) -> Table:
        sent = self.file.data.stream.read(MAX_BYTES + 1) if self.file.data else (self.rows.data or "").encode()
        if not sent and not self.file.data:
            raise UnreadableFileError("nothing")
        if len(sent) > MAX_BYTES:
            raise UnreadableFileError("large")
        db.session.rollback()  # reading may take long: hold no transaction meanwhile
        self.data_sent = sent
        table = read_table(sent, takes_markup=self.takes_markup)
        if len(table.rows) > self.max_rows + self.max_rows_above:
            raise UnreadableFileError("rows", max_rows=self.max_rows)
        return table


class ColumnsForm(PortalForm):
    """Which row names the columns, and what each column is. Made for one import by ``columns_form``."""

    heading_row = SelectField(_l("The columns are named in"), coerce=int)
    importer: Importer
    form_errors: list[str]

    def chosen(self) -> list[str]:
        """The field of each column in turn."""
        return [self[name].data for name in self.column_names()]

    def column_names(self) -> list[str]:
        """The names of the fields that stand for columns."""
        return [name for name in self._fields if name.startswith("column_")]

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all that is needed is there, and nothing twice."""
        valid = super().validate(extra_validators)
        chosen, labels = self.chosen(), self.importer.labels()
        for name in self.column_names():
            if self[name].data and chosen.count(self[name].data) > 1:
                self[name].errors = [*self[name].errors, _("Chosen for two columns.")]
                valid = False
        for missing in [field for field in self.importer.match if field not in chosen]:
            self.form_errors = [*self.form_errors, _("Say which column is “%(label)s”.", label=labels[missing])]
            valid = False
        return valid


def columns_form(importer: Importer, batch: ImportBatch) -> ColumnsForm:
    """The form for the columns of one import, as they are known so far."""
    labels = importer.labels()
    choices = options([("", _("Leave out")), *labels.items()])
    columns = batch.file_columns
    fields = {
        f"column_{place}": SelectField(column.heading or _("Column %(number)s", number=place + 1), choices=choices)
        for place, column in enumerate(columns)
    }
    data = {f"column_{place}": column.field for place, column in enumerate(columns)}
    kind = type("ColumnsOfOneImport", (ColumnsForm,), {**fields, "importer": importer})
    form: ColumnsForm = kind(heading_row=batch.heading_row, **data)
    form.heading_row.choices = options(heading_choices(batch))
    return form


def heading_choices(batch: ImportBatch) -> list[tuple[str, str]]:
    """The first rows of a file, each with what it begins with."""
    rows = [
        (str(number), _("row %(number)s: %(cells)s", number=number, cells=", ".join(filter(None, cells))[:60]))
        for number, cells in batch.grid[:MAX_HEADING_ROWS]
    ]
    return [*rows, ("0", _("no row: the file has rows alone"))]


class ApplicationForm(PortalForm):
    """What a person agrees to when they apply an import."""

    leave_out = BooleanField(_l("Leave those rows out"))
