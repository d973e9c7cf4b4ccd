"""Quantities in the base unit of an item, by the conversions that hold for it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from portal.catalogue.graph import Graph, Step, UnitFact, product, to_decimal
from portal.catalogue.queries import account_steps, fact_of, item_steps, unit_rows

# What a column of base quantities holds (numeric(18,6)).
MAX_BASE = Decimal(10) ** 12

__all__ = ["Conversions", "Step"]


class Conversions:
    """The conversions of some items, read at once for all of them.

    ``symbols`` are those of all units. Of an item that is not among them, or of an unknown unit, nothing is known: no
    quantity is ever guessed.
    """

    def __init__(
        self,
        units: Mapping[UUID, UnitFact],
        symbols: Mapping[UUID, str],
        of_account: Sequence[Step],
        bases: Mapping[UUID, UUID],
        of_items: Mapping[UUID, Sequence[Step]],
    ) -> None:
        self._units, self._of_account, self._bases, self._of_items = units, of_account, bases, of_items
        self.symbols = symbols
        self._graphs: dict[UUID | None, Graph] = {}
        self._paths: dict[tuple[UUID | None, UUID, UUID], list[Step] | None] = {}

    @classmethod
    def of(cls, item_ids: Iterable[UUID | None], units: Sequence[Any] | None = None) -> "Conversions":
        """Those of the items with these ids; ``units`` are the rows of all units, where they were read already."""
        ids = {each for each in item_ids if each is not None}
        rows = unit_rows() if units is None else units
        facts, symbols = {row.id: fact_of(row) for row in rows}, {row.id: str(row.symbol) for row in rows}
        return cls(facts, symbols, account_steps(), *item_steps(ids))

    def steps_of(self, item_id: UUID) -> Sequence[Step]:
        """What an item says of itself, in its order."""
        return self._of_items.get(item_id, ())

    def base_of(self, item_id: UUID | None) -> UUID | None:
        """The base unit of an item."""
        return self._bases.get(item_id) if item_id else None

    def to_base(self, item_id: UUID | None, quantity: Decimal, unit_id: UUID | None) -> Decimal | None:
        """A quantity in the item's base unit, rounded once to six decimals; ``None`` where no way leads there.

        So is what would come to nothing, or to more than can be kept.
        """
        factor = self.factor(item_id, unit_id, self.base_of(item_id))
        if factor is None:
            return None
        found = to_decimal(Fraction(quantity) * factor)
        return found if 0 < abs(found) < MAX_BASE else None

    def factor(self, item_id: UUID | None, unit_id: UUID | None, to_id: UUID | None) -> Fraction | None:
        """How many of one unit of an item another one is, exactly."""
        path = self.path_between(item_id, unit_id, to_id)
        return None if path is None else product(path)

    def path(self, item_id: UUID | None, unit_id: UUID | None) -> list[Step] | None:
        """The way from a unit to the item's base unit, step by step."""
        return self.path_between(item_id, unit_id, self.base_of(item_id))

    def path_between(self, item_id: UUID | None, unit_id: UUID | None, to_id: UUID | None) -> list[Step] | None:
        """The way from one unit to another, as it holds for an item."""
        if unit_id is None or to_id is None or unit_id not in self._units:
            return None
        # Items without conversions of their own share one graph.
        key = item_id if item_id in self._of_items else None
        wanted = (key, unit_id, to_id)
        if wanted not in self._paths:
            self._paths[wanted] = self._graph(key).path(unit_id, to_id)
        return self._paths[wanted]

    def units_of(self, item_id: UUID) -> Collection[UUID]:
        """The units in which a quantity of an item can be told: those from which a way leads to its base unit."""
        return [unit_id for unit_id in self._units if self.path(item_id, unit_id) is not None]

    def _graph(self, item_id: UUID | None) -> Graph:
        if item_id not in self._graphs:
            own = self._of_items[item_id] if item_id else ()
            self._graphs[item_id] = Graph(self._units, [*own, *self._of_account])
        return self._graphs[item_id]
