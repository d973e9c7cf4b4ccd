"""A supplier's paper as it was read, wherever it came from: typed, in a file, from iiko."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal
from uuid import UUID

Source = Literal["typed", "file", "iiko"]


@dataclass(frozen=True)
class PaperLine:
    """One line. ``line_total`` holds VAT; ``unit_price`` and ``discount`` are as the paper has them.

    ``accepted_quantity`` is what was taken in where somebody counted; ``base_quantity`` is in the item's base unit
    where the source knows it, else it is worked out. ``line_id`` is the stored line that this one is the present
    state of, where a form knows it: what becomes of that line keeps its id.
    """

    description: str
    quantity: Decimal
    unit_id: UUID | None
    unit_price: Decimal
    line_total: Decimal
    discount: Decimal = Decimal(0)
    vat_rate: Decimal | None = None
    vat_amount: Decimal = Decimal(0)
    item_id: UUID | None = None
    supplier_sku: str | None = None
    accepted_quantity: Decimal | None = None
    base_quantity: Decimal | None = None
    line_id: UUID | None = None


@dataclass(frozen=True)
class Paper:
    """The whole of it. ``stated_total`` is what the paper says, where it says so: the sum of the lines may differ.

    ``duplicate_reason`` is why it is entered although it looks like one that is there.
    """

    supplier_id: UUID
    store_id: UUID
    number: str
    invoice_date: date
    due_date: date | None
    kind: Literal["invoice", "credit_note"]
    currency: str
    prices_include_vat: bool
    stated_total: Decimal | None
    lines: tuple[PaperLine, ...]
    document_id: UUID | None = None
    duplicate_reason: str | None = None
    source: Source = "typed"
    iiko_id: str | None = None

    @property
    def total(self) -> Decimal:
        """The sum of the lines, with VAT."""
        return sum((line.line_total for line in self.lines), Decimal("0.00"))

    @property
    def vat_total(self) -> Decimal:
        """The VAT in it, as the lines state it."""
        return sum((line.vat_amount for line in self.lines), Decimal("0.00"))
