"""Numbers, phone numbers, e-mail addresses and places out of what people type; None for what is none."""

import re

_NUMBER = re.compile(r"(?P<sign>[+-]?)(?P<whole>[0-9]{1,15})(?:[.,](?P<rest>[0-9]{1,9}))?")
_GROUPED = re.compile(r"(?<=[0-9])[ \u00a0\u2009\u202f](?=[0-9]{3}(?![0-9]))")
_BETWEEN_DIGITS = re.compile(r"[\s().\-\u00a0\u2010-\u2015]")
_EMAIL = re.compile(r"(?P<name>[\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*)@(?P<domain>[\w.-]+)")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_][\w-]{0,61}[^\W_]")
_DEGREES = r"[+-]?[0-9]{1,3}(?:\.[0-9]{1,20})?"
_PLACE = re.compile(rf"\s*(?P<latitude>{_DEGREES})\s*[,; ]\s*(?P<longitude>{_DEGREES})\s*")
LONGEST_EMAIL = 254


def read_number(text: str) -> int | float | None:
    """``12``, ``-3,5``, ``1 500``; at most 15 digits before the comma or dot and 9 behind it."""
    found = _NUMBER.fullmatch(_GROUPED.sub("", text.strip().replace("\u2212", "-")))
    if found is None:
        return None
    whole, rest = found["sign"] + found["whole"], (found["rest"] or "").rstrip("0")
    return float(f"{whole}.{rest}") if rest else int(whole)


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


def read_email(text: str) -> str | None:
    """An address as it was typed, its domain in small letters."""
    found = _EMAIL.fullmatch(text) if len(text) <= LONGEST_EMAIL else None
    if found is None or len(found["name"]) > 64 or not _DOMAIN.fullmatch(found["domain"]):
        return None
    return f"{found['name']}@{found['domain'].lower()}"


def read_place(text: str) -> dict[str, float] | None:
    """``55.75, 37.61`` in degrees."""
    found = _PLACE.fullmatch(text[:100])
    return place_of(float(found["latitude"]), float(found["longitude"])) if found else None


def place_of(latitude: float, longitude: float) -> dict[str, float] | None:
    """A place as it is stored; None where it is not on earth."""
    is_on_earth = abs(latitude) <= 90 and abs(longitude) <= 180
    return {"latitude": latitude, "longitude": longitude} if is_on_earth else None
