"""Papers as files: what a supplier handed over, photographed, scanned or sent."""

from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import BigInteger, CheckConstraint, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.access.permissions import Permission
from portal.db.base import TenantEntity, db
from portal.db.moments import NOW
from portal.db.restaurant_limit import RestaurantLimit
from portal.db.tables import place_key, table_args
from portal.db.types import EnumText, LabelledEnum
from portal.db.words import counted
from portal.documents.contents import PICTURES
from portal.media.files import BotFile

NOTHING = text("'{}'")


class DocumentKind(LabelledEnum):
    """What a document is."""

    INVOICE = "invoice", _l("Invoice")
    STATEMENT = "statement", _l("Statement")
    REPORT = "reconciliation_report", _l("Report of a reconciliation")
    OTHER = "other", _l("Other")


# Whose holders may open a document of each kind.
SEEN_BY = {
    DocumentKind.INVOICE: Permission.INVOICES_SEE,
    DocumentKind.STATEMENT: Permission.RECONCILIATIONS_SEE,
    DocumentKind.REPORT: Permission.RECONCILIATIONS_SEE,
    DocumentKind.OTHER: Permission.CATALOGUE_SEE,
}


class DocumentStatus(LabelledEnum):
    """How far the reading of a document has come."""

    UPLOADED = "uploaded", _l("Uploaded")
    PROCESSING = "processing", _l("Being read")
    PROCESSED = "processed", _l("Read")
    ERROR = "error", _l("Not readable")


class Document(
    TenantEntity,
    label=_l("Document"),
    plural=_l("Documents"),
    count=counted("%(num)s document", "%(num)s documents"),
    fields={"file_name": _l("File"), "status": _l("Status")},
):
    """A file; its bytes are a ``bot_file`` (``storage_path`` is what another writer named). ``sha256`` in hex."""

    __tablename__ = "document"
    __most__ = 200_000
    __restaurant_limit__ = RestaurantLimit("restaurant_id")
    __table_args__ = (
        *table_args(
            "document",
            references={
                "restaurant_id": "restaurant",
                "supplier_id": "supplier",
                "file_id": "bot_file",
                "uploaded_by_id": "user",
            },
            archivable=False,
            on_delete={"file_id": "SET NULL (file_id)"},
        ),
        place_key(),
        CheckConstraint(f"document_type IN {tuple(DocumentKind.words())}", name="document_type"),
        CheckConstraint(f"status IN {tuple(DocumentStatus.words())}", name="status"),
        Index("ix_document_sha256", "account_id", "sha256"),
        Index("ix_document_store_id", "account_id", "restaurant_id", "store_id"),
    )

    restaurant_id: Mapped[UUID | None]
    store_id: Mapped[UUID | None]
    supplier_id: Mapped[UUID | None]
    document_type: Mapped[DocumentKind] = mapped_column(EnumText(DocumentKind))
    file_name: Mapped[str]
    file_type: Mapped[str]
    file_id: Mapped[UUID | None]
    storage_path: Mapped[str | None]
    upload_date: Mapped[datetime] = mapped_column(server_default=text(NOW))
    uploaded_by_id: Mapped[UUID | None]
    status: Mapped[DocumentStatus] = mapped_column(
        EnumText(DocumentStatus), default=DocumentStatus.UPLOADED, server_default=DocumentStatus.UPLOADED
    )
    error_message: Mapped[str | None]
    doc_metadata: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=NOTHING)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)

    @property
    def display_name(self) -> str:
        """The name of the file."""
        return self.file_name

    @property
    def is_picture(self) -> bool:
        """Whether browsers show it."""
        return self.file_type in PICTURES

    def stored(self) -> BotFile | None:
        """Where its bytes are; ``None`` where another writer kept them elsewhere, or nobody has them any more."""
        return db.session.get(BotFile, self.file_id) if self.file_id is not None else None

    def opened(self) -> "SpooledTemporaryFile[bytes]":
        """Its bytes as an open file; the caller closes it. Raises ``LookupError`` where they are not kept here."""
        file = self.stored()
        if file is None:
            raise LookupError("the bytes of this document are not kept here")
        return file.opened()


class InvoiceDocument(TenantEntity, label=_l("Photo of an invoice"), plural=_l("Photos of invoices")):
    """A photo or file that shows the paper of an invoice."""

    __tablename__ = "invoice_document"
    __restaurant_limit__ = RestaurantLimit("document_id", parent=Document)
    __table_args__ = (
        *table_args(
            "invoice_document",
            references={"invoice_id": "invoice", "document_id": "document"},
            archivable=False,
            on_delete={"invoice_id": "CASCADE", "document_id": "CASCADE"},
        ),
        UniqueConstraint("account_id", "invoice_id", "document_id"),
    )

    invoice_id: Mapped[UUID]
    document_id: Mapped[UUID]
    position: Mapped[int] = mapped_column(SmallInteger)
