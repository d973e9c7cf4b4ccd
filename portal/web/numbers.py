"""Numbers as people write them, and the currencies they may choose among."""

import re
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import get_currency_name, get_currency_precision, get_decimal_symbol, get_territory_currencies
from flask import Flask

from portal.db.amounts import MAX_CURRENCY_DECIMALS, format_money, format_quantity, number_locale, plain

MAX_TYPED = 40
_NEUTRAL = re.compile(r"[\s\u00a0\u2007\u2009\u202f₽]")
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_GROUPED = {mark: re.compile(rf"-?[0-9]{{1,3}}(?:{re.escape(mark)}[0-9]{{3}})+(?:[.,][0-9]+)?") for mark in ",."}


def install(app: Flask) -> None:
    """Teach the templates to write amounts and quantities."""
    app.jinja_env.filters.update(money=format_money, quantity=format_quantity)


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


def typed(value: Decimal) -> str:
    """A number as it stands in a field: the reader's decimal mark, and nothing between the thousands."""
    return plain(value).replace(".", get_decimal_symbol(number_locale()))


def currency_choices(also: str | None = None) -> list[tuple[str, str]]:
    """(code, label) of every currency in use, by code; ``also`` one more."""
    choices = _currency_choices(number_locale())
    known = also is None or any(code == also for code, _label in choices)
    return list(choices) if known else [(str(also), str(also)), *choices]


@lru_cache(maxsize=8)
def _currency_choices(locale: str) -> tuple[tuple[str, str], ...]:
    territories = Locale.parse("en").territories
    used = {code for territory in territories for code in get_territory_currencies(str(territory))}
    offered = sorted(code for code in used if get_currency_precision(code) <= MAX_CURRENCY_DECIMALS)
    return tuple((code, f"{code} · {get_currency_name(code, locale=locale)}") for code in offered)
