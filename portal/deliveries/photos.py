"""Photos of a delivery's paper, from the phone at the back door."""

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import func, select

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.audit.models import Action
from portal.audit.recording import acting_id, record
from portal.db.base import db
from portal.db.states import MoveRefused
from portal.deliveries.models import Delivery, DeliveryDocument
from portal.documents.contents import PHOTO_TYPES, DocumentRefused
from portal.documents.models import Document, DocumentKind
from portal.documents.verbs import MAX_PHOTOS, store_document


def photos_of(delivery_id: UUID) -> Sequence[Document]:
    """The photos of a delivery in their order."""
    query = select(Document).join(DeliveryDocument, DeliveryDocument.document_id == Document.id)
    query = query.where(DeliveryDocument.delivery_id == delivery_id)
    return db.session.scalars(query.order_by(DeliveryDocument.position, DeliveryDocument.id)).all()


def photographed_deliveries(invoice_id: UUID) -> list[tuple[Delivery, list[Document]]]:
    """The deliveries whose paper an invoice is, each with its photos, the earliest first; one statement for all."""
    query = (
        select(Delivery, Document)
        .outerjoin(DeliveryDocument, DeliveryDocument.delivery_id == Delivery.id)
        .outerjoin(Document, Document.id == DeliveryDocument.document_id)
        .where(Delivery.invoice_id == invoice_id)
        .order_by(Delivery.received_at, Delivery.id, DeliveryDocument.position, DeliveryDocument.id)
    )
    found: dict[Delivery, list[Document]] = defaultdict(list)
    for delivery, document in db.session.execute(query):
        found[delivery] += [document] if document is not None else []
    return list(found.items())


def too_many() -> str:
    """Why a sixth photo is not taken, in words."""
    return _("At most %(num)s photos of one paper. Remove one first.", num=MAX_PHOTOS)


def attach_photo(data: bytes, file_name: str | None, delivery: Delivery) -> Document:
    """One more photo, with its line in the log; the same file twice is one. Raises ``DocumentRefused`` for a sixth."""
    # Held: two phones may send at once.
    delivery.hold()
    photos, digest = photos_of(delivery.id), hashlib.sha256(data).hexdigest()
    if (same := next((each for each in photos if each.sha256 == digest), None)) is not None:
        return same
    if len(photos) >= MAX_PHOTOS:
        raise DocumentRefused(too_many())
    place = {name: getattr(delivery, name) for name in ("supplier_id", "restaurant_id", "store_id")}
    document = store_document(data, file_name, DocumentKind.INVOICE, taken=frozenset(PHOTO_TYPES), **place)
    last = select(func.max(DeliveryDocument.position)).where(DeliveryDocument.delivery_id == delivery.id)
    shown = DeliveryDocument(
        delivery_id=delivery.id, document_id=document.id, position=(db.session.scalar(last) or 0) + 1
    )
    db.session.add(shown)
    record(Action.EDITED, delivery, after={"photo": document.file_name})
    return document


def may_remove(photo: Document) -> bool:
    """Whether the person may remove a photo: who edits stock any, who receives what they have taken themselves."""
    return may(Permission.STOCK_EDIT) or (photo.uploaded_by_id is not None and photo.uploaded_by_id == acting_id())


def remove_photo(photo: Document, delivery: Delivery) -> None:
    """A photo that shows something else. Raises ``MoveRefused`` where it is not theirs to remove."""
    if not may_remove(photo):
        raise MoveRefused(_("Somebody else has taken this photo: a manager or an owner can remove it."))
    record(Action.EDITED, delivery, before={"photo": photo.file_name}, after={"photo": None})
    db.session.delete(photo)
