"""Orders of the first chain, in its account and on its people's pages."""

from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import update

from portal.catalogue.models import InventoryItem, MeasureUnit
from portal.db.base import db
from portal.purchase_orders.models import PurchaseOrder, PurchaseOrderItem
from tests.jobs.conftest import run_job  # noqa: F401
from tests.purchase_orders.pages import OrderBrowser


class Orders:
    """Makes orders for a store, and lets things come."""

    def __init__(self, chain):
        self.chain, self.store_id, self.supplier_id = chain, chain.store_id, chain.id_of("supplier")
        self.kg, self.pack = chain.id_of("unit"), chain.id_of("unit", 3)
        self.item_id = chain.id_of("inventory_item")

    def add_item(self, name, **columns):
        """Another item in kg; its id."""
        item = InventoryItem(id=uuid4(), name=name, default_unit_id=self.chain.id_of("unit"), **columns)
        db.session.add(item)
        db.session.flush()
        return item.id

    def add_unit(self, symbol):
        """A unit from which no way leads anywhere; its id."""
        category = self.chain.id_of("unit_category", 2)
        unit = MeasureUnit(id=uuid4(), name=symbol, symbol=symbol, unit_category_id=category)
        db.session.add(unit)
        db.session.flush()
        return unit.id

    def line(self, quantity, price=None, *, item_id=None, unit_id=None):
        """A line as the form tells one."""
        return None, {
            "inventory_item_id": item_id or self.item_id,
            "quantity": Decimal(quantity),
            "unit_id": unit_id or self.chain.id_of("unit", 3),
            "unit_price": None if price is None else Decimal(price),
        }

    def open(self, *lines, **columns):
        """A draft."""
        told = {"supplier_id": self.supplier_id, "store_id": self.store_id, "currency": "RUB"} | columns
        order = PurchaseOrder(**told)
        order.open(lines or [self.line(4)])
        return order

    def sent(self, *lines, **columns):
        """One that the supplier was told of."""
        order = self.open(*lines, **columns)
        order.send("Four packs")
        return order

    def come(self, order, *quantities):
        """Let so much have come of its lines in all."""
        for line, quantity in zip(order.lines, quantities, strict=True):
            change = update(PurchaseOrderItem).where(PurchaseOrderItem.id == line.id)
            db.session.execute(change.values(received_quantity=Decimal(quantity)))


@pytest.fixture
def orders(inside, world):
    return Orders(world.pelmenya)


@pytest.fixture
def people(browse, world, superuser_sql):
    """``people("chef")`` is that one's browser on the first chain's orders."""
    return lambda role="owner": OrderBrowser(browse(getattr(world.pelmenya, role)), world.pelmenya, superuser_sql)


@pytest.fixture
def owner(people):
    return people()
