"""When two papers look like one, rule by rule; the sixteen cases with their numbers stand in test_duplicates.py."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from portal.invoices.likeness import Known, Likeness, Rule, is_split, rule_of

SUPPLIER, OTHER_CARD, STORE, OTHER_STORE = (UUID(int=number) for number in range(4))
PAPER = Likeness(
    supplier_id=SUPPLIER,
    tax_id="7707083893",
    store_id=STORE,
    kind="invoice",
    key="YT123",
    core="123",
    day=date(2026, 5, 4),
    total=Decimal("900.00"),
)


def like(**changes):
    return replace(PAPER, **changes)


def days_later(number):
    return PAPER.day + timedelta(days=number)


def test_the_same_number_in_one_year_stops_whatever_else_differs():
    other = like(day=date(2026, 11, 30), total=Decimal(1400), store_id=OTHER_STORE)
    assert rule_of(other, PAPER) is Rule.SAME_NUMBER
    assert Rule.SAME_NUMBER.is_stop
    assert [rule for rule in Rule if rule.is_stop] == [Rule.SAME_NUMBER]


def test_another_card_asks_by_its_tax_number_alone():
    assert rule_of(like(supplier_id=OTHER_CARD), PAPER) is Rule.SAME_TAX_ID
    assert rule_of(like(supplier_id=OTHER_CARD, tax_id="7830002293"), PAPER) is None
    nameless = like(tax_id=None)
    assert rule_of(replace(nameless, supplier_id=OTHER_CARD), nameless) is None


@pytest.mark.parametrize(("days", "rule"), [(31, Rule.SAME_DIGITS), (32, None)])
def test_the_same_digits_and_total_ask_within_a_month(days, rule):
    assert rule_of(like(key="123", day=days_later(days)), PAPER) is rule
    assert rule_of(like(key="123", day=days_later(-days)), PAPER) is rule
    assert rule_of(like(key="123", day=days_later(days), total=Decimal(950)), PAPER) is None


@pytest.mark.parametrize(
    ("day", "rule"),
    [(date(2027, 5, 7), Rule.OTHER_YEAR), (date(2027, 5, 8), None), (date(2025, 5, 1), Rule.OTHER_YEAR),
     (date(2025, 4, 30), None)],
)  # fmt: skip
def test_a_mistyped_year_asks_within_three_days_of_the_year(day, rule):
    assert rule_of(like(day=day), PAPER) is rule
    assert rule_of(like(day=day, total=Decimal(1250)), PAPER) is None


def test_a_leap_day_has_its_day_in_the_next_year():
    leap = like(day=date(2028, 2, 29))
    assert rule_of(like(day=date(2029, 3, 4)), leap) is Rule.OTHER_YEAR
    assert rule_of(like(day=date(2029, 3, 5)), leap) is None


def test_the_turn_of_the_year_is_within_a_month():
    assert rule_of(like(day=date(2026, 1, 2)), like(day=date(2025, 12, 30))) is Rule.OTHER_YEAR
    assert rule_of(like(day=date(2026, 1, 31)), like(day=date(2025, 12, 30))) is None


def test_papers_without_a_number_are_compared_by_their_delivery_and_their_file():
    blank = like(key="", core="")
    assert rule_of(blank, blank) is Rule.SAME_DELIVERY
    assert rule_of(replace(blank, total=Decimal(950)), blank) is None
    with_file = replace(blank, total=Decimal(950), files=frozenset({"ab"}))
    assert rule_of(with_file, replace(blank, files=frozenset({"ab", "cd"}))) is Rule.SAME_FILE


def test_empty_cores_are_not_the_same_digits():
    assert rule_of(like(key="AБB", core="", day=days_later(1)), like(key="ГДЖ", core="")) is None


def test_another_number_on_the_same_delivery_asks():
    assert rule_of(like(key="502", core="502"), PAPER) is Rule.SAME_DELIVERY
    assert rule_of(like(key="502", core="502", store_id=OTHER_STORE), PAPER) is None
    assert rule_of(like(key="502", core="502", total=Decimal(0)), like(total=Decimal(0))) is None


def test_a_credit_note_is_no_double_of_its_invoice_unless_the_file_is():
    assert rule_of(like(kind="credit_note"), PAPER) is None
    shown = frozenset({"ab"})
    assert rule_of(like(kind="credit_note", files=shown), like(files=shown)) is Rule.SAME_FILE


def test_a_paper_is_split_over_stores_where_each_has_its_own_total():
    assert is_split(like(store_id=OTHER_STORE, total=Decimal(100)), PAPER)
    assert not is_split(like(store_id=OTHER_STORE), PAPER)
    assert not is_split(like(total=Decimal(100)), PAPER)


def test_what_is_known_is_found_once_by_whatever_it_has_in_common():
    known = Known()
    known.add(PAPER, "first")
    known.add(like(key="9", core="9", total=Decimal(1)), "unlike")
    assert [(rule, row) for rule, _former, row in known.like(PAPER)] == [(Rule.SAME_NUMBER, "first")]
    assert [row for _rule, _former, row in known.like(like(key="123", day=days_later(3)))] == ["first"]
    assert list(known.like(like(key="77", core="77", day=days_later(3)))) == []
