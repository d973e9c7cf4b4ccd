"""The few words that columns of deliveries hold."""

from flask_babel import lazy_gettext as _l

from portal.db.types import LabelledEnum


class DeliveryStatus(LabelledEnum):
    """How far a delivery has come."""

    DRAFT = "draft", _l("Draft")
    RECEIVED = "received", _l("Taken in")
    REVERSED = "reversed", _l("Reversed")


class RejectionReason(LabelledEnum):
    """Why something was sent back at the door."""

    QUALITY = "quality", _l("Poor quality")
    EXPIRED = "expired", _l("Out of date")
    WARM = "warm", _l("Too warm")
    WRONG_ITEM = "wrong_item", _l("Wrong item")
    NOT_ORDERED = "not_ordered", _l("Not ordered")
