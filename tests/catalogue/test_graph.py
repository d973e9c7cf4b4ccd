"""Conversions between units, by the numbers alone."""

from decimal import Decimal
from fractions import Fraction
from itertools import permutations
from uuid import UUID

import pytest

from portal.catalogue.graph import Graph, Level, Step, UnitFact, find_contradiction, product, to_decimal
from portal.catalogue.price_findings import cost_of_part

NAMES = ("kg", "g", "oz", "l", "ml", "pc", "dozen", "gross", "pack", "tray", "case", "bottle")
IDS = {name: UUID(int=number) for number, name in enumerate(NAMES, start=1)}
MEASURES = {
    "kg": ("weight", "1"),
    "g": ("weight", "0.001"),
    "oz": ("weight", "0.028349523125"),
    "l": ("volume", "1"),
    "ml": ("volume", "0.001"),
    "pc": ("count", "1"),
    "dozen": ("count", "12"),
    "gross": ("count", "144"),
}
UNITS = {
    IDS[name]: UnitFact(
        IDS[name],
        MEASURES.get(name, ("count", ""))[0],
        Fraction(MEASURES[name][1]) if name in MEASURES else None,
    )
    for name in NAMES
}
CASE_OF_PACKS = [(1, "case", 12, "pack"), (1, "pack", "0.91", "kg")]


def step(from_quantity, from_unit, to_quantity, to_unit, level=Level.ITEM):
    return Step.of(IDS[from_unit], Decimal(from_quantity), IDS[to_unit], Decimal(to_quantity), level)


def graph(*told):
    return Graph(UNITS, [each if isinstance(each, Step) else step(*each) for each in told])


def factor(told, from_unit, to_unit):
    return graph(*told).factor(IDS[from_unit], IDS[to_unit])


def names(path):
    by_id = {unit_id: name for name, unit_id in IDS.items()}
    return [by_id[path[0].from_id], *(by_id[each.to_id] for each in path)]


@pytest.mark.parametrize(
    ("told", "quantity", "from_unit", "to_unit", "right"),
    [
        (CASE_OF_PACKS, 1, "case", "kg", "10.92"),
        (CASE_OF_PACKS, 1, "case", "g", "10920"),
        ([(1, "case", 12, "tray"), (1, "tray", 30, "pc")], 1, "case", "pc", "360"),
        ([(1, "case", 12, "tray"), (1, "tray", 30, "pc"), (1, "pc", "0.055", "kg")], 1, "case", "kg", "19.8"),
        ([(1, "bottle", "0.75", "l")], 125, "ml", "bottle", "0.166667"),
        ([], 690, "g", "kg", "0.69"),
        ([(1, "pack", 72, "oz"), (1, "pack", 6, "pc")], 1, "pc", "oz", "12"),
        ([(1, "bottle", 1, "l")], 300, "ml", "bottle", "0.3"),
    ],
)
def test_quantities_are_converted_exactly_and_rounded_once(told, quantity, from_unit, to_unit, right):
    assert to_decimal(quantity * factor(told, from_unit, to_unit)) == Decimal(right)


def test_a_ratio_of_two_numbers_stays_exact():
    told = [(3, "pack", 1, "kg")]
    assert factor(told, "pack", "kg") == Fraction(1, 3)
    assert to_decimal(3 * factor(told, "pack", "kg")) == 1
    assert to_decimal(factor(told, "pack", "kg")) == Decimal("0.333333")


def test_the_inverse_is_the_same_ratio_turned_round():
    told = [(12, "pc", 1, "pack")]
    assert factor(told, "pack", "pc") * factor(told, "pc", "pack") == 1


def test_without_a_way_the_quantity_is_unknown():
    assert factor([], "bottle", "ml") is None
    assert factor([(1, "case", 12, "pack")], "case", "kg") is None


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_nearest_conversion_wins_in_whatever_order_they_are_read(order):
    told = [
        step(1, "pack", 10, "pc", Level.ITEM),
        step(1, "pack", 12, "pc", Level.ACCOUNT),
        step(1, "case", 2, "pack", Level.ACCOUNT),
    ]
    assert factor([told[place] for place in order], "case", "pc") == 20


