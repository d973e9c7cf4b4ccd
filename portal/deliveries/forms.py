"""The forms of deliveries: what came in at the back door, and taking it back."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID, uuid4

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, MultipleFileField
from wtforms import HiddenField, RadioField

from portal.db.types import utc_now
from portal.deliveries.line_page import ReceivedLinesField
from portal.deliveries.models import Delivery
from portal.deliveries.photos import too_many
from portal.deliveries.queries import last_receipt
from portal.deliveries.receipt import Receipt
from portal.documents.contents import PHOTO_TYPES, DocumentRefused, look_at
from portal.documents.forms import read_files
from portal.documents.verbs import MAX_PHOTOS
from portal.inventory.booking import LENIENCE
from portal.invoices.naming_page import StoreField
from portal.suppliers.fields import SupplierField
from portal.web.days import DayField
from portal.web.forms import AtMost, PortalForm, Required, TextField, options
from portal.web.language import when
from portal.web.lines import DocumentForm
from portal.web.numbers import MoneyField
from portal.web.values import uuid_or_none, whole_or_none

MAX_NOTE = 500
MAX_WAIT = timedelta(days=7)
REOPEN, WITHOUT = "reopen", "without"


class PhotosForm(PortalForm):
    """Photos of a delivery's paper: from the camera, or files that are there already."""

    shot = FileField(_l("Take a photo of the paper"), render_kw={"accept": "image/*", "capture": "environment"})
    files = MultipleFileField(_l("Or choose photos"), render_kw={"accept": ",".join(PHOTO_TYPES)})

    @cached_property
    def photos(self) -> list[tuple[str, bytes]]:
        """Name and bytes of each photo; the same one twice is one."""
        sent = read_files([self.shot.data, *(self.files.data or [])])
        return list({data: (name, data) for name, data in sent}.values())

    def validate(self, extra_validators: Any = None) -> bool:
        """Each field, and that the photos are some, and no more than a paper may have: nothing is kept of too many."""
        valid = super().validate(extra_validators)
        faults = [too_many()] if len(self.photos) > MAX_PHOTOS else [*self._faults()]
        self.files.errors = [*self.files.errors, *dict.fromkeys(faults)]
        return valid and not faults

    def _faults(self) -> Iterator[str]:
        for name, data in self.photos:
            try:
                look_at(data, name, frozenset(PHOTO_TYPES))
            except DocumentRefused as refusal:
                yield refusal.sentence


class ReceiptForm(PhotosForm, DocumentForm):
    """What came of an order. Number, date and total of the paper may be left to the office."""

    entity = Delivery

    lines = ReceivedLinesField(_l("Rows"))
    paper_number = TextField(_l("Number of the paper"), [AtMost(64)])
    paper_date = DayField(_l("Date of the paper"), render_kw={"inputmode": "numeric"})
    paper_total = MoneyField(_l("Total of the paper"), at_least=0)
    note = TextField(_l("Note"), [AtMost(MAX_NOTE)])
    # Asked where the order was closed or cancelled meanwhile.
    over = RadioField(_l("What now"), validate_choice=False, default="")
    # What the page calls what it sends: sent twice it is one.
    request_key = HiddenField(default=lambda: str(uuid4()))
    # For how many seconds it waited for a connection, as the page says once it has one.
    waited = HiddenField(default="")
    # How many deliveries of the order there were when the page was made.
    known = HiddenField()
    order: Any = None
    is_over = False

    def __init__(self, ordered: Sequence[Any] = (), **given: Any) -> None:
        super().__init__(lines=[], **given)
        self.over.choices = options([(REOPEN, _l("Open the order again")), (WITHOUT, _l("Receive without it"))])
        if not self.is_submitted():
            self.lines.begin(ordered)
        self.ordered = ordered
        self.lines.know(ordered)

    @property
    def place(self) -> tuple[UUID, UUID]:
        """The supplier and the store."""
        return self.order.supplier_id, self.order.store_id

    def receipt(self) -> Receipt:
        """What was filled in."""
        received = (row.form.received() for row in self.lines.rows if not row.form.is_blank)
        return Receipt(
            supplier_id=self.place[0],
            store_id=self.place[1],
            request_key=uuid_or_none(self.request_key.data) or uuid4(),
            received_at=self._pressed_at(),
            lines=tuple(line for line in received if line is not None),
            paper_number=self.paper_number.data or None,
            paper_date=self.paper_date.data if isinstance(self.paper_date.data, date) else None,
            paper_total=self.paper_total.data,
            note=self.note.data or None,
        )

    def _pressed_at(self) -> datetime | None:
        """When it came, where that is not now: what waits longer than ``MAX_WAIT`` came that long ago."""
        waited = timedelta(seconds=whole_or_none(self.waited.data) or 0)
        return utc_now() - min(waited, MAX_WAIT) if waited > LENIENCE else None

    @property
    def has_lost_photos(self) -> bool:
        """Whether photos came with what is shown again: a browser without scripts has to be given them anew."""
        return self.is_submitted() and bool(self.photos)

    def redrawn(self) -> bool:
        """Rows that were just added are looked at, too."""
        was_redrawn = super().redrawn()
        if was_redrawn:
            self.lines.know(self.ordered)
        return was_redrawn

    def find_doubt(self) -> str | None:
        """Somebody else, or another tab, has received of the order since the page was made."""
        known = whole_or_none(self.known.data)
        latest = last_receipt(self.order.id) if self.order is not None else None
        if latest is None or known is None or latest.count <= known:
            return None
        told = {"who": latest.by or _("Support"), "when": when(latest.received_at)}
        return _(
            "%(who)s received of this order meanwhile (%(when)s). Send it once more if this came besides.",
            **told,
        )

    @property
    def too_many(self) -> str:
        """What is said of a sixth photo."""
        return too_many()

    def validate(self, extra_validators: Any = None) -> bool:
        """Each field, and that something came."""
        valid = super().validate(extra_validators)
        if not any((row.form.quantity.data or 0) > 0 for row in self.lines.rows) and not self.lines.errors:
            self.lines.errors, valid = [_("Nothing came: write how much at one row at least.")], False
        day = self.paper_date.data
        if isinstance(day, date) and not self.paper_date.errors and abs((day - utc_now().date()).days) > 366:
            self.paper_date.errors, valid = [_("This is more than a year away. Check the year.")], False
        return valid


class FreeReceiptForm(ReceiptForm):
    """What came without an order."""

    supplier_id = SupplierField(_l("Supplier"))
    store_id = StoreField(_l("Store"))

    @property
    def place(self) -> tuple[UUID, UUID]:
        """The supplier and the store."""
        return self.supplier_id.data, self.store_id.data


class ReversalForm(PortalForm):
    """Why a delivery never was."""

    reason = TextField(_l("Why it was reversed"), [Required(_l("Say why.")), AtMost(200)])
