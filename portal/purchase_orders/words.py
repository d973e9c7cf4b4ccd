"""The few words that columns of orders hold."""

from flask_babel import lazy_gettext as _l

from portal.db.types import LabelledEnum


class OrderStatus(LabelledEnum):
    """How far an order has come."""

    DRAFT = "draft", _l("Draft")
    SENT = "sent", _l("Sent out")
    PARTIALLY_RECEIVED = "partially_received", _l("Partly received")
    RECEIVED = "received", _l("Received in full")
    CLOSED = "closed", _l("Closed")
    CANCELLED = "cancelled", _l("Called off")


# Of which something is still to come.
AWAITED = (OrderStatus.SENT, OrderStatus.PARTIALLY_RECEIVED)
