"""Whether a conversion that somebody wants to add agrees with what is said already, and how that is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from portal.catalogue.conversions import MAX_BASE
from portal.catalogue.graph import Graph, Level, Step, UnitFact, find_contradiction, product, to_decimal
from portal.catalogue.queries import account_steps, fact_of, steps_of_all_items
from portal.db.amounts import format_quantity


@dataclass(frozen=True)
class Fault:
    """What is wrong with a conversion, in words; ``step`` is the one that should be changed."""

    step: Step
    sentence: str


class ConversionCheck:
    """Judges new conversions against everything that holds; made once for a form, of the rows of all units."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self._units: dict[UUID, UnitFact] = {row.id: fact_of(row) for row in rows}
        self._symbols: Mapping[UUID, str] = {row.id: row.symbol for row in rows}
        self._account = account_steps()

    def of_item(self, steps: Sequence[Step]) -> Fault | None:
        """What is wrong with the packs of an item, taken together; ``None`` where all come out even."""
        seen: set[frozenset[UUID]] = set()
        for step in steps:
            if (fault := self._plain_fault(step)) is not None:
                return fault
            if step.pair in seen and self._agrees(step, steps):
                return Fault(step, _("This is said already in a row above."))
            seen.add(step.pair)
        return self._circle(find_contradiction(self._units, self._account, steps))

    def of_account(self, step: Step) -> Fault | None:
        """What is wrong with a conversion for all items, also beside what single items say of themselves."""
        fault = self._plain_fault(step)
        if fault is None and self._units[step.from_id].category != self._units[step.to_id].category:
            sentence = _(
                "%(first)s and %(second)s measure different things: say it on the page of the item.",
                first=self._symbols[step.from_id],
                second=self._symbols[step.to_id],
            )
            fault = Fault(step, sentence)
        if fault is None and any(each.pair == step.pair for each in self._account):
            fault = Fault(step, _("There is a conversion between these two already. Remove it first."))
        if fault is None:
            fault = self._circle(find_contradiction(self._units, self._account, [step]))
        return fault or self._of_items(step)

    def in_base(self, steps: Mapping[str, Step], base_id: UUID) -> dict[str, str]:
        """What each of the packs of an item comes to in its base unit, where a way leads there."""
        graph = Graph(self._units, [*steps.values(), *self._account])
        factors = {key: graph.factor(step.from_id, base_id) for key, step in steps.items()}
        return {
            key: f"= {told_number(steps[key].from_quantity * factor)} {self._symbols[base_id]}"
            for key, factor in factors.items()
            if factor is not None
        }

    def _of_items(self, step: Step) -> Fault | None:
        for (_item_id, name), own in steps_of_all_items().items():
            circle = find_contradiction(self._units, [*own, *self._account], [step])
            if circle is not None:
                return self._circle(circle, item=name)
        return None

    def _plain_fault(self, step: Step) -> Fault | None:
        first, second = self._units.get(step.from_id), self._units.get(step.to_id)
        if first is None or second is None:
            return Fault(step, _("Choose both units."))
        if first.id == second.id:
            return Fault(step, _("Choose two different units."))
        if first.is_fixed_to(second) and find_contradiction(self._units, (), [step]) is None:
            return Fault(step, _("This holds for everything already: it need not be said."))
        return None

    def _agrees(self, step: Step, steps: Sequence[Step]) -> bool:
        return find_contradiction(self._units, (), [each for each in steps if each.pair == step.pair]) is None

    def _circle(self, circle: list[Step] | None, item: str | None = None) -> Fault | None:
        if circle is None:
            return None
        told = ", ".join(self.tell(step) for step in circle)
        values = {
            "circle": told,
            "unit": self._symbols[circle[0].from_id],
            "number": told_number(product(circle)),
        }
        sentence = _("This does not come out even: %(circle)s. So 1 %(unit)s would be %(number)s %(unit)s.", **values)
        if item is not None:
            sentence = _("For “%(item)s”: ", item=item) + sentence
        return Fault(circle[0], sentence)

    def tell(self, step: Step) -> str:
        """A step in words, "1 case = 12 pack"."""
        return told_step(step, self._symbols)


def told_step(step: Step, symbols: Mapping[UUID, str]) -> str:
    """A step in the reader's numbers."""
    first = f"{told_number(step.from_quantity)} {symbols[step.from_id]}"
    return f"{first} = {told_number(step.to_quantity)} {symbols[step.to_id]}"


def told_number(value: Fraction) -> str:
    """An exact number, or its first six decimals; of what no column holds, that it is more than that."""
    if abs(value) >= MAX_BASE:
        return f"> {format_quantity(MAX_BASE)}"
    return format_quantity(to_decimal(value))


def step_of(values: Mapping[str, Any], level: Level) -> Step:
    """What was filled in as a step."""
    from_quantity, to_quantity = Decimal(values["from_quantity"]), Decimal(values["to_quantity"])
    return Step.of(values["from_unit_id"], from_quantity, values["to_unit_id"], to_quantity, level)
