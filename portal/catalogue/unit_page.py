"""What the pages of units say."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any
from uuid import UUID

from portal.catalogue.checking import told_step
from portal.catalogue.conversions import Conversions
from portal.catalogue.fields import offered_units
from portal.catalogue.graph import Level, Step
from portal.catalogue.models import MeasureUnit
from portal.catalogue.queries import account_step, conversion_rows, unit_rows


@dataclass(frozen=True)
class ToldConversion:
    """A conversion of the chain in words."""

    id: UUID
    ratio: str


def conversions_told() -> list[ToldConversion]:
    """Every conversion that holds for all items."""
    symbols = {row.id: row.symbol for row in offered_units()}
    return [ToldConversion(row.id, told_step(account_step(row), symbols)) for row in conversion_rows()]


class UnitPage:
    """One unit: what it measures, and what one of it is in the others that hold for all items."""

    def __init__(self, unit: MeasureUnit) -> None:
        self._unit = unit
        self._rows = {row.id: row for row in unit_rows()}

    @property
    def category(self) -> Any:
        """What it measures, in words."""
        return self._rows[self._unit.id].category.label

    @cached_property
    def equals(self) -> list[str]:
        """What it is in others: "1 kg = 1000 g"."""
        known = Conversions.of((), list(self._rows.values()))
        told = []
        for other_id, row in self._rows.items():
            factor = known.factor(None, self._unit.id, other_id) if row.is_active else None
            if factor is not None and other_id != self._unit.id:
                ratio = (Fraction(1), factor) if factor >= 1 else (1 / factor, Fraction(1))
                told.append(told_step(Step(self._unit.id, other_id, *ratio, Level.ACCOUNT), known.symbols))
        return told
