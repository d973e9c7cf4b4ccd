"""One try to hand over a mail whose row is there, and the note of what came of it."""

import logging
from uuid import UUID

from portal.db.base import db
from portal.mail.models import MailDelivery
from portal.mail.smtp import MailNotSent, send
from portal.tenancy.scope import enter_account

log = logging.getLogger(__name__)


def deliver(delivery: MailDelivery, subject: str, text: str) -> MailDelivery:
    """The row after the try. The transaction ends before it, the account is entered anew after it."""
    delivery_id, account_id, email = delivery.id, delivery.account_id, delivery.email
    db.session.commit()
    fault = _try(email, subject, text)
    enter_account(account_id)
    delivery = db.session.get_one(MailDelivery, delivery_id, with_for_update=True, populate_existing=True)
    if fault is None:
        delivery.note_sent()
    else:
        delivery.note_fault(fault)
        log.warning("a mail was not sent: %s", fault.fault.value, extra={"fields": _fields(delivery_id, delivery)})
    return delivery


def _try(email: str, subject: str, text: str) -> MailNotSent | None:
    try:
        send(email, subject, text)
    except MailNotSent as error:
        return error
    return None


def _fields(delivery_id: UUID, delivery: MailDelivery) -> dict[str, object]:
    return {"mail_id": delivery_id, "state": delivery.state, "attempts": delivery.attempts}
