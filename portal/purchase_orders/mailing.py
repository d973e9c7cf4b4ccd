"""Mailing an order to its supplier: what was written in the form, as it stands on the order."""

from uuid import UUID

from portal.accounts.models import Account
from portal.auth.mailing import mail_is_configured
from portal.db.base import db
from portal.jobs.queue import OUTSIDE_RETRIES, job
from portal.mail.delivering import deliver
from portal.mail.models import MailDelivery, MailKind, MailState
from portal.notices.raising import Subject, raise_notice
from portal.purchase_orders.models import PurchaseOrder
from portal.purchase_orders.notices import ORDER_NOT_MAILED
from portal.tenancy.scope import enter_account

__all__ = ["mail_is_configured", "mail_of", "mail_order"]


def mail_order(order: PurchaseOrder, text: str, to: str) -> None:
    """Note it as sent, and mail it once the present transaction commits."""
    order.send(text, to)
    db.session.flush()
    MailDelivery.ask(MailKind.ORDER, order.id, to)
    deliver_order.queue(order_id=str(order.id), account_id=str(order.account_id))


def mail_of(order: PurchaseOrder) -> MailDelivery | None:
    """What became of the mail that it was sent by last."""
    if not order.sent_to:
        return None
    asked = {"kind": MailKind.ORDER, "subject_id": order.id, "email": order.sent_to}
    return db.session.query(MailDelivery).filter_by(**asked).one_or_none()


@job(retry=OUTSIDE_RETRIES, queue="mail", once_by=("order_id",), is_outgoing=True)
def deliver_order(order_id: str, account_id: str) -> None:
    """Mail an order to the address that it was sent to last; nothing where it was changed or ended meanwhile."""
    enter_account(UUID(account_id))
    order = db.session.get(PurchaseOrder, UUID(order_id))
    if order is None or not order.sent_to or not order.sent_text or order.has_ended:
        return MailDelivery.drop(MailKind.ORDER, UUID(order_id))
    delivery = MailDelivery.begin(MailKind.ORDER, order.id, order.sent_to)
    if delivery.has_ended:
        return None
    text, subject = order.sent_text, f"{Account.current().name}: {order.po_number}"
    about = Subject("purchase_order", order.id, order.po_number, order.restaurant_id)
    delivery = deliver(delivery, subject, text)
    if delivery.state == MailState.FAILED and delivery.fault is not None:
        raise_notice(ORDER_NOT_MAILED, about, fault=str(delivery.fault))
    elif not delivery.has_ended:
        deliver_order.queue(in_seconds=int(delivery.pause.total_seconds()), order_id=order_id, account_id=account_id)
    return None
