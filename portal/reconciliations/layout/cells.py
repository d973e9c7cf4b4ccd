"""Amounts and days in cells."""

import re
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from flask_babel import gettext as _

from portal.reconciliations.layout.days import DAY, days_in


class CellFault(ValueError):
    """A cell cannot be read; the message says what is wrong with it."""


def read_money(text: str) -> Decimal:
    told = re.sub(r"[\s ₽]|руб\.?", "", text)
    negative = told.startswith(("-", "−", "("))
    told = told.strip("-−()")
    if not re.fullmatch(r"[\d.,]{1,24}", told) or re.fullmatch(r"\d+[.,]\d{3}", told):
        raise CellFault(_("“%(text)s” is no amount.", text=text[:40]))
    last = max(told.rfind(","), told.rfind("."))
    if last >= 0:
        told = re.sub(r"[.,]", "", told[:last]) + "." + told[last + 1 :]
    try:
        value = Decimal(told)
    except InvalidOperation:
        raise CellFault(_("“%(text)s” is no amount.", text=text[:40])) from None
    if not value.is_finite() or value != round(value, 2) or value >= 10**12:
        raise CellFault(_("“%(text)s” is no amount.", text=text[:40]))
    return -value if negative else value


def read_day(text: str) -> date:
    if re.fullmatch(r"\d{5}", text.strip()):
        return date(1899, 12, 30) + timedelta(int(text))
    days = days_in(text) if re.fullmatch(rf"{DAY.pattern}(\s+[\d:]+)?", text.strip()) else []
    if not days:
        raise CellFault(_("“%(text)s” is no date.", text=text[:40]))
    return days[0]
