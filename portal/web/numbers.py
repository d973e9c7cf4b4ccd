"""Numbers as people write and read them: amounts of money and quantities, in the reader's language."""

import re
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import (
    format_currency,
    format_decimal,
    get_currency_name,
    get_currency_precision,
    get_decimal_symbol,
    get_territory_currencies,
)
from flask import Flask

from portal.db.currencies import MAX_CURRENCY_DECIMALS, currency_decimals
from portal.db.types import plain
from portal.db.units import Unit
from portal.web.language import choose_locale

DASH = "—"
NO_BREAK_SPACE = "\u00a0"
MAX_TYPED = 40
# Plain "en" is American in CLDR; the portal's English is British, as its dates are.
_LOCALES = {"en": "en_GB"}
_NEUTRAL = re.compile(r"[\s\u00a0\u2007\u2009\u202f₽]")
# "RUB5.00": where a currency has no sign of its own, its code is a word.
_CODE_BEFORE_DIGIT = re.compile(r"(?<=[A-Z]{3})(?=[0-9])")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_GROUPED = {mark: re.compile(rf"-?[0-9]{{1,3}}(?:{re.escape(mark)}[0-9]{{3}})+(?:[.,][0-9]+)?") for mark in ",."}


def install(app: Flask) -> None:
    """Teach the templates to write amounts and quantities."""
    app.jinja_env.filters.update(money=money, quantity=quantity)


def parse_number(text: str) -> Decimal:
    """The number that a person wrote; ``ValueError`` for anything else.

    Spaces of any kind and the rouble sign are dropped. Of two kinds of separator the last is the decimal mark
    ("1 234,50", "1.234,50", "112,748,946.35"); a single one is the decimal mark always. No exponents.
    """
    told = _NEUTRAL.sub("", text).replace("\u2212", "-")
    if len(told) > MAX_TYPED:
        raise ValueError("too long")
    number = _without_groups(told).replace(",", ".")
    if not _NUMBER.fullmatch(number):
        raise ValueError("no number")
    return Decimal(number)


def _without_groups(told: str) -> str:
    """The number without the separators of its thousands, where they stand in their places."""
    first = next((sign for sign in told if sign in ",."), None)
    if first is None or (told.count(",") + told.count(".") == 1):
        return told
    return told.replace(first, "") if _GROUPED[first].fullmatch(told) else told


def money(amount: Decimal | None, currency: str) -> str:
    """An amount with its currency, such as "1 234,50 ₽"; a dash for none."""
    return DASH if amount is None else _money(amount, currency, choose_locale())


def quantity(value: Decimal | None, unit: str | None = None) -> str:
    """A quantity with its unit, such as "2,5 kg"; a dash for none."""
    if value is None:
        return DASH
    told = _decimal(value, choose_locale())
    return f"{told}{NO_BREAK_SPACE}{Unit.read(unit).label}" if unit else told


def typed(value: Decimal) -> str:
    """A number as it stands in a field: the reader's decimal mark, and nothing between the thousands."""
    return plain(value).replace(".", get_decimal_symbol(_babel_locale(choose_locale())))


def currency_choices(also: str | None = None) -> list[tuple[str, str]]:
    """(code, label) of every currency in use, by code; ``also`` one more."""
    choices = _currency_choices(choose_locale())
    known = also is None or any(code == also for code, _label in choices)
    return list(choices) if known else [(str(also), str(also)), *choices]


@lru_cache(maxsize=4096)
def _money(amount: Decimal, currency: str, locale: str) -> str:
    # At least the currency's own decimals, and never fewer than the amount has.
    decimals = max(currency_decimals(currency), -int(amount.normalize().as_tuple().exponent))
    exact = amount.quantize(Decimal(1).scaleb(-decimals))
    told = format_currency(exact, currency, locale=_babel_locale(locale), decimal_quantization=False)
    return _CODE_BEFORE_DIGIT.sub(NO_BREAK_SPACE, told)


@lru_cache(maxsize=4096)
def _decimal(value: Decimal, locale: str) -> str:
    return str(format_decimal(value.normalize(), locale=_babel_locale(locale), decimal_quantization=False))


@lru_cache(maxsize=8)
def _currency_choices(locale: str) -> tuple[tuple[str, str], ...]:
    words = _babel_locale(locale)
    territories = Locale.parse("en").territories
    used = {code for territory in territories for code in get_territory_currencies(str(territory))}
    offered = sorted(code for code in used if get_currency_precision(code) <= MAX_CURRENCY_DECIMALS)
    return tuple((code, f"{code} · {get_currency_name(code, locale=words)}") for code in offered)


def _babel_locale(locale: str) -> str:
    return _LOCALES.get(locale, locale)
