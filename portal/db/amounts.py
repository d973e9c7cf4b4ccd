"""Amounts of money and quantities: mapped as exact numbers, rounded as papers are, written in the reader's language."""

import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

from babel.numbers import format_currency, format_decimal, get_currency_precision
from flask_babel import get_locale
from sqlalchemy import Dialect, Numeric
from sqlalchemy.types import TypeDecorator

from portal.db.units import Unit

DASH = "—"
NO_BREAK_SPACE = "\u00a0"
# Amounts are stored with two decimals: the few currencies that need three are not on offer.
MAX_CURRENCY_DECIMALS = 2
# What the last digit of a number with so many decimals stands for.
_LAST_DIGITS = [Decimal(1).scaleb(-scale) for scale in range(20)]
# Plain "en" is American in CLDR; the portal's English is British, as its dates are.
_LOCALES = {"en": "en_GB"}
# "RUB5.00": where a currency has no sign of its own, its code is a word.
_CODE_BEFORE_DIGIT = re.compile(r"(?<=[A-Z]{3})(?=[0-9])")


class ExactNumber(TypeDecorator[Decimal]):
    """A ``Decimal`` of so many digits, ``scale`` of them behind the point.

    Refused (``ValueError``) is what would not be exact: a float, what is no number, and more decimals than
    the column holds. Whoever divides decides where to round (``rounded``); the database never does it unseen.
    """

    impl = Numeric
    cache_ok = True
    precision: int
    scale: int

    def __init__(self, precision: int, scale: int) -> None:
        super().__init__(precision, scale)
        self.precision, self.scale = precision, scale

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        exact = value if isinstance(value, Decimal) else Decimal(value)
        if isinstance(value, float) or not exact.is_finite():
            raise ValueError(f"{value!r} is no exact number")
        if exact != rounded(exact, self.scale):
            raise ValueError(f"{value} has more than {self.scale} decimals")
        return exact

    def loggable(self, value: Decimal, row: Any) -> str:
        """A value of ``row`` as the log keeps it."""
        return plain(value)

    def shown(self, told: Decimal | str) -> str:
        """A value, or one that the log kept, in the reader's language."""
        return format_quantity(Decimal(told))


class Money(ExactNumber):
    """An amount in the currency that the row's ``currency`` names: a sum, or with ``scale`` 4 a price on paper.

    How many decimals people may write follows from the currency (``currency_decimals``).
    """

    cache_ok = True

    def __init__(self, precision: int = 14, scale: int = 2) -> None:
        super().__init__(precision, scale)

    def loggable(self, value: Decimal, row: Any) -> str:
        """With the currency of the day: the row may be in another one when the log is read."""
        return f"{plain(value)} {row.currency}"

    def shown(self, told: Decimal | str) -> str:
        """With the currency, where the log kept one; in a list that stands in a column of its own."""
        amount, _blank, currency = str(told).partition(" ")
        return format_money(Decimal(amount), currency) if currency else format_quantity(Decimal(amount))


class Quantity(ExactNumber):
    """How much of something, in the unit that a column beside it names; in base units with ``scale`` 6."""

    cache_ok = True

    def __init__(self, precision: int = 14, scale: int = 4) -> None:
        super().__init__(precision, scale)


def rounded(value: Decimal, scale: int = 2) -> Decimal:
    """Rounded to so many decimals, half away from zero, as papers are: 2.675 is 2.68, -0.125 is -0.13."""
    return value.quantize(_LAST_DIGITS[scale], ROUND_HALF_UP)


def plain(value: Decimal) -> str:
    """The number for machines: a point, no exponent, no zeros at the end: 2.5000 is "2.5", 1E+3 is "1000"."""
    told = format(value if value else abs(value), "f")
    return told.rstrip("0").rstrip(".") if "." in told else told


def currency_decimals(currency: str) -> int:
    """How many decimals amounts in a currency have: 2 for roubles, 0 for yen."""
    return min(get_currency_precision(currency), MAX_CURRENCY_DECIMALS)


def format_money(amount: Decimal | None, currency: str) -> str:
    """An amount with its currency, such as "1 234,50 ₽"; a dash for none."""
    return DASH if amount is None else _money(amount, currency, number_locale())


def format_quantity(value: Decimal | None, unit: str | None = None) -> str:
    """A quantity with its unit, such as "2,5 kg"; a dash for none."""
    if value is None:
        return DASH
    told = _decimal(value, number_locale())
    return f"{told}{NO_BREAK_SPACE}{Unit.read(unit).label}" if unit else told


def number_locale() -> str:
    """The locale in which the reader's numbers are written."""
    locale = str(get_locale() or "en")
    return _LOCALES.get(locale, locale)


@lru_cache(maxsize=4096)
def _money(amount: Decimal, currency: str, locale: str) -> str:
    # At least the currency's own decimals, and never fewer than the amount has.
    decimals = max(currency_decimals(currency), -int(amount.normalize().as_tuple().exponent))
    exact = amount.quantize(Decimal(1).scaleb(-decimals))
    told = format_currency(exact, currency, locale=locale, decimal_quantization=False)
    return _CODE_BEFORE_DIGIT.sub(NO_BREAK_SPACE, told)


@lru_cache(maxsize=4096)
def _decimal(value: Decimal, locale: str) -> str:
    return str(format_decimal(value.normalize(), locale=locale, decimal_quantization=False))
