"""Fields for amounts of money and quantities; what was typed stays as it was."""

from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from wtforms import SelectField, StringField, ValidationError

from portal.db.amounts import Money, Quantity, currency_decimals
from portal.web.forms import options
from portal.web.numbers import MAX_TYPED, currency_choices, parse_number, typed


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

    def process_data(self, value: Any) -> None:
        super().process_data(value)
        self.choices = options(currency_choices(also=value or None))
