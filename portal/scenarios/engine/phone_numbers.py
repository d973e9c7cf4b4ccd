"""Telephone numbers that people type: with the country in front, as long as that country's numbers are."""

import re

_BETWEEN_DIGITS = re.compile(r"[\s().\-\u00a0\u2010-\u2015]")
# How many digits follow where every number of the country has as many (Recommendation E.164 and the national plans):
# Russia and Kazakhstan, Belarus, Uzbekistan, Armenia, Georgia.
COUNTRY_DIGITS = {"+7": 10, "+375": 9, "+998": 9, "+374": 8, "+995": 9}


def read_phone(text: str, language: str) -> str | None:
    """A number as ``+79001234567``. In Russian ``8 900 …`` and ``900 …`` are numbers of the country itself."""
    digits = _BETWEEN_DIGITS.sub("", text[:60])
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    if language == "ru" and re.fullmatch(r"8[3-9][0-9]{9}|9[0-9]{9}", digits):
        return f"+7{digits[-10:]}"
    return _international(digits)


def shared_phone(text: str, language: str) -> str | None:
    """The number of a contact card: platforms leave the plus out where people type it."""
    bare = _BETWEEN_DIGITS.sub("", text[:60])
    return read_phone(bare if bare.startswith(("+", "00", "8", "9")) else f"+{bare}", language)


def _international(digits: str) -> str | None:
    if re.fullmatch(r"\+[1-9][0-9]{6,14}", digits):
        return digits
    # With eleven digits and more the country is in front, whether or not somebody typed the plus.
    return f"+{digits}" if re.fullmatch(r"[1-9][0-9]{10,14}", digits) else None


def wrong_length(phone: str) -> str | None:
    """The country of a number that has not as many digits as its numbers have; None where nothing is known of it."""
    return next(
        (code for code, most in COUNTRY_DIGITS.items() if phone.startswith(code) and len(phone) != len(code) + most),
        None,
    )
