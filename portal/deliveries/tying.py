"""Which invoice is the paper of a delivery, said and taken back; the log of both tells it."""

from typing import Any

from sqlalchemy import select

from portal.audit.models import Action
from portal.audit.recording import changes, record, record_edit
from portal.db.base import db
from portal.deliveries.models import Delivery
from portal.invoices.models import Invoice


def tie(delivery: Delivery, invoice: Invoice) -> None:
    """The paper of a delivery; it is one of the delivery's order, too, unless it names another."""
    if delivery.invoice_id == invoice.id:
        return
    untie(delivery)
    delivery.invoice_id = invoice.id
    if delivery.refused_invoice_id == invoice.id:
        delivery.refused_invoice_id = None
    if invoice.purchase_order_id is None:
        invoice.purchase_order_id = delivery.purchase_order_id
    record_edit(delivery)
    _tell(invoice, None, delivery)
    db.session.flush()


def untie(delivery: Delivery) -> Invoice | None:
    """It is the paper of something else: nothing ties the two by itself again. The invoice that it was."""
    invoice = db.session.get(Invoice, delivery.invoice_id) if delivery.invoice_id else None
    if invoice is None:
        return None
    is_of_order_alone = invoice.purchase_order_id == delivery.purchase_order_id and not _is_of_another(
        invoice, delivery
    )
    delivery.invoice_id, delivery.refused_invoice_id = None, invoice.id
    if is_of_order_alone:
        invoice.purchase_order_id = None
    record_edit(delivery)
    _tell(invoice, delivery, None)
    db.session.flush()
    return invoice


def _is_of_another(invoice: Invoice, delivery: Delivery) -> bool:
    query = select(Delivery.id).where(
        Delivery.invoice_id == invoice.id,
        Delivery.purchase_order_id == delivery.purchase_order_id,
        Delivery.id != delivery.id,
    )
    return db.session.scalar(query.limit(1)) is not None


def _tell(invoice: Invoice, was: Delivery | None, now: Delivery | None) -> None:
    before, after = changes(invoice)
    told = {"delivery": _name(was)}, {"delivery": _name(now)}
    record(Action.EDITED, invoice, before=before | told[0], after=after | told[1])


def _name(delivery: Delivery | None) -> Any:
    return None if delivery is None else delivery.paper_number or str(delivery.received_at.date())
