"""The words of invoices: what they are, how far they have come, where they are from, what was decided."""

from flask_babel import lazy_gettext as _l

from portal.db.types import LabelledEnum
from portal.invoices.sentences import SENTENCES, Evidence, Numbers


class InvoiceKind(LabelledEnum):
    """Whether we owe or are given back."""

    INVOICE = "invoice", _l("Invoice")
    CREDIT_NOTE = "credit_note", _l("Credit note")


class InvoiceStatus(LabelledEnum):
    """How far an invoice has come."""

    DRAFT = "draft", _l("Draft")
    ACTIVE = "active", _l("In the books")
    PAID = "paid", _l("Paid")
    CANCELLED = "cancelled", _l("Cancelled")


class InvoiceSource(LabelledEnum):
    """Where an invoice came from."""

    TYPED = "typed", _l("By hand")
    FILE = "file", _l("From a file")
    IIKO = "iiko", _l("From iiko")


class DuplicateReason(LabelledEnum):
    """Why a paper is entered although it looks like one that is there; people may write one of their own instead."""

    SECOND_PART = "second_part", _l("Second part of the same paper")
    CORRECTION = "correction", _l("Correction")
    OTHER_PAPER = "other_paper", _l("Not the same paper")
    # Importing stops for nothing: an exception asks afterwards.
    IN_IIKO = "in_iiko", _l("Came from iiko as well")
    # Nor does merging two cards of one supplier.
    MERGED = "merged", _l("Came with a supplier that was merged")


class ExceptionState(LabelledEnum):
    """What was decided about something that is not as it should be."""

    OPEN = "open", _l("Open")
    ACCEPTED = "accepted", _l("Accepted")
    DISPUTED = "disputed", _l("Disputed")
    RESOLVED = "resolved", _l("Settled")


class ExceptionKind(LabelledEnum):
    """What is not as it should be."""

    ARITHMETIC = "arithmetic", _l("Sums")
    VAT = "vat", _l("VAT")
    UNIT_MISSING = "unit_missing", _l("Unit without a conversion")
    DUPLICATE = "duplicate", _l("Possible duplicate")
    OVER_BILLED = "over_billed", _l("Billed for more than came")
    NOT_ORDERED = "not_ordered", _l("Not ordered")
    NOT_RECEIVED = "not_received", _l("Billed and not received")
    OVER_DELIVERED = "over_delivered", _l("More came than was ordered")
    PRICE_ABOVE_ORDER = "price_above_order", _l("Dearer than ordered")
    PRICE_SHOCK = "price_shock", _l("Price leapt")
    PRICE_DRIFT = "price_drift", _l("Price creeps up")
    ABOVE_AGREED = "above_agreed", _l("Above the agreed price")
    PACK_SHRUNK = "pack_shrunk", _l("Pack shrank")

    def sentence(self, evidence: Evidence) -> str:
        """What it says, with its numbers, in the reader's language."""
        return SENTENCES[self](Numbers(evidence))
