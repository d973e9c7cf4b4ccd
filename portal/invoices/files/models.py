"""A file of invoices beside its import: whose it is, how it is to be read, how far the work on it has come."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.db.base import TenantEntity
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.tables import place_key, table_args
from portal.db.types import EnumText, LabelledEnum, utc_now
from portal.importing.models import ImportBatch
from portal.invoices.files.fields import missing
from portal.invoices.files.lines import Reading
from portal.invoices.models import InvoiceKind

NOTHING = text("'{}'")
# Whoever works writes how far it has come each second; after so long the process has died.
DEAD_AFTER = timedelta(minutes=2)


class Step(LabelledEnum):
    """What is done with a file at the moment, by a job."""

    JUDGING = "judging", _l("The rows are being looked at")
    APPLYING = "applying", _l("The invoices are being written")
    UNDOING = "undoing", _l("The invoices are being taken back")


class InvoiceFile(TenantEntity, label=_l("File of invoices"), plural=_l("Files of invoices")):
    """What an import of invoices is more than an import: ``options`` say what the file itself does not.

    ``supplier_id`` is ``None`` where the file names its suppliers. ``step`` is ``None`` while nobody works on it;
    ``error`` says why work ended without an end.
    """

    __tablename__ = "invoice_file"
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
    __table_args__ = (
        *table_args(
            "invoice_file",
            references={
                "batch_id": "import_batch",
                "supplier_id": "supplier",
                "restaurant_id": "restaurant",
                "document_id": "document",
            },
            archivable=False,
            on_delete={"batch_id": "CASCADE", "document_id": "SET NULL (document_id)"},
        ),
        place_key(),
        UniqueConstraint("account_id", "batch_id"),
        Index("ix_invoice_file_store_id", "account_id", "restaurant_id", "store_id"),
        CheckConstraint(f"step IN {tuple(Step.words())}", name="step"),
    )

    batch_id: Mapped[UUID]
    supplier_id: Mapped[UUID | None]
    restaurant_id: Mapped[UUID]
    store_id: Mapped[UUID]
    document_id: Mapped[UUID | None]
    options: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=NOTHING)
    step: Mapped[Step | None] = mapped_column(EnumText(Step))
    progress: Mapped[int] = mapped_column(SmallInteger, default=0, server_default=text("0"))
    progressed_at: Mapped[datetime | None]
    error: Mapped[str | None]

    batch: Mapped[ImportBatch] = relationship()

    @property
    def display_name(self) -> str:
        """The name of the file."""
        return self.batch.display_name

    @property
    def kind(self) -> InvoiceKind:
        """What its papers are."""
        return InvoiceKind(self.options.get("kind", InvoiceKind.INVOICE))

    @property
    def prices_include_vat(self) -> bool:
        """Whether the prices in it hold VAT."""
        return bool(self.options.get("prices_include_vat", True))

    @property
    def number(self) -> str:
        """The number of its one paper, where no column has it."""
        return str(self.options.get("number") or "")

    @property
    def day(self) -> date | None:
        """The day of its one paper, where no column has it."""
        told = self.options.get("day")
        return date.fromisoformat(told) if told else None

    @property
    def reading(self) -> Reading:
        """How its amounts are to be read."""
        rate = self.options.get("default_rate")
        return Reading(
            prices_include_vat=self.prices_include_vat,
            default_rate=None if rate in (None, "") else Decimal(str(rate)),
            is_credit=self.kind == InvoiceKind.CREDIT_NOTE,
        )

    @property
    def told(self) -> set[str]:
        """The fields that were said for the whole of it."""
        return {name for name in ("number", "day") if self.options.get(name)}

    @property
    def is_incomplete(self) -> bool:
        """Whether somebody has to say what its columns are first: until then no row of it is judged."""
        fields = {column.field for column in self.batch.file_columns if column.field}
        return bool(missing(fields, told=self.told))

    @property
    def reasons(self) -> dict[int, str]:
        """Why papers are entered although they look like ones that are there, by their first rows."""
        return {int(row): str(reason) for row, reason in self.options.get("reasons", {}).items()}

    @property
    def is_moving(self) -> bool:
        """Whether somebody works on it."""
        return self.step is not None and not self.is_dead

    @property
    def is_dead(self) -> bool:
        """Whether whoever worked on it has died over it."""
        return self.step is not None and (self.progressed_at is None or self.progressed_at < utc_now() - DEAD_AFTER)

    def begin(self, step: Step) -> None:
        """Somebody is about to work on it."""
        self.step, self.progress, self.progressed_at, self.error = step, 0, utc_now(), None

    def end(self, error: str | None = None) -> None:
        """Nobody works on it any more."""
        self.step, self.progress, self.error = None, 100, error

    def say(self, **options: Any) -> None:
        """Note what was said of the whole file."""
        self.options = {**self.options, **options}
