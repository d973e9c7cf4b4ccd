"""Prices as people read them: two decimals, four where the unit costs less than one; never what is reckoned with."""

from decimal import Decimal

from babel.numbers import format_decimal

from portal.db.amounts import DASH, NO_BREAK_SPACE, format_money, format_quantity, number_locale, rounded

SMALL = Decimal(1)


def shown_price(price: Decimal) -> Decimal:
    """The price rounded for the eye."""
    return rounded(price, 4 if abs(price) < SMALL else 2)


def format_price(price: Decimal | None, currency: str, unit: str | None = None) -> str:
    """Such as "107,06 ₽ / kg"; a dash where it is not known."""
    if price is None:
        return DASH
    told = format_money(shown_price(price), currency)
    return f"{told}{NO_BREAK_SPACE}/{NO_BREAK_SPACE}{unit}" if unit else told


def bare_price(price: Decimal) -> str:
    """The number alone, for a column whose head says the rest."""
    shown = shown_price(price)
    return str(format_decimal(shown, "#,##0.00##", locale=number_locale(), decimal_quantization=False))


def format_change(percent: Decimal | None) -> str:
    """Such as "+7.06 %"; nothing changed, or there was nothing before, is a dash."""
    if not percent:
        return DASH
    told = format_quantity(rounded(abs(percent)))
    sign = "+" if percent > 0 else "\u2212"
    return f"{sign}{told}{NO_BREAK_SPACE}%"
