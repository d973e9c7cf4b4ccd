"""Leaps, creeps, shrunk packs and agreed prices, by the numbers alone."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

import pytest

from portal.catalogue.graph import to_decimal
from portal.catalogue.price_findings import (
    ABOVE_AGREED,
    DRIFT,
    SHOCK,
    SHRUNK,
    Agreement,
    Limits,
    PricePoint,
    above_agreed,
    compare,
)

START = date(2026, 5, 1)
PACK, KG = UUID(int=1), UUID(int=2)
LIMITS = Limits(alert=Decimal(10), tolerance=Decimal("0.5"))


def point(amount, base="1", *, days=0, quantity="1", unit=PACK):
    known = None if base is None else Decimal(base)
    return PricePoint(START + timedelta(days=days), Decimal(amount), Decimal(quantity), unit, known, entered=days)


def series(*amounts, every=7):
    return [point(amount, days=place * every) for place, amount in enumerate(amounts)]


def found(points, limits=LIMITS):
    *earlier, last = points
    return {each.kind: each for each in compare(last, earlier, limits)}


@pytest.mark.parametrize(
    ("before", "after", "kinds"),
    [
        ("200", "219.99", set()),
        ("200", "220", {SHOCK}),
        ("200", "230", {SHOCK}),
        ("200", "150", set()),
        ("200", "200", set()),
    ],
)
def test_a_leap_is_told_from_ten_per_cent_on_compared_before_rounding(before, after, kinds):
    assert set(found(series(before, after))) == kinds


def test_a_leap_says_both_prices_and_what_it_costs_on_this_paper():
    told = found([point("200"), point("2300", "10", days=9)])[SHOCK]
    assert (told.evidence["from"], told.evidence["to"], told.evidence["percent"]) == ("200", "230", "15")
    assert told.evidence["since"] == "2026-05-01"
    assert told.money == Decimal("300.00")


def test_four_small_steps_are_no_leap_and_yet_a_creep():
    for until in (2, 3):
        assert found(series("100", "104", "108.16", "112.49")[:until]) == {}
    told = found(series("100", "104", "108.16", "112.49"))
    assert set(told) == {DRIFT}
    assert told[DRIFT].evidence["percent"] == "12.49"
    assert told[DRIFT].evidence["since"] == "2026-05-01"


def test_a_creep_looks_back_for_ninety_days():
    assert set(found(series("100", "104", "108.16", "112.49", every=30))) == {DRIFT}
    assert found(series("100", "104", "108.16", "112.49", every=31)) == {}


def test_a_creep_is_not_told_again_while_the_price_stands_still():
    assert found(series("100", "104", "108.16", "112.49", "112.49")) == {}


def test_an_unknown_price_is_passed_over_and_never_compared():
    assert found([point("100", None), point("200")]) == {}
    assert found([point("100"), point("900", None, days=1)]) == {}
    assert set(found([point("100"), point("900", None, days=1), point("110", days=2)])) == {SHOCK}


def test_a_pack_that_shrank_is_told_though_its_price_stood_still():
    told = found([point("1092.00", "10.92"), point("1092.00", "10.20", days=7)])
    assert set(told) == {SHRUNK}
    assert told[SHRUNK].evidence["percent"] == "7.06"
    assert told[SHRUNK].evidence["to"] == "107.058824"
    assert (told[SHRUNK].evidence["from_size"], told[SHRUNK].evidence["to_size"]) == ("10.92", "10.2")
    assert told[SHRUNK].money == Decimal("72.00")


def test_a_smaller_pack_at_a_price_that_came_down_as_well_is_nothing_to_tell():
    assert found([point("1092.00", "10.92"), point("1020.00", "10.20", days=7)]) == {}
    assert found([point("1092.00", "10.92"), point("1020.00", "10.20", days=7, unit=KG)]) == {}


def test_the_size_of_a_pack_is_what_one_holds_however_many_came():
    told = found([point("1092.00", "10.92"), point("2184.00", "20.40", quantity="2", days=7)])
    assert told[SHRUNK].evidence["to_size"] == "10.2"


@pytest.mark.parametrize(
    ("total", "quantity", "money"),
    [("910.00", 10, None), ("914.55", 10, None), ("914.56", 10, "4.56"), ("950.00", 10, "40.00")],
)
def test_more_than_agreed_is_told_beyond_the_tolerance(total, quantity, money):
    agreement = Agreement(Decimal("91.00"), PACK, START)
    told = above_agreed(Decimal(total), Fraction(quantity), agreement, LIMITS, START)
    assert (told and (told.kind, told.money)) == (money and (ABOVE_AGREED, Decimal(money)))


def test_an_agreement_holds_from_its_day_on_and_needs_a_known_quantity():
    agreement = Agreement(Decimal("91.00"), PACK, START)
    dear = (Decimal("1000"), Fraction(10), agreement, LIMITS)
    assert above_agreed(*dear, START - timedelta(days=1)) is None
    assert above_agreed(*dear, START) is not None
    assert above_agreed(Decimal("1000"), None, agreement, LIMITS, START) is None


@pytest.mark.parametrize(
    ("amount", "base", "right"),
    [
        ("1092.00", "10.92", "100.000000"),
        ("1092.00", "10.20", "107.058824"),
        ("2520.00", "360", "7.000000"),
        ("2520.00", "19.8", "127.272727"),
        ("13.99", "12", "1.165833"),
        ("27.98", "24", "1.165833"),
        ("1.15", "0.69", "1.666667"),
        ("12.00", "12", "1.000000"),
    ],
)
def test_the_price_of_a_base_unit_has_six_decimals(amount, base, right):
    assert to_decimal(point(amount, base).per_base) == Decimal(right)
