"""The few words that columns of stock hold."""

from flask_babel import lazy_gettext as _l

from portal.db.types import LabelledEnum


class MovementKind(LabelledEnum):
    """Why stock became more or less."""

    RECEIPT = "receipt", _l("Receipt")
    SALE = "sale", _l("Sale")
    WRITE_OFF = "write_off", _l("Write-off")
    TRANSFER = "transfer", _l("Transfer")
    COUNT = "count", _l("Stock count")
    CORRECTION = "correction", _l("Correction")
    UNDO = "undo", _l("Taking back")


class WriteOffReason(LabelledEnum):
    """Why something was written off."""

    SPOILED = "spoiled", _l("Spoiled")
    EXPIRED = "expired", _l("Out of date")
    DAMAGED = "damaged", _l("Broken or spilt")
    STAFF_MEAL = "staff_meal", _l("Meal of the staff")
    TASTING = "tasting", _l("Tasting or training")
    OTHER = "other", _l("Another reason")


class StocktakeStatus(LabelledEnum):
    """How far a count has come."""

    COUNTING = "counting", _l("Being counted")
    POSTED = "posted", _l("Posted")
    ABANDONED = "abandoned", _l("Given up")
