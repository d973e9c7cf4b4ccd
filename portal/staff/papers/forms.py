"""The forms of kinds of papers and of papers."""

from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, Field, ValidationError
from wtforms.validators import Regexp

from portal.media.content_types import sniff
from portal.media.files import is_store_full
from portal.media.names import Upload, UploadRefused, read_upload
from portal.staff.fields import refuse_taken
from portal.staff.models import StaffMember
from portal.staff.papers.fields import CodesField, DaysBeforeField, KindField, MonthsField
from portal.staff.papers.models import DocumentType, StaffDocument
from portal.staff.papers.queries import PAPER_TYPES, accepted_of
from portal.staff.papers.validity import last_valid_day, months_later, today_of
from portal.web.days import DayField
from portal.web.forms import AtMost, LongTextField, PortalForm, Required, TextField
from portal.web.language import choose_locale
from portal.web.times import day_in_words

OLDEST_PAPER, LONGEST_YEARS = date(1950, 1, 1), 50
TAIL = 4


class DocumentTypeForm(PortalForm):
    """A kind of paper."""

    entity = DocumentType
    namesakes_within = ()

    name = TextField(_l("Name"), [Required(), AtMost(200)])
    code = TextField(
        _l("Code"),
        [Required(), AtMost(60), Regexp(r"^\S+$", message=_l("A code has no spaces."))],
        description=_l("What checklists and bots call it, such as medical_exam."),
    )
    months_valid = MonthsField(
        _l("Valid for so many months"),
        description=_l("Counted from the day of issue. Left empty, people type until when a paper is valid."),
        render_kw={"inputmode": "numeric"},
    )
    months_at_most = MonthsField(
        _l("At most so many months from issue"),
        description=_l("Where people type the end themselves: a later one is refused."),
        render_kw={"inputmode": "numeric"},
    )
    remind_days = DaysBeforeField(
        _l("Days before the end on which to remind"),
        [AtMost(200)],
        description=_l("With commas: 30, 14, 7, 1. On the last day itself and weekly after it reminders come anyway."),
    )
    for_kitchen = BooleanField(_l("Everybody in the kitchen needs it"))
    for_citizenship = CodesField(
        _l("Citizenships that need it"),
        [AtMost(2000)],
        description=_l("As the scenario calls them, with commas: uz, tj, az, md."),
    )
    is_health = BooleanField(
        _l("A health paper"),
        description=_l("It stands in no list, search, file or log, and whoever opens it is noted."),
    )

    def validate_code(self, field: Field) -> None:
        """A code is one kind's in the whole chain."""
        refuse_taken(DocumentType, field, self.row)


