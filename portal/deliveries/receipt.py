"""What came in at the back door, as it was told: by a page, at once or once it had a connection again."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from portal.deliveries.words import RejectionReason


@dataclass(frozen=True)
class ReceivedLine:
    """So much of an item came, in a unit; ``rejected`` of it was sent back at once, and why."""

    item_id: UUID
    quantity: Decimal
    unit_id: UUID
    order_line_id: UUID | None = None
    rejected: Decimal = Decimal(0)
    rejection_reason: RejectionReason | None = None
    lot_number: str | None = None
    expiry_date: date | None = None

    @property
    def accepted(self) -> Decimal:
        """What stayed."""
        return self.quantity - self.rejected


@dataclass(frozen=True)
class Receipt:
    """The whole of it. ``request_key`` is what the page calls it: sent twice it is one delivery.

    Number, date and total of the paper may be left to the office. ``received_at`` ``None``: now.
    """

    supplier_id: UUID
    store_id: UUID
    request_key: UUID
    lines: tuple[ReceivedLine, ...]
    received_at: datetime | None = None
    paper_number: str | None = None
    paper_date: date | None = None
    paper_total: Decimal | None = None
    note: str | None = None
