"""Conversions of items as the database holds them."""

from decimal import Decimal

import pytest

from portal.catalogue.conversions import Conversions
from portal.catalogue.models import UnitConversion
from portal.db.base import db


def test_quantities_of_many_items_are_converted_in_three_statements(buying, statements):
    items = [buying.item(f"Item {number}", "kg", (1, "case", number, "kg")) for number in range(1, 30)]
    case = buying.unit("case")
    db.session.flush()
    with statements() as counted:
        conversions = Conversions.of([each.id for each in items])
        found = [conversions.to_base(each.id, Decimal(2), case) for each in items]
    assert found == [2 * number for number in range(1, 30)]
    assert counted.total == 3


def test_what_an_item_says_counts_for_it_alone(buying):
    small, large = buying.item("Small", "pc", (10, "pc", 1, "box")), buying.item("Large", "pc")
    row = UnitConversion(
        from_unit_id=buying.unit("box"),
        from_quantity=Decimal(1),
        to_unit_id=buying.units["pc"],
        to_quantity=Decimal(12),
    )
    db.session.add(row)
    conversions = Conversions.of([small.id, large.id])
    box = buying.unit("box")
    assert [conversions.to_base(each.id, Decimal(1), box) for each in (small, large)] == [10, 12]


@pytest.mark.parametrize(
    ("quantity", "unit", "right"),
    [("125", "ml", "0.166667"), ("0.0001", "ml", None), ("-3", "l", "-4"), ("1", "kg", None), ("1", None, None)],
)
def test_a_quantity_is_rounded_once_and_never_guessed(buying, quantity, unit, right):
    wine = buying.item("Wine", "bottle", (1, "bottle", "0.75", "l"))
    unit_id = buying.units[unit] if unit else None
    found = Conversions.of([wine.id]).to_base(wine.id, Decimal(quantity), unit_id)
    assert found == (Decimal(right) if right else None)


def test_more_than_can_be_kept_is_not_known(buying):
    item = buying.item("Thing", "g", ("0.0001", "g", 9_999_999_999, "case"), (1, "heap", 9_999_999_999, "g"))
    conversions = Conversions.of([item.id])
    assert conversions.to_base(item.id, Decimal(9_999_999_999), buying.unit("heap")) is None
    assert conversions.to_base(item.id, Decimal(1), buying.unit("case")) is None


def test_of_items_and_units_of_others_nothing_is_known(buying, world):
    item = buying.item("Flour")
    other = world.vareniki
    conversions = Conversions.of([item.id, other.id_of("inventory_item"), None])
    assert conversions.to_base(other.id_of("inventory_item"), Decimal(1), other.id_of("unit")) is None
    assert conversions.to_base(item.id, Decimal(1), other.id_of("unit")) is None
    assert conversions.to_base(None, Decimal(1), buying.units["kg"]) is None
