"""What an item is to cost at a supplier: as agreed, else as it was paid last, in whatever unit it is ordered."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

from portal.catalogue.conversions import Conversions
from portal.catalogue.names import SupplierItem
from portal.catalogue.prices import ItemPrice, PriceSource
from portal.db.base import db
from portal.purchase_orders.pricing import offers

DAY = date(2026, 5, 20)


def add_price(orders, item_id, amount, day, base_quantity="0.91", **told):
    """That the supplier was paid so much for a pack on a day."""
    price = {
        "supplier_id": orders.supplier_id,
        "unit_id": orders.pack,
        "quantity": Decimal(1),
        "currency": "RUB",
    } | told
    price |= {"amount": Decimal(amount), "base_quantity": Decimal(base_quantity), "source": PriceSource.INVOICE}
    db.session.add(ItemPrice(id=uuid4(), inventory_item_id=item_id, price_date=day, **price))
    db.session.flush()


def agree(orders, item_id, price, unit_id, since=None):
    """That a price was agreed."""
    name = {"description": f"Agreed {price}", "description_key": f"agreed {price}", "supplier_id": orders.supplier_id}
    told = {"unit_id": unit_id, "agreed_price": Decimal(price), "agreed_from": since}
    db.session.add(SupplierItem(id=uuid4(), inventory_item_id=item_id, **name, **told))
    db.session.flush()


def price_in(orders, item_id, unit_id, day=DAY):
    """What one of a unit is proposed to cost, and whether that was agreed."""
    conversions = Conversions.of([item_id])
    offer = offers(orders.supplier_id, [item_id], conversions, "RUB", day).get(item_id)
    return offer and (offer.price_in(unit_id, item_id, conversions), offer.is_agreed)


def test_the_last_price_of_the_supplier_counts_by_the_day_of_its_paper_in_each_unit(orders):
    item_id = orders.add_item("Cheese of this test")
    add_price(orders, item_id, "91.00", date(2026, 5, 10))
    add_price(orders, item_id, "80.00", date(2026, 5, 5))
    add_price(orders, item_id, "10.00", date(2026, 5, 15), supplier_id=None)
    add_price(orders, item_id, "10.00", date(2026, 5, 15), currency="EUR")
    assert price_in(orders, item_id, orders.kg) == (Decimal("100.0000"), False)
    assert price_in(orders, item_id, orders.pack) == (Decimal("91.0000"), False)
    assert price_in(orders, item_id, orders.add_unit("crate")) == (None, False)


def test_the_price_of_a_kilogram_is_rounded_once(orders):
    item_id = orders.add_item("Butter of this test")
    add_price(orders, item_id, "1092.00", DAY, "10.2")
    assert price_in(orders, item_id, orders.kg) == (Decimal("107.06"), False)


def test_a_price_below_one_is_told_with_four_decimals_and_an_agreed_one_as_it_is_written(orders):
    cheap, agreed = orders.add_item("Napkin of this test"), orders.add_item("Oil of this test")
    add_price(orders, cheap, "32.25", DAY, "100")
    agree(orders, agreed, "107.0588", orders.kg)
    assert price_in(orders, cheap, orders.kg) == (Decimal("0.3225"), False)
    assert price_in(orders, agreed, orders.kg) == (Decimal("107.0588"), True)


def test_an_agreed_price_goes_first_from_its_day_on(orders):
    item_id = orders.add_item("Milk of this test")
    add_price(orders, item_id, "91.00", date(2026, 5, 10))
    agree(orders, item_id, "88.00", orders.pack, since=date(2026, 5, 20))
    agree(orders, item_id, "70.00", orders.pack, since=date(2026, 6, 1))
    assert price_in(orders, item_id, orders.pack, date(2026, 5, 19)) == (Decimal("91.0000"), False)
    assert price_in(orders, item_id, orders.pack) == (Decimal("88.0000"), True)
    assert price_in(orders, item_id, orders.kg, date(2026, 6, 1)) == (Decimal("76.9231"), True)


def test_nothing_known_is_no_price(orders):
    assert price_in(orders, orders.add_item("Salt of this test"), orders.kg) is None
