"""ИНН and КПП: the numbers by which Russian tax offices know a company or an entrepreneur.

What each is made of says order ММВ-7-6/435@ of the Federal Tax Service of 29.06.2012.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from portal.db.types import LabelledEnum

COMPANY_DIGITS, PERSON_DIGITS = 10, 12
# What each digit before a check digit is multiplied by; the weights of a shorter number end those of a longer one.
_WEIGHTS = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_CHECK_DIGITS = {COMPANY_DIGITS: 1, PERSON_DIGITS: 2}
# Four digits of the tax office, two signs of the reason, three digits of the order.
_REGISTRATION_CODE = re.compile(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}")


class TaxIdFault(LabelledEnum):
    """Why a text is no ИНН; the label says it to people."""

    SIGNS = "signs", _l("Write digits alone, such as 7707083893.")
    LENGTH = "length", _l("Write 10 digits of a company or 12 of an entrepreneur.")
    SUM = "sum", _l("One of the digits is wrong: the last ones do not fit the others.")
    ZEROS = "zeros", _l("Zeros alone are nobody's number.")


@dataclass(frozen=True, slots=True)
class TaxId:
    """An ИНН that can be one; ``restored`` where the zero in front is ours, which spreadsheets drop."""

    value: str
    restored: bool = False


def check_tax_id(text: str) -> TaxId | TaxIdFault:
    """The ИНН that a text is, blanks aside, or what is wrong with it."""
    digits = "".join(text.split())
    if not re.fullmatch(r"[0-9]+", digits):
        return TaxIdFault.SIGNS
    if not digits.strip("0"):
        return TaxIdFault.ZEROS
    if len(digits) in _CHECK_DIGITS:
        return TaxId(digits) if _fits(digits) else TaxIdFault.SUM
    whole = f"0{digits}"
    return TaxId(whole, restored=True) if len(whole) in _CHECK_DIGITS and _fits(whole) else TaxIdFault.LENGTH


def is_registration_code(text: str) -> bool:
    """Whether a text is a КПП; its two letters are Latin capitals."""
    return _REGISTRATION_CODE.fullmatch(text) is not None


def _fits(digits: str) -> bool:
    """Whether each check digit follows from the digits before it."""
    numbers = [int(each) for each in digits]
    places = range(len(numbers) - _CHECK_DIGITS[len(numbers)], len(numbers))
    return all(numbers[place] == _check_digit(numbers[:place]) for place in places)


def _check_digit(before: Sequence[int]) -> int:
    weights = _WEIGHTS[-len(before) :]
    return sum(digit * weight for digit, weight in zip(before, weights, strict=True)) % 11 % 10
