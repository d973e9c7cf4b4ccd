"""Ordered, accepted, invoiced: where the three do not agree, and the money in it."""

from decimal import Decimal
from fractions import Fraction
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.deliveries.matching import Accepted, Invoiced, Ordered, Tolerances, match, money

ITEM, OTHER = uuid4(), uuid4()


def ordered(quantity, price=None, item=ITEM):
    return Ordered(
        item, Decimal(quantity), None if price is None else Fraction(Decimal(quantity)) * Fraction(Decimal(price))
    )


def accepted(*quantities, item=ITEM):
    return [Accepted(item, Decimal(each)) for each in quantities]


def invoiced(quantity, price, item=ITEM):
    total = Decimal(quantity) * Decimal(price)
    return Invoiced(uuid4(), item, Decimal(quantity), total, total)


def found(orders, deliveries, invoices, tolerances=None, **told):
    result = match(orders, deliveries, invoices, tolerances or Tolerances(), **({"is_ordered": bool(orders)} | told))
    return [(each.kind.value, each.money) for each in result]


def test_what_is_billed_too_much_and_too_dearly_is_reckoned_once_each():
    told = found([ordered(10, "91.00")], accepted(9), [invoiced(10, "95.00")])
    assert told == [("over_billed", Decimal("95.00")), ("price_above_order", Decimal("36.00"))]
    assert sum(money for _kind, money in told) == Decimal("131.00") == Decimal("950.00") - Decimal("819.00")


def test_what_agrees_is_nobodys_business():
    assert found([ordered(10, "91.00")], accepted(4, 6), [invoiced(10, "91.00")]) == []
    assert found([ordered(10, "91.00")], accepted(10), [invoiced(9, "90.00")]) == []


def test_the_tolerance_is_on_the_sum_of_twenty_loads_and_not_on_each_of_them():
    two = Tolerances(quantity={ITEM: Decimal(2)})
    order, lines = [ordered(10_000)], [invoiced(10_200, 1)]
    assert found(order, accepted(*[510] * 20), lines, two) == []
    assert found(order, accepted(*[510] * 19, "510.000001"), lines, two) == [("over_delivered", Decimal("0.00"))]


def test_without_a_tolerance_two_thousandths_more_are_more():
    assert found([ordered(100)], accepted("100.002"), [invoiced("100.002", 1)]) == [("over_delivered", Decimal("0.00"))]
    assert found([ordered(100)], accepted("100"), [invoiced("100", 1)]) == []


def test_a_price_within_its_tolerance_is_the_orders_and_one_kopeck_above_is_not():
    half = Tolerances(price=Decimal("0.5"))
    assert found([ordered(10, "100.00")], accepted(10), [invoiced(10, "100.50")], half) == []
    told = found([ordered(10, "100.00")], accepted(10), [invoiced(10, "100.51")], half)
    assert told == [("price_above_order", Decimal("5.10"))]


def test_of_what_never_came_all_is_at_stake():
    assert found([ordered(10, "91.00")], [], [invoiced(10, "91.00")]) == [("not_received", Decimal("910.00"))]


def test_what_nobody_ordered_is_told_with_what_came_of_it():
    line = invoiced(3, "20.00", OTHER)
    told = found([ordered(10)], [*accepted(10), *accepted(2, item=OTHER)], [invoiced(10, 1), line])
    assert told == [("over_billed", Decimal("20.00")), ("not_ordered", Decimal("40.00"))]


def test_without_an_order_only_what_came_is_compared():
    assert found([], accepted(9), [invoiced(10, "95.00")]) == [("over_billed", Decimal("95.00"))]
    assert found([], accepted(10), [invoiced(10, "95.00")]) == []


def test_two_invoices_of_one_delivery_are_covered_in_their_order():
    first, second = invoiced(6, "10.00"), invoiced(6, "11.00")
    [only] = match([ordered(10)], accepted(10), [first, second], Tolerances(), is_ordered=True)
    assert (only.line_id, only.money, only.part) == (second.line_id, Decimal("22.00"), 2)


def test_a_credit_note_takes_back_what_was_billed_too_much():
    bill, back = invoiced(10, "95.00"), invoiced(-1, "95.00")
    assert found([ordered(10, "91.00")], accepted(9), [bill, back]) == [("price_above_order", Decimal("36.00"))]


def test_an_item_whose_unit_leads_nowhere_is_not_compared():
    unknown = [Accepted(ITEM, None)]
    assert found([ordered(10, "91.00")], unknown, [invoiced(10, "95.00")]) == []


def test_the_money_is_a_share_of_the_line_and_not_a_rounded_price_times_a_quantity():
    line = Invoiced(uuid4(), ITEM, Decimal(12), Decimal("13.99"), Decimal("13.99"))
    assert found([], accepted(5), [line], is_ordered=False) == [("over_billed", Decimal("8.16"))]


@pytest.mark.parametrize(
    ("exact", "told"), [("0.125", "0.13"), ("2.675", "2.68"), ("1.005", "1.01"), ("-0.125", "-0.13")]
)
def test_money_is_rounded_half_away_from_zero(exact, told):
    assert money(Fraction(exact)) == Decimal(told)


numbers = st.integers(1, 1000)


@given(numbers, numbers, numbers, numbers, numbers)
def test_the_money_is_always_the_formulas(order, took, billed, price, agreed):
    told = found([ordered(order, agreed)], accepted(took), [invoiced(billed, price)])
    expected = max(billed - took, 0) * price + max(price - agreed, 0) * min(took, billed)
    assert sum(money for _kind, money in told) == expected