def test_an_item_may_say_that_its_dozen_is_thirteen():
    assert factor([], "dozen", "pc") == 12
    assert factor([(1, "dozen", 13, "pc")], "dozen", "pc") == 13


def test_between_two_units_of_weight_only_the_measures_count():
    assert factor([(1, "kg", 900, "g")], "kg", "g") == 1000


def test_the_way_is_told_step_by_step():
    path = graph(*CASE_OF_PACKS).path(IDS["case"], IDS["g"])
    assert names(path) == ["case", "pack", "kg", "g"]
    assert [each.level for each in path] == [Level.ITEM, Level.ITEM, Level.METRIC]
    assert graph().path(IDS["kg"], IDS["kg"]) == []


def circle(settled, *new):
    return find_contradiction(UNITS, [step(*each) for each in settled], [step(*each) for each in new])


def test_a_circle_that_does_not_come_out_even_is_shown():
    found = circle([(1, "pack", 500, "g")], (1, "g", 250, "pack"))
    # The second says the same pair anew, so that it stands in the first one's place; both at once disagree.
    assert found is None
    found = circle([], (1, "pack", 500, "g"), (1, "g", 250, "pack"))
    assert names(found) == ["g", "pack", "g"]
    assert product(found) == 125_000


def test_a_circle_of_three_is_closed_by_the_last_one():
    settled = [(1, "case", 12, "pack"), (1, "pack", 10, "pc")]
    assert circle(settled, (1, "case", 120, "pc")) is None
    assert names(circle(settled, (1, "case", 110, "pc"))) == ["case", "pc", "pack", "case"]


def test_a_circle_may_differ_by_a_millionth_and_no_more():
    settled = [(1, "case", 3, "pack"), (1, "pack", "0.333333", "kg")]
    assert circle(settled, (1, "case", "0.999999", "kg")) is None
    assert circle(settled, (1, "case", "0.9999999", "kg")) is None
    assert circle(settled, (1, "case", "1.000001", "kg")) is not None


def test_several_that_are_changed_together_are_judged_together():
    settled = [(1, "case", 12, "pack"), (1, "pack", 10, "pc"), (1, "case", 120, "pc")]
    assert circle(settled, (1, "pack", 8, "pc")) is not None
    assert circle(settled, (1, "pack", 8, "pc"), (1, "case", 96, "pc")) is None


def test_what_is_nearer_is_not_contradicted_from_afar():
    settled = [step(1, "pack", 10, "pc", Level.ITEM), step(1, "case", 2, "pack", Level.ITEM)]
    further = step(1, "pack", 12, "pc", Level.ACCOUNT)
    assert find_contradiction(UNITS, settled, [further]) is None
    other = step(1, "case", 24, "pc", Level.ACCOUNT)
    assert find_contradiction(UNITS, settled, [other]) is not None


def test_a_fixed_measure_is_contradicted_by_nobody():
    assert names(circle([], (1, "kg", 900, "g"))) == ["kg", "g", "kg"]
    assert circle([], (1, "kg", 1000, "g")) is None
    assert circle([], (1, "dozen", 13, "pc")) is None


@pytest.mark.parametrize(
    ("amount", "part", "whole", "right"),
    [
        ("13.99", 7, 12, "8.16"),
        ("12.00", 1, 12, "1.00"),
        ("1.15", Fraction(3, 10), 1, "0.35"),
        ("27.98", 24, 24, "27.98"),
    ],
)
def test_a_part_costs_its_share_of_what_was_paid(amount, part, whole, right):
    assert cost_of_part(Decimal(amount), Fraction(part), Fraction(whole)) == Decimal(right)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Fraction(1, 3), "0.333333"),
        (Fraction(2, 3), "0.666667"),
        (Fraction(-2, 3), "-0.666667"),
        (Fraction(5, 10_000_000), "0.000001"),
        (Fraction(-5, 10_000_000), "-0.000001"),
    ],
)
def test_fractions_are_rounded_half_away_from_zero(value, told):
    assert to_decimal(value) == Decimal(told)
