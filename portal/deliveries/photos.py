"""Photos of a delivery's paper, from the phone at the back door."""

from collections.abc import Sequence
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import select

from portal.audit.models import Action
from portal.audit.recording import record
from portal.db.base import db
from portal.deliveries.models import Delivery, DeliveryDocument
from portal.documents.contents import PHOTO_TYPES, DocumentRefused
from portal.documents.models import Document, DocumentKind
from portal.documents.verbs import MAX_PHOTOS, store_document


def photos_of(delivery_id: UUID) -> Sequence[Document]:
    """The photos of a delivery in their order."""
    query = select(Document).join(DeliveryDocument, DeliveryDocument.document_id == Document.id)
    query = query.where(DeliveryDocument.delivery_id == delivery_id)
    return db.session.scalars(query.order_by(DeliveryDocument.position, DeliveryDocument.id)).all()


def attach_photo(data: bytes, file_name: str | None, delivery: Delivery) -> Document:
    """One more photo, with its line in the log. Raises ``DocumentRefused`` for a sixth one."""
    # Held: two phones may send at once.
    delivery.hold()
    photos = photos_of(delivery.id)
    if len(photos) >= MAX_PHOTOS:
        raise DocumentRefused(_("At most %(num)s photos of one paper. Remove one first.", num=MAX_PHOTOS))
    place = {name: getattr(delivery, name) for name in ("supplier_id", "restaurant_id", "store_id")}
    document = store_document(data, file_name, DocumentKind.INVOICE, taken=frozenset(PHOTO_TYPES), **place)
    same = next((each for each in photos if each.sha256 == document.sha256), None)
    if same is not None:
        db.session.delete(document)
        return same
    shown = DeliveryDocument(delivery_id=delivery.id, document_id=document.id, position=len(photos) + 1)
    db.session.add(shown)
    record(Action.EDITED, delivery, after={"photo": document.file_name})
    return document
