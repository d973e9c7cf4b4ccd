"""Values of a list as the cells of a file."""

import math
import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from portal.db.amounts import plain

# A spreadsheet takes a cell that starts so for a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
# A plus and at least seven digits, in groups of which a blank or brackets part the first two: nothing to reckon with.
_TELEPHONE = re.compile(
    "\\+(?=(?:[^0-9]*[0-9]){7})[0-9]+(?:(?:[ \u00a0]|[ \u00a0]?\\([0-9]+\\)[ \u00a0]?)[0-9]+(?:[ \u00a0-][0-9]+)*)?"
)
# A number that a workbook keeps to its last digit; longer ones are texts there.
EXACT_DIGITS = 15


def cell(value: Any) -> str:
    """A value as one cell of a CSV: moments in ISO form, numbers as they are, formulas defused.

    A number is known by its type: a text that looks like one may go on as a formula, unless it is a telephone number.
    """
    told = told_plainly(value)
    if isinstance(value, Decimal | int | float) or not told.startswith(FORMULA_STARTS) or _TELEPHONE.fullmatch(told):
        return told
    return f"'{told}"


def told_plainly(value: Any) -> str:
    """A value as a text."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return plain(value) if isinstance(value, Decimal) else str(value)


def number_of(value: Any) -> float | int | None:
    """The value where it is a number that a workbook can reckon with."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float) or not math.isfinite(value):
        return None
    if len(re.sub(r"\D", "", told_plainly(value))) > EXACT_DIGITS:
        return None
    return float(value) if isinstance(value, Decimal) else value
