"""Numbers as people write them, and the currencies they may choose among."""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.numbers import get_currency_name, get_currency_precision, get_decimal_symbol, get_territory_currencies
from flask import Flask
from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import SelectField, StringField, ValidationError

from portal.db.amounts import (
    MAX_CURRENCY_DECIMALS,
    Money,
    Quantity,
    currency_decimals,
    format_money,
    format_quantity,
    number_locale,
    plain,
)
from portal.web.attributes import LongSelect
from portal.web.forms import options

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


class NumberField(StringField):
    """A ``Decimal``, or ``None`` where nothing was typed.

    ``column`` says how many digits can be stored; ``at_least`` and ``more_than`` bound the value.
    """

    data: Any

    def __init__(
        self,
        label: Any = None,
        validators: Any = None,
        *,
        column: Money | Quantity,
        at_least: int | None = None,
        more_than: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(label, validators, **options)
        self.column, self.at_least, self.more_than = column, at_least, more_than
        self.decimals = column.scale
        self.render_kw = {"inputmode": "decimal", "autocomplete": "off", "class": "input--number"}

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        text = str(valuelist[0]).strip() if valuelist else ""
        if not text:
            return
        if len(text) > MAX_TYPED:
            raise ValueError(_("This number is too long."))
        try:
            self.data = parse_number(text)
        except ValueError:
            raise ValueError(_("Write a number, such as %(number)s.", number=typed(Decimal("1234.5")))) from None

    def pre_validate(self, form: Any) -> None:
        """Whether the number can be kept exactly, and lies within its bounds."""
        fault = None if self.data is None else self._fault(self.data)
        if fault:
            raise ValidationError(fault)

    def _fault(self, value: Decimal) -> str | None:
        most = self.column.precision - self.column.scale
        if value.adjusted() >= most:
            return _("This number is too large: at most %(number)s digits before the decimals.", number=most)
        if value != round(value, self.decimals):
            return self._too_fine()
        if self.at_least is not None and value < self.at_least:
            return _("This cannot be less than %(number)s.", number=self.at_least)
        if self.more_than is not None and value <= self.more_than:
            return _("This must be more than %(number)s.", number=self.more_than)
        return None

    def _too_fine(self) -> str:
        if self.decimals == 0:
            return _("Write a whole number.")
        return ngettext("At most %(num)s decimal.", "At most %(num)s decimals.", self.decimals)

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return typed(self.data) if self.data is not None else ""


class MoneyField(NumberField):
    """An amount; ``in_currency`` narrows its decimals to those that the currency has."""

    def __init__(
        self, label: Any = None, validators: Any = None, *, column: Money | None = None, **options: Any
    ) -> None:
        super().__init__(label, validators, column=column or Money(), **options)

    def in_currency(self, currency: str) -> None:
        """Say which currency the amount is in."""
        self.decimals = min(self.column.scale, currency_decimals(currency))


class QuantityField(NumberField):
    """A quantity."""

    def __init__(
        self, label: Any = None, validators: Any = None, *, column: Quantity | None = None, **options: Any
    ) -> None:
        super().__init__(label, validators, column=column or Quantity(), **options)

    def only_whole(self, is_counted: bool) -> None:
        """Say whether there are only whole ones."""
        self.decimals = 0 if is_counted else self.column.scale


class CurrencyField(SelectField):
    """A currency by its code. A stored one that is not on offer stays so for its row."""

    widget = LongSelect()

    def process_data(self, value: Any) -> None:
        super().process_data(value)
        self.choices = options(currency_choices(also=value or None))
