"""The cells of a row as the line of a paper."""

from decimal import Decimal

import pytest

from portal.invoices.files.fields import Field
from portal.invoices.files.lines import Reading, is_sum, read_line

WITH_VAT, NET_PRICES = Reading(), Reading(prices_include_vat=False)


@pytest.fixture(autouse=True)
def context(app):
    """Sentences need a language."""
    with app.test_request_context():
        yield


def line(reading=WITH_VAT, **cells):
    found = read_line({Field(name): text for name, text in cells.items()}, reading)
    assert found.problems == []
    return found


def problems(reading=WITH_VAT, **cells):
    return dict(read_line({Field(name): text for name, text in cells.items()}, reading).problems)


def amounts(found):
    told = (found.quantity, found.unit_price, found.line_total, found.vat_rate, found.vat_amount)
    return tuple(map(str, told))


def test_what_the_file_states_is_taken_as_stated():
    cells = {"quantity": "3", "price": "33,33", "net": "99,99", "rate": "22%", "vat": "21,99", "total": "121,98"}
    assert amounts(line(NET_PRICES, **cells)) == ("3", "33.3300", "121.98", "22", "21.99")


def test_the_total_follows_from_quantity_and_price_with_vat_in_them_or_on_top():
    assert amounts(line(quantity="2,315", price="189,90", rate="10")) == ("2.315", "189.9000", "439.62", "10", "39.97")
    on_top = line(NET_PRICES, quantity="1", price="819,67", rate="22")
    assert amounts(on_top) == ("1", "819.6700", "1000.00", "22", "180.33")


def test_the_total_follows_from_the_amount_without_vat():
    found = line(NET_PRICES, quantity="2", net="819,67", rate="22")
    assert amounts(found) == ("2", "409.8350", "1000.00", "22", "180.33")
    assert amounts(line(NET_PRICES, net="100", vat="10")) == ("1", "100.0000", "110.00", "10", "10.00")


def test_the_price_follows_from_the_total():
    assert amounts(line(quantity="12", total="1092", rate="без НДС")) == ("12", "91.0000", "1092.00", "None", "0.00")
    found = line(NET_PRICES, quantity="12", total="1220", rate="22")
    assert amounts(found) == ("12", "83.3333", "1220.00", "22", "220.00")


def test_the_rate_follows_from_the_amount_of_vat():
    assert line(total="1000", vat="180,33").vat_rate == Decimal(22)
    assert line(total="1000", vat="166,67").vat_rate == Decimal(20)
    assert line(total="1000", vat="47,62").vat_rate == Decimal(5)
    assert line(total="150", vat="без НДС").vat_rate is None
    assert line(total="1000", vat="20%").vat_amount == Decimal("166.67")
    assert problems(total="1000", vat="300") == {Field.RATE: "There is VAT, and no rate of it."}


def test_without_vat_and_zero_percent_are_two_things():
    assert line(total="100", rate="без НДС").vat_rate is None
    assert line(total="100", rate="0%").vat_rate == 0


def test_where_the_file_names_no_rate_the_one_said_for_all_counts():
    found = line(Reading(default_rate=Decimal(10)), total="480")
    assert amounts(found) == ("1", "480.0000", "480.00", "10", "43.64")


def test_a_discount_is_taken_off():
    found = line(NET_PRICES, quantity="16", price="348,35", discount="222,94", rate="22")
    assert (found.line_total, found.vat_amount) == (Decimal("6527.81"), Decimal("1177.15"))


@pytest.mark.parametrize(
    ("quantity", "told"),
    [("0", "more than 0"), ("-1", "credit note"), ("0,00001", "four decimals"), ("1e400", "not a number"),
     ("NaN", "not a number"), ("много", "not a number"), ("", "Fill this in"), ("10000000000", "too large")],
)  # fmt: skip
def test_a_quantity_that_cannot_be_is_told(quantity, told):
    assert told in problems(description="x", quantity=quantity, price="1")[Field.QUANTITY]


def test_amounts_that_cannot_be_are_told():
    assert "two ways" in problems(total="1,234")[Field.TOTAL]
    assert "Fill this in" in problems(description="Молоко", quantity="1", price="", total="")[Field.TOTAL]
    assert "credit note" in problems(quantity="1", total="-100")[Field.TOTAL]
    assert "below 0" in problems(quantity="1", price="-5")[Field.PRICE]
    assert "not a rate" in problems(total="100", rate="пять")[Field.RATE]


@pytest.mark.parametrize(
    "cells", [{"quantity": "0.0001", "total": "900000000000"}, {"quantity": "9000", "price": "9" * 11}]
)
def test_amounts_that_come_to_more_than_can_be_kept_are_told(cells):
    assert "more than can be kept" in problems(**cells)[Field.TOTAL]


def test_an_empty_cell_of_an_amount_is_never_zero():
    # What a failed formula leaves.
    assert Field.TOTAL in problems(description="Молоко", quantity="2", total="")


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_credit_note_gives_back_whatever_signs_its_file_has(sign):
    cells = {"quantity": f"{sign}2", "price": "50", "total": f"{sign}100", "rate": "10", "vat": f"{sign}9,09"}
    assert amounts(line(Reading(is_credit=True), **cells)) == ("-2", "50.0000", "-100.00", "10", "-9.09")


def test_sums_are_no_lines():
    assert is_sum({Field.DESCRIPTION: "Итого:", Field.TOTAL: "100"})
    assert is_sum({Field.NUMBER: "", Field.DESCRIPTION: "", Field.UNIT: "Всего к оплате", Field.PRICE: "X"})
    assert not is_sum({Field.DESCRIPTION: "Молоко", Field.PRICE: "5"})
    assert not is_sum({Field.DESCRIPTION: "Всего понемногу, набор", Field.PRICE: "5"})
