"""Currencies by their ISO 4217 codes."""

from babel.numbers import get_currency_precision

# Amounts are stored with two decimals: the few currencies that need three are not on offer.
MAX_CURRENCY_DECIMALS = 2


def currency_decimals(currency: str) -> int:
    """How many decimals amounts in a currency have: 2 for roubles, 0 for yen."""
    return min(get_currency_precision(currency), MAX_CURRENCY_DECIMALS)
