"""A store of the first chain with an item that nobody has kept yet, in its account."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.catalogue.models import InventoryItem
from portal.db.base import db
from portal.inventory.booking import Movement, book
from portal.inventory.models import StockBalance
from portal.inventory.words import MovementKind
from tests.inventory.pages import StockBrowser

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def at(clock):
    """A moment of that day."""
    hour, minute = map(int, clock.split(":"))
    return NOON.replace(hour=hour, minute=minute)


class Stock:
    """Books movements of one item in a store, and reads what that comes to."""

    def __init__(self, chain):
        self.chain, self.store_id, self.other_store_id = chain, chain.store_id, chain.assigned_store_id
        self.item_id = self.add_item("Flour of this test")

    def add_item(self, name, **columns):
        """Another item; its id."""
        item = InventoryItem(id=uuid4(), name=name, default_unit_id=self.chain.id_of("unit"), **columns)
        db.session.add(item)
        db.session.flush()
        return item.id

    def move(self, quantity, clock="12:00", kind=MovementKind.RECEIPT, *, lot=None, expiry=None, **changes):
        """Book one movement; the id of its group."""
        told = {"store_id": self.store_id, "item_id": self.item_id, "lot_number": lot, "expiry_date": expiry} | changes
        return book([Movement(quantity=Decimal(quantity), **told)], kind=kind, happened_at=at(clock))

    def balance(self, store_id=None, item_id=None):
        """What the balances of all lots come to."""
        return sum((each.quantity for each in self.balances(store_id, item_id)), Decimal())

    def balances(self, store_id=None, item_id=None):
        """The balances of the item, lot by lot."""
        db.session.expire_all()
        store, item = store_id or self.store_id, item_id or self.item_id
        query = select(StockBalance).where(StockBalance.store_id == store, StockBalance.inventory_item_id == item)
        return db.session.scalars(query.order_by(StockBalance.expiry_date, StockBalance.lot_number)).all()


@pytest.fixture
def stock(inside, world):
    return Stock(world.pelmenya)


@pytest.fixture
def people(browse, world, superuser_sql):
    """``people("chef")`` is that one's browser on the first chain's stock."""
    return lambda role="owner": StockBrowser(browse(getattr(world.pelmenya, role)), world.pelmenya, superuser_sql)


@pytest.fixture
def owner(people):
    return people()
