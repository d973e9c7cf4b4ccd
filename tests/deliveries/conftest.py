"""A store of the first chain with an order that awaits its delivery, in its account."""

from dataclasses import replace
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.catalogue.models import InventoryItem
from portal.db.base import db
from portal.db.types import utc_now
from portal.deliveries.receipt import Receipt, ReceivedLine
from portal.deliveries.receiving import receive
from portal.inventory.models import StockBalance
from portal.invoices.entering import enter
from portal.invoices.models import InvoiceException
from portal.invoices.paper import Paper, PaperLine
from portal.purchase_orders.models import PurchaseOrder, PurchaseOrderItem


class Door:
    """Orders, receives and enters invoices of one item in a store, and reads what that comes to."""

    def __init__(self, chain):
        self.chain, self.supplier_id, self.store_id = chain, chain.id_of("supplier"), chain.store_id
        self.kg_id, self.item_id = chain.id_of("unit"), uuid4()
        db.session.add(InventoryItem(id=self.item_id, name="Cheese of this test", default_unit_id=self.kg_id))
        db.session.flush()

    def order(self, quantity="10", price="91.00", status="sent"):
        """An order of the item."""
        order = PurchaseOrder(
            id=uuid4(), supplier_id=self.supplier_id, restaurant_id=self.chain.restaurant_id, store_id=self.store_id,
            status=status, po_number=f"D-{uuid4().hex[:8]}", currency="RUB", sent_at=utc_now(),
        )  # fmt: skip
        db.session.add(order)
        db.session.flush()
        line = PurchaseOrderItem(
            id=uuid4(), purchase_order_id=order.id, position=1, inventory_item_id=self.item_id,
            quantity=Decimal(quantity), unit_id=self.kg_id, unit_price=Decimal(price), base_quantity=Decimal(quantity),
        )  # fmt: skip
        db.session.add(line)
        db.session.flush()
        return order

    def line_of(self, order):
        """Its line, as the database keeps it."""
        query = select(PurchaseOrderItem).where(PurchaseOrderItem.purchase_order_id == order.id)
        return db.session.scalars(query, execution_options={"populate_existing": True}).one()

    def receipt(self, quantity="10", **changes):
        """What a page sends."""
        names = ("rejected", "rejection_reason", "unit_id", "lot_number", "expiry_date")
        of_line = {name: changes.pop(name) for name in names if name in changes}
        line = ReceivedLine(self.item_id, Decimal(quantity), **({"unit_id": self.kg_id} | of_line))
        return replace(Receipt(self.supplier_id, self.store_id, uuid4(), (line,)), **changes)

    def receive(self, order=None, quantity="10", **changes):
        """Take it in."""
        return receive(order, self.receipt(quantity, **changes))

    def invoice(self, quantity="10", price="95.00", number=None, **changes):
        """An invoice over the item."""
        line = PaperLine(
            "Cheese", Decimal(quantity), self.kg_id, Decimal(price), Decimal(quantity) * Decimal(price),
            item_id=self.item_id,
        )  # fmt: skip
        paper = Paper(
            self.supplier_id, self.store_id, number or uuid4().hex[:12], utc_now().date(), None, "invoice", "RUB",
            prices_include_vat=True, stated_total=None, lines=(line,),
        )  # fmt: skip
        return enter(replace(paper, **changes))

    def held(self):
        """How much the store holds of it."""
        query = select(StockBalance.quantity).where(
            StockBalance.store_id == self.store_id, StockBalance.inventory_item_id == self.item_id
        )
        return sum(db.session.scalars(query), Decimal())

    def doubts(self, invoice):
        """What of the match is open about an invoice."""
        query = select(InvoiceException).where(
            InvoiceException.invoice_id == invoice.id, InvoiceException.state == "open"
        )
        kinds = {"not_ordered", "not_received", "over_billed", "over_delivered", "price_above_order"}
        rows = db.session.scalars(query.order_by(InvoiceException.kind))
        return [(str(row.kind), row.money_at_stake) for row in rows if row.kind in kinds]


@pytest.fixture
def door(inside, world):
    return Door(world.pelmenya)
