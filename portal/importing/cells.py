"""What people and programs write into cells, as amounts and days: exact, or refused with a sentence."""

import re
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from flask_babel import gettext as _

# Columns hold so much: numeric(14,2) and numeric(14,4).
MAX_MONEY = Decimal(10) ** 12
MAX_QUANTITY = Decimal(10) ** 10
_KOPECK, _FOUR_DECIMALS = Decimal("0.01"), Decimal("0.0001")
MAX_TOLD = 60
GROUP = 3
CENTURY = 2000

# Spaces of every kind, apostrophes that part thousands or keep a text from being calculated, and marks of money.
_DROPPED = re.compile(r"[\s\u00a0\u2007\u2009\u202f\u2060\ufeff'’₽]+|руб\.?|р\.|RUB|RUR", re.IGNORECASE)
_MINUS = str.maketrans("\u2212\u2013\u2011", "---")
_NUMBER = re.compile(r"\d*(?:[.,]\d+)*")
# As most cells are written: there is nothing to guess about them.
_PLAIN = re.compile(r"[0-9]+(?:[.,][0-9]+)?")
_TWO_WAYS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})(?:\s*г\.?)?")
_ISO_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_TIME = re.compile(r"[T\s]+\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$")
# Days as spreadsheets count them, in a cell that was not formatted as one: from 2000 to 2099.
_SERIAL = re.compile(r"(\d{5})(?:\.\d+)?")
_FIRST_DAY = date(1899, 12, 30)
_SERIALS = range(36_526, 73_051)
_RATE = re.compile(r"(?:ндс)?(\d{1,2}(?:[.,]\d{1,2})?)(?:%|/1\d{2}%?)?")
_NO_VAT = re.compile(
    r"без\s*(налога|ндс)(\s*\(ндс\))?|не\s*облагается|ндс\s*не\s*облагается|no\s*vat|without\s*vat|exempt|—|-"
)


class CellFault(Exception):
    """A cell that cannot be taken; ``sentence`` says what to write instead."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def read_number(text: str) -> Decimal:
    """A number as people write it: of two kinds of separator the last is the decimal mark.

    A single separator that stands once is the decimal mark, one that stands several times parts thousands.
    """
    if _PLAIN.fullmatch(text):
        return Decimal(text.replace(",", "."))
    digits = _DROPPED.sub("", text.translate(_MINUS))
    negative = digits.startswith("-") or (digits.startswith("(") and digits.endswith(")"))
    digits = digits[1:-1] if digits.startswith("(") and digits.endswith(")") else digits.removeprefix("-")
    if not digits.isascii() or not any(map(str.isdigit, digits)) or not _NUMBER.fullmatch(digits):
        raise CellFault(_("“%(text)s” is not a number.", text=text[:MAX_TOLD]))
    whole, fraction = _parted(digits, text)
    value = Decimal(f"{whole or '0'}.{fraction or '0'}" if fraction else whole or "0")
    return -value if negative else value


def _parted(digits: str, text: str) -> tuple[str, str]:
    """The digits before and after the decimal mark, without what parts thousands."""
    points, commas = digits.count("."), digits.count(",")
    mark = max(".,", key=digits.rfind) if points and commas else "." if points else ","
    if points and commas and digits.count(mark) > 1:
        raise CellFault(_("“%(text)s” is not a number.", text=text[:MAX_TOLD]))
    if not (points and commas) and points + commas > 1:
        whole, fraction = digits, ""
    else:
        whole, _mark, fraction = digits.rpartition(mark) if mark in digits else (digits, "", "")
    groups = re.split(r"[.,]", whole)
    if len(groups) > 1 and (not groups[0] or any(len(group) != GROUP for group in groups[1:])):
        raise CellFault(_("“%(text)s” is not a number.", text=text[:MAX_TOLD]))
    return "".join(groups), fraction


def read_money(text: str) -> Decimal:
    """An amount in whole kopecks.

    Three digits after a mark may as well be thousands: nobody guesses. Other decimals beyond two are left over
    from a calculation, and rounded half away from zero as the spreadsheet shows them.
    """
    value = read_number(text)
    if value.as_tuple().exponent == -GROUP and _TWO_WAYS.fullmatch(_DROPPED.sub("", text).strip("-\u2212()")):
        raise CellFault(_("“%(text)s” may be read in two ways. Write it with two decimals.", text=text[:MAX_TOLD]))
    if abs(value) >= MAX_MONEY:
        raise CellFault(_("“%(text)s” is too large.", text=text[:MAX_TOLD]))
    return value.quantize(_KOPECK, ROUND_HALF_UP)


def read_quantity(text: str) -> Decimal:
    """A quantity, or a price of a unit, with four decimals at most."""
    value = read_number(text)
    if abs(value) >= MAX_QUANTITY:
        raise CellFault(_("“%(text)s” is too large.", text=text[:MAX_TOLD]))
    if value != value.quantize(_FOUR_DECIMALS, ROUND_HALF_UP):
        raise CellFault(_("At most four decimals: “%(text)s”.", text=text[:MAX_TOLD]))
    return value


def read_price(text: str) -> Decimal:
    """A price of a unit: what is calculated is rounded to the four decimals that are kept, half away from zero."""
    value = read_number(text)
    if abs(value) >= MAX_MONEY:
        raise CellFault(_("“%(text)s” is too large.", text=text[:MAX_TOLD]))
    return value.quantize(_FOUR_DECIMALS, ROUND_HALF_UP)


def read_day(text: str) -> date:
    """A day as 04.05.2026, 04.05.26, 2026-05-04 with or without a time, or 46146 where a cell lost its format."""
    told = _TIME.sub("", text.replace("\u00a0", " ").strip())
    try:
        if found := _DAY.fullmatch(told):
            day, month, year = map(int, found.groups())
            return date(year + CENTURY if len(found[3]) == 2 else year, month, day)
        if found := _ISO_DAY.fullmatch(told):
            return date(*map(int, found.groups()))
    except ValueError as error:
        raise CellFault(_("There is no day “%(text)s”.", text=text[:MAX_TOLD])) from error
    serial = _SERIAL.fullmatch(told)
    if serial and int(serial[1]) in _SERIALS:
        return _FIRST_DAY + timedelta(days=int(serial[1]))
    raise CellFault(_("“%(text)s” is not a day. Write it as 04.05.2026.", text=text[:MAX_TOLD]))


def read_rate(text: str) -> Decimal | None:
    """A rate of VAT in percent, ``None`` for “without VAT”, which is not 0 %."""
    told = " ".join(text.casefold().split())
    if _NO_VAT.fullmatch(told):
        return None
    found = _RATE.fullmatch(told.replace(" ", ""))
    if not found:
        raise CellFault(_("“%(text)s” is not a rate of VAT, such as 22 or “without VAT”.", text=text[:MAX_TOLD]))
    rate = Decimal(found[1].replace(",", "."))
    # A cell formatted as percent holds a share of one.
    return rate * 100 if 0 < rate < 1 and "%" not in told else rate
