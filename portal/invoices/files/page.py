"""What the page of a file says of it: how far it has come, its papers, and those that may be there already."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from flask import abort
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import Numeric, cast, func, select
from sqlalchemy.orm import joinedload

from portal.db.amounts import format_money, format_quantity
from portal.db.base import db
from portal.importing.import_page import read_as, tell_taken_back, tell_written
from portal.importing.models import ImportBatch, ImportRow
from portal.importing.queries import visible
from portal.importing.verdicts import Verdict
from portal.invoices.duplicates import PRESET_REASONS
from portal.invoices.files.models import InvoiceFile
from portal.restaurants.models import Restaurant
from portal.stores.models import Store
from portal.suppliers.models import Supplier
from portal.web.fragments import toast
from portal.web.merging import hold

MAX_ASKED, MAX_SHOWN, PREVIEWED = 50, 50, 20


def find_file(file_id: UUID) -> InvoiceFile:
    """The file of that id, for those who may see its import, or 404."""
    query = select(InvoiceFile).join(ImportBatch, ImportBatch.id == InvoiceFile.batch_id)
    wanted = query.where(InvoiceFile.id == file_id, visible()).options(joinedload(InvoiceFile.batch))
    return db.session.scalars(wanted).one_or_none() or abort(404)


def find_idle_preview(file_id: UUID) -> InvoiceFile:
    """A file of which nothing was written yet and on which nobody works; 404, or 409 for any other."""
    file = find_file(file_id)
    # Whoever was thought to have died over it may be about to end: their rows are not thrown away below them.
    hold(file.batch)
    if not file.batch.is_preview or file.is_moving:
        abort(409)
    return file


def past_files() -> list[InvoiceFile]:
    """The latest files, the newest first."""
    query = select(InvoiceFile).join(ImportBatch, ImportBatch.id == InvoiceFile.batch_id).where(visible())
    latest = query.order_by(ImportBatch.created_at.desc(), ImportBatch.id).limit(MAX_SHOWN)
    return list(db.session.scalars(latest.options(joinedload(InvoiceFile.batch))))


@dataclass(frozen=True)
class Papers:
    """How many papers of a sort there are, and what they come to in each currency."""

    count: int
    total: str


class FilePage:
    """One file as its page shows it."""

    def __init__(self, file: InvoiceFile) -> None:
        self.file, self.batch = file, file.batch

    @property
    def read_as(self) -> str:
        """How it was read."""
        how = self.batch.read_as
        return _("УПД %(version)s", version=how.get("version")) if how["kind"] == "xml" else read_as(self.batch)

    @cached_property
    def place(self) -> str:
        """The restaurant and the store."""
        query = select(Restaurant.name, Store.name).join(Store, Store.restaurant_id == Restaurant.id)
        return ", ".join(db.session.execute(query.where(Store.id == self.file.store_id)).one())

    @cached_property
    def supplier(self) -> str | None:
        """Whose papers they are, where that was said for all."""
        return db.session.scalar(select(Supplier.name).where(Supplier.id == self.file.supplier_id))

    @cached_property
    def papers(self) -> dict[str, Papers]:
        """The papers by the verdict on their rows."""
        head = ImportRow.values["head"]
        currency = ImportRow.values["currency"].astext
        total = func.sum(cast(head["total"].astext, Numeric))
        query = select(ImportRow.verdict, currency, func.count(), total).where(
            ImportRow.batch_id == self.batch.id, head.is_not(None), func.jsonb_typeof(head) == "object"
        )
        found: dict[str, list[Any]] = {}
        for row in db.session.execute(query.group_by(ImportRow.verdict, currency).order_by(currency)):
            found.setdefault(str(row[0]), []).append(row)
        return {
            verdict: Papers(sum(row[2] for row in rows), " + ".join(format_money(row[3], row[1]) for row in rows))
            for verdict, rows in found.items()
        }

    @property
    def new(self) -> Papers:
        """Those that nothing keeps from being entered."""
        return self.papers.get(Verdict.NEW, Papers(0, ""))

    @cached_property
    def asked(self) -> list[ImportRow]:
        """The first rows of papers that may be there already."""
        head = func.jsonb_typeof(ImportRow.values["head"]) == "object"
        query = select(ImportRow).where(ImportRow.batch_id == self.batch.id, ImportRow.verdict == Verdict.KNOWN, head)
        return list(db.session.scalars(query.order_by(ImportRow.number).limit(MAX_ASKED)))

    @property
    def more_asked(self) -> int:
        """How many more of them there are than are shown."""
        return self.papers.get(Verdict.KNOWN, Papers(0, "")).count - len(self.asked)

    @property
    def reasons(self) -> list[tuple[str, Any]]:
        """Why a paper is entered although it looks like one that is there."""
        return [("", _("Leave it out")), *((each.value, each.label) for each in PRESET_REASONS)]

    @property
    def faulty(self) -> int:
        """How many rows cannot be taken as they are."""
        return self.batch.count(Verdict.ERROR)

    @property
    def left_out(self) -> list[str]:
        """The headings of columns that are not read."""
        return [column.heading or "—" for column in self.batch.file_columns if not column.field]

    @property
    def preview(self) -> list[tuple[int, list[str]]]:
        """The first rows as they were read."""
        return self.batch.grid[:PREVIEWED]

    def line(self, values: Mapping[str, Any]) -> str:
        """What a row brings, in a few words."""
        quantity = format_quantity(Decimal(values["quantity"]))
        amount = " ".join(filter(None, (quantity, values.get("unit"))))
        return f"{amount} · {format_money(Decimal(values['total']), values['currency'])}"


def tell_application(file: InvoiceFile, is_done: bool, undo_url: str) -> None:
    """Say what was written, with the way back; and what was left. Why nothing was stands on the file's page."""
    if is_done:
        tell_written(file.batch, written(file), undo_url)
    elif not file.error:
        toast(_("The invoices are being written. This page shows how far that is."))


def written(file: InvoiceFile) -> str:
    """How much was entered."""
    query = select(func.count(ImportRow.entity_id.distinct())).where(
        ImportRow.batch_id == file.batch_id, ImportRow.outcome.is_not(None)
    )
    return ngettext("%(num)s paper was entered.", "%(num)s papers were entered.", db.session.scalar(query) or 0)


def tell_undoing(file: InvoiceFile, is_done: bool) -> None:
    """Say what was taken back, and what was kept."""
    if is_done:
        tell_taken_back(file.batch)
    elif not file.error:
        toast(_("The invoices are being taken back. This page shows how far that is."))
