"""Keeping the files of papers: looked at by their content, stored with their hash, shown with their invoice."""

import hashlib
from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select

from portal.audit.models import Action
from portal.audit.recording import acting_id, record
from portal.db.base import db
from portal.documents.contents import PHOTO_TYPES, TYPES, DocumentRefused, look_at
from portal.documents.models import Document, DocumentKind, InvoiceDocument
from portal.media.files import BotFile, is_store_full
from portal.media.names import plain_name

# Photos of one paper.
MAX_PHOTOS = 5


def store_document(
    data: bytes,
    file_name: str | None,
    document_type: DocumentKind,
    *,
    supplier_id: UUID | None = None,
    invoice: Any = None,
    restaurant_id: UUID | None = None,
    store_id: UUID | None = None,
    taken: frozenset[str] = TYPES,
) -> Document:
    """Keep a file; of an ``invoice`` it is a photo, and belongs where the invoice does.

    Raises ``DocumentRefused``, and ``BucketUnavailable`` where the store of files is away.
    """
    kind = look_at(data, file_name, taken)
    if is_store_full():
        raise DocumentRefused(_("There is no more room for files of your chain."))
    if invoice is not None:
        supplier_id, restaurant_id, store_id = invoice.supplier_id, invoice.restaurant_id, invoice.store_id
    place = {"supplier_id": supplier_id, "restaurant_id": restaurant_id, "store_id": store_id}
    document = _kept(data, plain_name(file_name, kind), kind.content_type, document_type=document_type, **place)
    if invoice is not None:
        _attach(document, invoice)
    return document


def _kept(data: bytes, file_name: str, content_type: str, **columns: Any) -> Document:
    document = Document(
        file_name=file_name,
        file_type=content_type,
        file_id=BotFile.store(data, content_type).id,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
        uploaded_by_id=acting_id(),
        **columns,
    )
    db.session.add(document)
    db.session.flush()
    return document


def attach_photo(data: bytes, file_name: str | None, invoice: Any) -> Document:
    """One more photo of an invoice's paper, with its line in the log; the same file twice is one photo.

    Raises ``DocumentRefused`` for a sixth one.
    """
    # Held: two phones may send at once.
    db.session.scalars(select(type(invoice).id).where(type(invoice).id == invoice.id).with_for_update()).one()
    photos = photos_of([invoice.id])[invoice.id]
    digest = hashlib.sha256(data).hexdigest()
    same = next((each for each in photos if each.sha256 == digest), None)
    if same is not None:
        return same
    if len(photos) >= MAX_PHOTOS:
        raise DocumentRefused(_("At most %(num)s photos of one paper. Remove one first.", num=MAX_PHOTOS))
    document = store_document(data, file_name, DocumentKind.INVOICE, invoice=invoice, taken=frozenset(PHOTO_TYPES))
    record(Action.EDITED, invoice, after={"photo": document.file_name})
    return document


def remove_photo(document: Document, invoice: Any) -> None:
    """A photo that shows something else."""
    record(Action.EDITED, invoice, before={"photo": document.file_name}, after={"photo": None})
    db.session.delete(document)


def photos_of(invoice_ids: Collection[UUID]) -> dict[UUID, list[Document]]:
    """The photos of each invoice in their order, one statement for all."""
    found: dict[UUID, list[Document]] = defaultdict(list)
    if invoice_ids:
        query = select(InvoiceDocument.invoice_id, Document).join(Document, Document.id == InvoiceDocument.document_id)
        query = query.where(InvoiceDocument.invoice_id.in_(invoice_ids))
        for invoice_id, document in db.session.execute(query.order_by(InvoiceDocument.position, InvoiceDocument.id)):
            found[invoice_id].append(document)
    return found


def _attach(document: Document, invoice: Any) -> None:
    last = db.session.scalar(select(func.max(InvoiceDocument.position)).where(InvoiceDocument.invoice_id == invoice.id))
    db.session.add(InvoiceDocument(invoice_id=invoice.id, document_id=document.id, position=(last or 0) + 1))
    db.session.flush()
