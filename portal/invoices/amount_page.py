"""The fields of an invoice's row that hold amounts: rates of VAT, and what follows from the rest of the row."""

import re
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from wtforms import SelectField

from portal.db.amounts import NO_BREAK_SPACE, Money, plain
from portal.web.forms import options
from portal.web.numbers import MoneyField

# A price on paper may have four decimals.
PRICE = Money(16, 4)
# The rates that are met today; one that a row has stays on offer.
RATES = ("22", "20", "10", "7", "5", "0")
UNCHOSEN, WITHOUT_VAT = "", "none"
_RATE = re.compile(r"[0-9]{1,2}(?:\.[0-9]{1,2})?")


class RateField(SelectField):
    """The rate of VAT: a ``Decimal``, ``None`` for "без НДС", which is not 0 %, or "" where none is chosen yet."""

    def __init__(self, label: Any = None, **settings: Any) -> None:
        super().__init__(label, coerce=read_rate, default=UNCHOSEN, choices=[], **settings)

    def process_data(self, value: Any) -> None:
        """A stored rate that is not met any more stays on offer."""
        super().process_data(value)
        self._offer()

    def process_formdata(self, valuelist: list[Any]) -> None:
        """One that a paper of former years has is taken, too."""
        self.data = read_rate(valuelist[0]) if valuelist else UNCHOSEN
        self._offer()

    def _offer(self) -> None:
        told = plain(self.data) if isinstance(self.data, Decimal) else RATES[0]
        rates = RATES if told in RATES else (*RATES, told)
        offered = [(rate, f"{rate}{NO_BREAK_SPACE}%") for rate in rates]
        self.choices = options([(UNCHOSEN, _("Choose…")), *offered, (WITHOUT_VAT, _("No VAT"))])


def read_rate(value: Any) -> Decimal | str | None:
    """A rate as the form holds it; ``ValueError`` for what is none."""
    if value in (None, WITHOUT_VAT):
        return None
    if value == UNCHOSEN:
        return UNCHOSEN
    if not isinstance(value, Decimal) and not _RATE.fullmatch(str(value)):
        raise ValueError(_("Choose the rate, or no VAT."))
    return Decimal(value)


class ReckonedField(MoneyField):
    """An amount that follows from the rest of the row where nothing is typed; what the paper says is typed over it."""

    reckoned: Decimal | None = None

    def reckon(self, value: Decimal | None) -> None:
        """Say what it would be; it is that where nothing was typed."""
        self.reckoned = value
        if self.raw_data is not None and not self.is_typed:
            self.data = value

    @property
    def is_typed(self) -> bool:
        """Whether somebody typed in it."""
        return bool(self.raw_data and str(self.raw_data[0]).strip())

    @property
    def is_shown(self) -> bool:
        """Whether it says something that does not follow from the rest."""
        return self.is_typed or (self.data is not None and self.data != self.reckoned)

    def _value(self) -> str:
        if self.raw_data is None and self.data is not None and self.data == self.reckoned:
            return ""
        return super()._value()


class DiscountField(MoneyField):
    """An amount that is taken off; nothing is none."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        super().process_formdata(valuelist)
        if self.data is None:
            self.data = Decimal(0)

    def _value(self) -> str:
        return super()._value() if self.raw_data or self.data else ""


def sane(field: Any) -> Decimal | None:
    """What was typed where it can be reckoned with: what does not fit its column is told by the field."""
    value = field.data
    if not isinstance(value, Decimal) or value.adjusted() >= field.column.precision - field.column.scale:
        return None
    return value


def rate_text(rate: Any) -> str:
    """A rate as it is sent."""
    if rate is None:
        return WITHOUT_VAT
    return plain(rate) if isinstance(rate, Decimal) else UNCHOSEN
