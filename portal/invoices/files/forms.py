"""Forms of a file of invoices: the file itself, what its columns are, how it is read, why papers are entered twice."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, SelectField, ValidationError

from portal.db.types import utc_now
from portal.importing.forms import UploadForm, heading_choices
from portal.importing.reader.limits import MAX_ROWS, MAX_ROWS_ABOVE
from portal.importing.reader.texts import ENCODINGS, SEPARATORS
from portal.invoices.days import fault_of_day
from portal.invoices.files.fields import labels, missing
from portal.invoices.files.heads import MAX_NUMBER
from portal.invoices.files.models import InvoiceFile
from portal.invoices.files.uploading import is_upd
from portal.invoices.models import InvoiceKind
from portal.invoices.naming_page import StoreField
from portal.suppliers.fields import SupplierField
from portal.web.days import DayField
from portal.web.forms import AtMost, EnumField, PortalForm, TextField, options
from portal.web.values import storable

MAX_REASON = 500
RATES = ("22", "20", "10", "7", "5", "0")


class AnySupplierField(SupplierField):
    """The supplier of a whole file, or whoever the file names."""

    def __init__(self, label: Any, **settings: Any) -> None:
        # Without a demand of its own: a file may hold papers of many.
        super().__init__(label, [lambda form, field: None], **settings)

    def process_data(self, value: Any) -> None:
        """The empty choice says what it means here."""
        super().process_data(value)
        _unchosen, *offered = self.choices or ()
        self.choices = [*options([("", _("As the file names them"))]), *offered]


class FileForm(UploadForm):
    """A file with papers, or rows that were copied; whose they are, and for which store."""

    max_rows, max_rows_above = MAX_ROWS, MAX_ROWS_ABOVE
    takes_markup = True

    file = FileField(
        _l("File"),
        description=_l("XLSX, XLS, ODS, CSV, or an electronic paper (УПД) as XML; up to 10 MB and 20 000 rows."),
        render_kw={"accept": ".csv,.xlsx,.xls,.ods,.txt,.tsv,.xml"},
    )
    supplier_id = AnySupplierField(
        _l("Supplier"), description=_l("Choose one where the file does not name its supplier.")
    )
    store_id = StoreField(_l("Store"), description=_l("Where the goods went, unless a column says so."))


class LayoutForm(PortalForm):
    """Which row names the columns, what each is, and what is true of the whole file."""

    heading_row = SelectField(_l("The columns are named in"), coerce=int)
    kind = EnumField(_l("What it holds"), InvoiceKind, default=InvoiceKind.INVOICE)
    prices_include_vat = SelectField(
        _l("Prices and amounts of the lines"), choices=options([("y", _l("hold VAT")), ("", _l("are without VAT"))])
    )
    default_rate = SelectField(
        _l("VAT where no column tells the rate"),
        choices=options([("", _l("without VAT")), *((rate, f"{rate} %") for rate in RATES)]),
    )
    number = TextField(
        _l("Number of the paper"),
        [AtMost(MAX_NUMBER)],
        description=_l("Where no column has it: the file is one paper."),
    )
    day = DayField(_l("Date of the paper"), render_kw={"inputmode": "numeric"})
    form_errors: list[str]

    def chosen(self) -> list[str]:
        """The field of each column in turn."""
        return [self[name].data for name in self.column_names()]

    def column_names(self) -> list[str]:
        """The names of the fields that stand for columns."""
        return [name for name in self._fields if name.startswith("column_")]

    def options(self) -> dict[str, Any]:
        """What was said of the whole file."""
        return {
            "kind": str(self.kind.data),
            "prices_include_vat": bool(self.prices_include_vat.data),
            "default_rate": self.default_rate.data,
            "number": self.number.data or "",
            "day": self.day.data.isoformat() if self.day.data else "",
        }

    def validate_day(self, field: Any) -> None:
        """A day that papers of today may have."""
        if field.data is not None and (fault := fault_of_day(field.data, utc_now().date())):
            raise ValidationError(fault)

    def validate(self, extra_validators: Any = None) -> bool:
        """Whether all that is needed is there, and nothing twice."""
        valid = super().validate(extra_validators)
        chosen = self.chosen()
        for name in self.column_names():
            if self[name].data and chosen.count(self[name].data) > 1:
                self[name].errors = [*self[name].errors, _("Chosen for two columns.")]
                valid = False
        told = {name for name, value in self.options().items() if value and name in ("number", "day")}
        for field in missing(set(filter(None, chosen)), told=told):
            self.form_errors = [*self.form_errors, _("Say which column is “%(label)s”.", label=field.label)]
            valid = False
        return valid


def layout_form(file: InvoiceFile) -> LayoutForm:
    """The form for one file, as it is known so far."""
    choices = options([("", _("Leave out")), *labels().items()])
    columns = file.batch.file_columns
    fields = {
        f"column_{place}": SelectField(column.heading or _("Column %(number)s", number=place + 1), choices=choices)
        for place, column in enumerate(columns)
    }
    data: dict[str, Any] = {f"column_{place}": column.field for place, column in enumerate(columns)}
    data |= {"kind": file.kind, "number": file.number, "day": file.day, "heading_row": file.batch.heading_row}
    data |= {"prices_include_vat": "y" if file.prices_include_vat else ""}
    data |= {"default_rate": str(file.options.get("default_rate") or "")}
    form: LayoutForm = type("LayoutOfOneFile", (LayoutForm,), fields)(**data)
    form.heading_row.choices = options(heading_choices(file.batch))
    return form


class ReadingForm(PortalForm):
    """Another sheet of the workbook, or other signs of the text."""

    sheet = SelectField(_l("Sheet"))
    encoding = SelectField(_l("Encoding"), choices=options([(each, each) for each in ENCODINGS]))
    separator = SelectField(_l("Separator"))


def reading_form(file: InvoiceFile) -> ReadingForm | None:
    """The form for one file; ``None`` where there is nothing to choose."""
    how = file.batch.read_as
    if is_upd(file) or ("sheets" in how and len(how["sheets"]) < 2) or file.document_id is None:
        return None
    form = ReadingForm(data={name: how.get(name) for name in ("sheet", "encoding", "separator")})
    if "sheets" in how:
        del form.encoding, form.separator
        form.sheet.choices = options([(name, name) for name in how["sheets"]])
    else:
        del form.sheet
        form.separator.choices = options([(each, _("tab") if each == "\t" else each) for each in SEPARATORS])
    return form


class ApplicationForm(PortalForm):
    """What a person agrees to when they apply a file."""

    leave_out = BooleanField(_l("Leave those rows out"))


def sent_reasons(sent: Mapping[str, str], numbers: Sequence[int]) -> dict[str, str]:
    """Why papers that look like others are entered all the same, by the number of their first rows."""
    told = {str(number): storable(sent.get(f"reason_{number}", "")).strip()[:MAX_REASON] for number in numbers}
    return {number: reason for number, reason in told.items() if reason}