class PaperForm(PortalForm):
    """What somebody reads off a paper; ``kind`` is what it is, ``member`` whose."""

    entity = StaffDocument

    issued_on = DayField(_l("Issued on"), render_kw={"inputmode": "numeric"})
    expires_on = DayField(
        _l("Valid until"), description=_l("The last day on which it is valid."), render_kw={"inputmode": "numeric"}
    )
    number_tail = TextField(
        _l("Last characters of the number"),
        [Regexp(r"^\w{0,4}$", message=_l("At most the last 4 letters or digits: the full number is not kept."))],
    )
    RECKONS = ("issued_on", "kind_id")

    def __init__(self, member: StaffMember, kind: DocumentType | None, *given: Any, **named: Any) -> None:
        self.member, self.kind = member, kind
        super().__init__(*given, **named)
        for field in (self.issued_on, self.expires_on):
            field.flags.either_or = True

    def validate(self, extra_validators: Any = None) -> bool:
        """Each day by itself, and both together; the end follows from the issue where nobody typed it."""
        self.reckon()
        return super().validate(extra_validators)

    def reckon(self) -> None:
        """The end by the months of the kind: where none was typed, or the issue was changed and the end was not."""
        end = last_valid_day(self.issued_on.data, self.kind) if self.kind is not None else None
        is_kept = self.expires_on.data == self.expires_on.object_data
        is_moved = self.issued_on.data != self.issued_on.object_data
        if (
            end is not None
            and not self.expires_on.process_errors
            and (self.expires_on.data is None or self.is_reckoned or (is_kept and is_moved))
        ):
            self.expires_on.data = end

    @property
    def is_reckoned(self) -> bool:
        """Whether only the end was asked for, while somebody types."""
        return self.checked_field is not None and self.checked_field.name in self.RECKONS

    def validate_issued_on(self, field: Field) -> None:
        """A day that was."""
        if field.data is not None and field.data > today_of(self.member):
            raise ValidationError(_("This day is still to come."))
        if field.data is not None and field.data < OLDEST_PAPER:
            raise ValidationError(_("Check the year."))

    def validate_expires_on(self, field: Field) -> None:
        """Not before the issue, and not too long after it."""
        issued, until, kind = self.issued_on.data, field.data, self.kind
        if until is None:
            if kind is not None and kind.months_valid and not self.is_reckoned:
                raise ValidationError(_("Write the day of issue, or until when it is valid."))
            return
        if issued is not None and until < issued:
            raise ValidationError(_("A paper does not end before it was issued."))
        if not OLDEST_PAPER <= until <= months_later(today_of(self.member), 12 * LONGEST_YEARS):
            raise ValidationError(_("Check the year."))
        if kind is not None and kind.months_at_most and issued is not None:
            latest = months_later(issued, kind.months_at_most)
            if until > latest:
                told = day_in_words(latest, choose_locale())
                raise ValidationError(_("At most until %(day)s: so long after its issue such a paper ends.", day=told))

    def find_doubt(self) -> str | None:
        """A paper that is over, or that ends before the one that it replaces."""
        until, kind = self.expires_on.data, self.kind
        if until is None or kind is None:
            return None
        if until < today_of(self.member):
            told = day_in_words(until, choose_locale())
            return _("This paper has not been valid since %(day)s. Send it once more if that is meant.", day=told)
        former = accepted_of(self.member.id, kind.id)
        if former is None or former.expires_on is None or former.expires_on <= until or former is self.row:
            return None
        told = day_in_words(former.expires_on, choose_locale())
        return _(
            "The paper that this one replaces is valid longer, until %(day)s. Send it once more if that is meant.",
            day=told,
        )


class NewPaperForm(PaperForm):
    """A paper that is added: a file, or what somebody has seen in the original."""

    kind_id = KindField(_l("Kind of paper"))
    file = FileField(
        _l("Photo or PDF"),
        description=_l(
            "A photo up to 10 MB or a PDF up to 20 MB. Without one you say that you have seen the original."
        ),
        render_kw={"accept": ",".join(PAPER_TYPES)},
    )
    upload: Upload | None = None

    def __init__(self, member: StaffMember, **named: Any) -> None:
        super().__init__(member, None, **named)
        self.kind = self.kind_id.kind

    def validate_file(self, field: Field) -> None:
        """What it is inside decides, and its name does not say otherwise."""
        if not field.data or not field.data.filename:
            return
        beginning = sniff(field.data.stream.read(4096))
        if beginning is not None and beginning.content_type not in PAPER_TYPES:
            raise ValidationError(_("Choose a photo (JPEG, PNG, WebP, HEIC) or a PDF."))
        try:
            upload = read_upload(field.data)
        except UploadRefused as refusal:
            raise ValidationError(str(refusal)) from refusal
        claims_pdf, is_pdf = upload.name.lower().endswith(".pdf"), upload.file_type.extension == "pdf"
        if "." in upload.name and claims_pdf != is_pdf:
            raise ValidationError(
                _(
                    "%(name)s is a %(type)s inside, whatever its name says.",
                    name=upload.name,
                    type=upload.file_type.extension.upper(),
                )
            )
        if is_store_full():
            raise ValidationError(_("There is no more room for files of your chain."))
        self.upload = upload


class RefusalForm(PortalForm):
    """Why a paper is refused."""

    reason = LongTextField(_l("Why it is refused"), [Required(), AtMost(500)], render_kw={"rows": 2})
