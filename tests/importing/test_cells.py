"""Amounts and days as people, spreadsheets and 1C write them."""

from datetime import date
from decimal import Decimal

import pytest

from portal.importing.cells import CellFault, read_day, read_money, read_number, read_price, read_quantity, read_rate


@pytest.fixture(autouse=True)
def context(app):
    """Sentences need a language."""
    with app.test_request_context():
        yield


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 234,56", "1234.56"), ("1.234,56", "1234.56"), ("112,748,946.35", "112748946.35"), ("1 234", "1234"),
        ("1\u00a0234,56 ₽", "1234.56"), ("1\u202f234.5 руб.", "1234.5"), ("1'234.50", "1234.50"), ("1,234", "1.234"),
        ("1.234.567", "1234567"), ("-5,5", "-5.5"), ("\u22125", "-5"), ("(1 234,56)", "-1234.56"), ("0,5", "0.5"),
        (",5", "0.5"), ("12", "12"), ("0", "0"), ("12,", None), ("'-7", "-7"), ("123.0", "123.0"),
    ],
)  # fmt: skip
def test_numbers_are_read_by_their_last_separator(text, number):
    if number is None:
        with pytest.raises(CellFault):
            read_number(text)
    else:
        assert read_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    ["", "—", "abc", "1e400", "NaN", "Infinity", "1_000", "١٢", "1,2.3,4", "12.34.5", "1,23,456", "--5", "5-", "#REF!",
     "(5", "0x10", "5 kg", "²", "1.234,567.8"],
)  # fmt: skip
def test_what_is_no_number_is_told_and_never_zero(text):
    with pytest.raises(CellFault) as fault:
        read_number(text)
    assert fault.value.sentence


def test_three_decimals_are_a_quantity_and_an_error_as_money():
    assert read_quantity("1,234") == Decimal("1.234")
    for text in ("1,234", "1.234", "-12,500", "123.456 ₽"):
        with pytest.raises(CellFault, match="two ways"):
            read_money(text)


@pytest.mark.parametrize(
    ("text", "money"),
    [("439.6185", "439.62"), ("0.125", "0.13"), ("-0.125", "-0.13"), ("0.005", "0.01"), ("1234.565", "1234.57"),
     ("1 234,5", "1234.50"), ("1.234,565", "1234.57"), ("2.6750", "2.68"), ("1.00500", "1.01")],
)  # fmt: skip
def test_what_a_calculation_left_is_rounded_to_kopecks_half_away_from_zero(text, money):
    assert str(read_money(text)) == money


def test_amounts_that_no_column_holds_are_refused():
    assert read_money("999999999999,99") == Decimal("999999999999.99")
    for read, text in ((read_money, "1000000000000"), (read_quantity, "10000000000"), (read_price, "9" * 5000)):
        with pytest.raises(CellFault, match="too large"):
            read(text)


def test_a_quantity_has_at_most_four_decimals_and_a_price_is_rounded_to_them():
    assert read_quantity("2,3150") == Decimal("2.315")
    with pytest.raises(CellFault, match="At most four decimals"):
        read_quantity("0.33333")
    assert read_price("81.96721311") == Decimal("81.9672")


@pytest.mark.parametrize(
    "text",
    ["04.05.2026", "4.5.2026", "04.05.26", "2026-05-04", "2026-05-04 00:00:00", "04.05.2026 12:30", "04.05.2026 г.",
     "46146", "46146.5", " 04.05.2026\u00a0", "2026-05-04T10:00:00.000"],
)  # fmt: skip
def test_days_are_read_as_they_are_written(text):
    assert read_day(text) == date(2026, 5, 4)


def test_the_serial_of_a_spreadsheet_is_its_day():
    assert read_day("46145") == date(2026, 5, 3)


@pytest.mark.parametrize(
    "text", ["", "05/04/2026", "31.02.2026", "2026-13-01", "1234", "99999", "today", "4 мая", "2026"]
)
def test_what_is_no_day_is_told(text):
    with pytest.raises(CellFault) as fault:
        read_day(text)
    assert fault.value.sentence


@pytest.mark.parametrize(
    ("text", "rate"),
    [("22%", "22"), ("22 %", "22"), ("20", "20"), ("НДС 10%", "10"), ("22/122", "22"), ("10/110%", "10"), ("0", "0"),
     ("0%", "0"), ("0.22", "22"), ("0,1", "10"), ("без НДС", None), ("Без налога (НДС)", None), ("5 %", "5")],
)  # fmt: skip
def test_rates_of_vat_are_read_and_without_vat_is_not_zero(text, rate):
    assert read_rate(text) == (None if rate is None else Decimal(rate))


@pytest.mark.parametrize("text", ["", "много", "122", "-10", "10 20"])
def test_what_is_no_rate_is_told(text):
    with pytest.raises(CellFault):
        read_rate(text)
