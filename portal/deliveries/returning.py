"""What was sent back is given back: a draft of the credit note, as the invoice or the order prices it."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from flask_babel import gettext as _

from portal.audit.recording import record_edit
from portal.catalogue.conversions import Conversions
from portal.catalogue.graph import to_decimal
from portal.catalogue.models import InventoryItem
from portal.db.base import db
from portal.db.states import MoveRefused
from portal.db.types import utc_now
from portal.deliveries.models import Delivery, DeliveryItem
from portal.deliveries.queries import lines_of_deliveries, lines_of_orders
from portal.deliveries.words import DeliveryStatus
from portal.invoices.entering import enter
from portal.invoices.models import Invoice, InvoiceItem
from portal.invoices.paper import Paper, PaperLine
from portal.invoices.queries import lines_of
from portal.invoices.words import DuplicateReason, InvoiceStatus
from portal.purchase_orders.models import PurchaseOrder, PurchaseOrderItem

PRICE_SCALE = 4


def draft_credit_note(delivery: Delivery, currency: str) -> Invoice:
    """The credit note over what was sent back of a delivery, to be completed; the same one where there is one.

    Raises ``MoveRefused`` where nothing was sent back, or all of it was reversed. ``currency`` where neither invoice
    nor order says one.
    """
    delivery.hold()
    if delivery.status is not DeliveryStatus.RECEIVED:
        raise MoveRefused(_("This delivery was reversed already."))
    former = db.session.get(Invoice, delivery.credit_note_id) if delivery.credit_note_id else None
    if former is not None and former.status is not InvoiceStatus.CANCELLED:
        return former
    back = [row for row in lines_of_deliveries([delivery.id])[delivery.id] if row.rejected_quantity]
    if not back:
        raise MoveRefused(_("Nothing of this delivery was sent back."))
    note = enter(Returns(delivery, back).paper(currency), as_draft=True)
    note.purchase_order_id = delivery.purchase_order_id
    delivery.credit_note_id = note.id
    record_edit(delivery)
    return note


class Returns:
    """What was sent back, beside the lines that priced it."""

    def __init__(self, delivery: Delivery, rows: list[DeliveryItem]) -> None:
        self.delivery, self.rows = delivery, rows
        self.conversions = Conversions.of({row.inventory_item_id for row in rows})
        invoice_id, order_id = delivery.invoice_id, delivery.purchase_order_id
        self.invoice = db.session.get(Invoice, invoice_id) if invoice_id else None
        self.order = db.session.get(PurchaseOrder, order_id) if order_id else None
        self.billed: dict[UUID, InvoiceItem] = {}
        for line in lines_of([invoice_id])[invoice_id] if invoice_id else ():
            if line.inventory_item_id is not None and line.base_quantity:
                self.billed.setdefault(line.inventory_item_id, line)
        lines = lines_of_orders([order_id]) if order_id else ()
        self.ordered: dict[UUID, PurchaseOrderItem] = {row[0].inventory_item_id: row[0] for row in lines}

    def paper(self, currency: str) -> Paper:
        """The draft; its number and day are the supplier's to say, so the day is today's."""
        known = self.invoice or self.order
        return Paper(
            supplier_id=self.delivery.supplier_id,
            store_id=self.delivery.store_id,
            number="",
            invoice_date=utc_now().date(),
            due_date=None,
            kind="credit_note",
            currency=known.currency if known is not None else currency,
            prices_include_vat=True,
            stated_total=None,
            lines=tuple(self._lines()),
            # As much may have been sent back of another delivery of the day.
            duplicate_reason=DuplicateReason.OTHER_PAPER,
        )

    def _lines(self) -> Iterator[PaperLine]:
        for row in self.rows:
            price, vat_share = self._price(row)
            total = -to_decimal(price * Fraction(row.rejected_quantity), 2)
            billed = self.billed.get(row.inventory_item_id)
            item = db.session.get_one(InventoryItem, row.inventory_item_id)
            yield PaperLine(
                description=billed.description if billed is not None else item.name,
                quantity=-row.rejected_quantity,
                unit_id=row.unit_id,
                unit_price=to_decimal(price, PRICE_SCALE),
                line_total=total,
                vat_rate=billed.vat_rate if billed is not None else None,
                vat_amount=to_decimal(Fraction(total) * vat_share, 2) if vat_share else Decimal(0),
                item_id=row.inventory_item_id,
            )

    def _price(self, row: DeliveryItem) -> tuple[Fraction, Fraction]:
        """What one of the row's unit costs with VAT, and which share of that is VAT; nothing where nobody knows."""
        billed, ordered = self.billed.get(row.inventory_item_id), self.ordered.get(row.inventory_item_id)
        if billed is not None and billed.line_total:
            factor = self._factor(row, self.conversions.base_of(row.inventory_item_id))
            if factor is not None:
                each = Fraction(billed.line_total) / Fraction(billed.base_quantity or 1)
                return each * factor, Fraction(billed.vat_amount) / Fraction(billed.line_total)
        if ordered is not None and ordered.unit_price is not None:
            factor = self._factor(row, ordered.unit_id)
            if factor is not None:
                return Fraction(ordered.unit_price) * factor, Fraction(0)
        return Fraction(0), Fraction(0)

    def _factor(self, row: DeliveryItem, unit_id: UUID | None) -> Fraction | None:
        return self.conversions.factor(row.inventory_item_id, row.unit_id, unit_id)
