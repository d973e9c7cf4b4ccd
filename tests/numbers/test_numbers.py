"""Numbers as people write and read them."""

from decimal import Decimal

import pytest
from sqlalchemy.dialects import postgresql
from werkzeug.datastructures import MultiDict
from wtforms import Form

from portal.db.amounts import Money, Quantity, currency_decimals, format_money, format_quantity, plain, rounded
from portal.web.forms import Required
from portal.web.listing.export import cell
from portal.web.numbers import MoneyField, QuantityField, currency_choices, parse_number, typed

DIALECT = postgresql.dialect()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 234,50", "1234.50"),
        ("1234.5", "1234.5"),
        ("1\u00a0234,50 ₽", "1234.50"),
        ("1\u202f234,50", "1234.50"),
        ("1\u2009234", "1234"),
        ("1.234,56", "1234.56"),
        ("112,748,946.35", "112748946.35"),
        ("112.748.946", "112748946"),
        ("1,234", "1.234"),
        ("-5", "-5"),
        ("\u22125,5", "-5.5"),
        ("0", "0"),
    ],
)
def test_a_number_is_read_as_people_write_it(text, number):
    assert parse_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    ["", "-", "NaN", "nan", "sNaN", "Infinity", "-inf", "1e5", "1E400", "0x10", "1_000", "+5", "5-", "--5", ".5", "5.",
     "1.2.3", "1,23,4", "1,234.567,8", "1.234,5.6", "١٢", "²", "five", "5 kg", "9" * 41, "9" * 100_000],
)  # fmt: skip
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match=r"no number|too long"):
        parse_number(text)


@pytest.mark.parametrize(
    ("value", "told"), [("0.125", "0.13"), ("2.675", "2.68"), ("1.005", "1.01"), ("-0.125", "-0.13"), ("1", "1.00")]
)
def test_halves_are_rounded_away_from_zero(value, told):
    assert str(rounded(Decimal(value))) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [("2.5000", "2.5"), ("1E+3", "1000"), ("100", "100"), ("-0.00", "0"), ("-5.10", "-5.1"), ("0", "0")],
)
def test_a_number_for_machines_has_no_exponent_and_no_needless_zeros(value, told):
    assert plain(Decimal(value)) == told


@pytest.mark.parametrize("value", [1.5, float("nan"), Decimal("NaN"), Decimal("Infinity"), Decimal("1.005")])
def test_what_a_column_would_have_to_round_is_never_stored(value):
    with pytest.raises(ValueError, match=r"exact|decimals"):
        Money().process_bind_param(value, DIALECT)


def test_a_column_takes_what_it_can_keep_exactly():
    assert Money().process_bind_param(Decimal("1.500"), DIALECT) == Decimal("1.5")
    assert Money(16, 4).process_bind_param(Decimal("81.9725"), DIALECT) == Decimal("81.9725")
    assert Quantity(18, 6).process_bind_param(Decimal("0.000001"), DIALECT) == Decimal("0.000001")
    assert Quantity().process_bind_param(3, DIALECT) == 3
    assert Quantity().process_bind_param(None, DIALECT) is None


@pytest.fixture(params=["en", "ru"])
def locale(request, app):
    with app.test_request_context(headers={"Accept-Language": request.param}):
        yield request.param


WRITTEN = [
    (lambda: format_money(Decimal("1234.5"), "RUB"), "RUB_1,234.50", "1_234,50_₽"),
    (lambda: format_money(Decimal(-5), "RUB"), "-RUB_5.00", "-5,00_₽"),
    (lambda: format_money(Decimal("500.00"), "JPY"), "JP¥500", "500_¥"),
    (lambda: format_money(Decimal("81.9725"), "RUB"), "RUB_81.9725", "81,9725_₽"),
    (lambda: format_money(None, "RUB"), "—", "—"),
    (lambda: format_quantity(Decimal("1234567.1250")), "1,234,567.125", "1_234_567,125"),
    (lambda: format_quantity(Decimal("2.0000"), "kg"), "2_kg", "2_кг"),
    (lambda: typed(Decimal("1234.50")), "1234.5", "1234,5"),
]


def test_amounts_and_quantities_are_written_in_the_readers_language(locale):
    for write, english, russian in WRITTEN:
        expected = {"en": english, "ru": russian}[locale]
        assert write() == expected.replace("_", "\u00a0")


def test_currencies_are_offered_by_their_names_and_a_strange_one_stays(locale):
    offered = dict(currency_choices())
    assert {"en": "RUB · Russian Rouble", "ru": "RUB · российский рубль"}[locale] == offered["RUB"]
    # Three decimals are more than amounts are stored with.
    assert "KWD" not in offered
    assert currency_choices(also="XXQ")[0] == ("XXQ", "XXQ")
    assert [currency_decimals(code) for code in ("RUB", "JPY", "KWD")] == [2, 0, 2]


class Fields(Form):
    price = MoneyField("Price", [Required()])
    bounded = QuantityField("Quantity", at_least=0)


def filled(**values):
    return Fields(MultiDict({"price": "1"} | values))


def test_a_zero_is_filled_in_and_an_empty_field_is_not(locale):
    assert filled(price="0").validate()
    form = filled(price=" ")
    assert not form.validate()
    assert form.price.data is None
    assert len(form.price.errors) == 1


def test_what_was_typed_stays_and_its_own_error_is_told(locale):
    form = filled(price="1e5")
    assert not form.validate()
    assert 'value="1e5"' in form.price()
    assert len(form.price.errors) == 1
    assert typed(Decimal("1234.5")) in form.price.errors[0]


def test_a_stored_number_stands_in_its_field_without_needless_zeros(locale):
    form = Fields(price=Decimal("1234.50"))
    assert f'value="{typed(Decimal("1234.5"))}"' in form.price()


@pytest.mark.parametrize("value", ["12345678901", "-1", "0.00001"])
def test_what_a_quantity_cannot_be_is_refused(locale, value):
    form = filled(bounded=value)
    assert not form.validate()
    assert form.bounded.errors


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (Decimal("-5.00"), "-5"),
        (-5, "-5"),
        (-0.5, "-0.5"),
        ("-5.00", "'-5.00"),
        ("-5", "'-5"),
        ("=1", "'=1"),
        (True, "True"),
    ],
)
def test_a_negative_number_stays_a_number_in_a_csv_and_a_text_is_defused(value, told):
    assert cell(value) == told
