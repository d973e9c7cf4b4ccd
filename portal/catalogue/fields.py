"""The fields of forms that name a unit or an item."""

from typing import Any

from flask import g
from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from portal.catalogue.queries import unit_rows
from portal.web.attributes import LongSelect
from portal.web.forms import options
from portal.web.values import id_of


class UnitField(SelectField):
    """One of the chain's units, or none; an archived one only where it is chosen already."""

    widget = LongSelect()

    def __init__(self, label: Any, validators: Any = None, *, unset: Any = None, **settings: Any) -> None:
        self.unset = unset or _l("Choose…")
        super().__init__(label, validators, coerce=id_of, validate_choice=True, **settings)

    def process_data(self, value: Any) -> None:
        """What may be chosen is read with what is chosen."""
        super().process_data(value)
        offered = [row for row in offered_units() if row.is_active or row.id == self.data]
        self.choices = options([("", self.unset), *((str(row.id), told_unit(row)) for row in offered)])


def told_unit(row: Any) -> str:
    """A unit in a choice: its symbol, and its name where that says more."""
    return row.symbol if row.symbol.casefold() == row.name.casefold() else f"{row.symbol} · {row.name}"


def offered_units() -> list[Any]:
    """Every unit, read once a request: a form of packs has two of these fields in each row."""
    if "offered_units" not in g:
        g.offered_units = unit_rows()
    found: list[Any] = g.offered_units
    return found
