"""Conversions between units as a graph: exact ratios, the nearest first, and the circles that do not come out even.

Pure: it knows ids and ratios. Factors are multiplied as fractions and rounded once, at the very end.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from uuid import UUID

# Two ways round a circle that differ by more than this say different things.
TOLERANCE = Fraction(1, 1_000_000)
# Within these one ratio holds for whatever is weighed or poured: a kilogram is 1000 g of anything.
MEASURED = frozenset({"weight", "volume"})
BASE_SCALE = 6


class Level(IntEnum):
    """Who says so; of two that speak of the same pair the nearer one counts."""

    ITEM = 1
    ACCOUNT = 2
    METRIC = 3


@dataclass(frozen=True)
class UnitFact:
    """What the graph knows of a unit; ``factor`` is how many of its category's base it is, where that is fixed."""

    id: UUID
    category: str
    factor: Fraction | None = None

    def is_fixed_to(self, other: "UnitFact") -> bool:
        """Whether both are measures of one kind, whose ratio nobody may say otherwise."""
        return self.category in MEASURED and self.is_metric_with(other)

    def is_metric_with(self, other: "UnitFact") -> bool:
        """Whether their factors give the ratio."""
        return self.category == other.category and self.factor is not None and other.factor is not None


@dataclass(frozen=True)
class Step:
    """``from_quantity`` of one unit are ``to_quantity`` of another: two numbers, so that 3 packs = 1 kg stays exact."""

    from_id: UUID
    to_id: UUID
    from_quantity: Fraction
    to_quantity: Fraction
    level: Level = Level.ITEM

    @classmethod
    def of(cls, from_id: UUID, from_quantity: Decimal, to_id: UUID, to_quantity: Decimal, level: Level) -> "Step":
        """Of the numbers that are stored."""
        return cls(from_id, to_id, Fraction(from_quantity), Fraction(to_quantity), level)

    @property
    def factor(self) -> Fraction:
        """How many of the one unit one of the other is."""
        return self.to_quantity / self.from_quantity

    @property
    def turned(self) -> "Step":
        """The same the other way round."""
        return Step(self.to_id, self.from_id, self.to_quantity, self.from_quantity, self.level)

    @property
    def pair(self) -> frozenset[UUID]:
        """The two units, in no order."""
        return frozenset((self.from_id, self.to_id))


class Graph:
    """The conversions that hold in one place: those of an item over those of the chain over the measures.

    ``apart_from`` is a pair of which the measures say nothing.
    """

    def __init__(
        self, units: Mapping[UUID, UnitFact], steps: Iterable[Step], *, apart_from: frozenset[UUID] = frozenset()
    ) -> None:
        self._units, self._apart_from = units, apart_from
        self._neighbours: dict[UUID, dict[UUID, Step]] = defaultdict(dict)
        told = sorted((step for step in steps if self._counts(step)), key=lambda step: step.level)
        for step in told:
            self._neighbours[step.from_id].setdefault(step.to_id, step)
            self._neighbours[step.to_id].setdefault(step.from_id, step.turned)
        # Units that nobody converts are met at the ends of a path alone.
        self._metric: dict[str, list[UUID]] = defaultdict(list)
        for unit_id in sorted(self._neighbours):
            if units[unit_id].factor is not None:
                self._metric[units[unit_id].category].append(unit_id)

    def path(self, from_id: UUID, to_id: UUID) -> list[Step] | None:
        """The shortest way from one unit to another, empty where they are one; ``None`` where there is none."""
        if from_id == to_id:
            return []
        came_by: dict[UUID, Step] = {}
        waiting = deque([from_id])
        while waiting:
            here = waiting.popleft()
            for step in self._steps_from(here, to_id):
                if step.to_id == from_id or step.to_id in came_by:
                    continue
                came_by[step.to_id] = step
                if step.to_id == to_id:
                    return list(_back(came_by, from_id, to_id))
                waiting.append(step.to_id)
        return None

    def factor(self, from_id: UUID, to_id: UUID) -> Fraction | None:
        """How many of the one unit one of the other is, exactly; ``None`` where no way leads there."""
        path = self.path(from_id, to_id)
        return None if path is None else product(path)

    def _counts(self, step: Step) -> bool:
        first, second = self._units.get(step.from_id), self._units.get(step.to_id)
        return first is not None and second is not None and not first.is_fixed_to(second)

    def _steps_from(self, here: UUID, target: UUID) -> Iterator[Step]:
        """What leads on, the nearest first."""
        told = self._neighbours.get(here, {})
        yield from sorted(told.values(), key=lambda step: (step.level, step.to_id))
        unit = self._units.get(here)
        if unit is None or unit.factor is None:
            return
        for other_id in (target, *self._metric.get(unit.category, ())):
            other = self._units.get(other_id)
            if other is None or other_id == here or other_id in told or not unit.is_metric_with(other):
                continue
            if self._apart_from != {here, other_id}:
                yield _metric_step(unit, other)


def product(path: Iterable[Step]) -> Fraction:
    """All factors of a way together, exactly."""
    whole = Fraction(1)
    for step in path:
        whole *= step.factor
    return whole


def find_contradiction(
    units: Mapping[UUID, UnitFact], settled: Sequence[Step], new: Sequence[Step]
) -> list[Step] | None:
    """The circle that the first wrong one of some new conversions closes, beginning with it; ``None`` where all agree.

    A new one stands in the place of a settled one of its pair; where a nearer one is settled, it says nothing.
    """
    levels = {step.pair: step.level for step in new}
    holding = [each for each in settled if each.level < levels.get(each.pair, Level.METRIC)]
    for step in new:
        twin = next((each for each in holding if each.pair == step.pair), None)
        if twin is not None and twin.level < step.level:
            continue
        back = _way_back(units, holding, step, twin)
        if back is not None and abs(product([step, *back]) - 1) > TOLERANCE:
            return [step, *back]
        holding.append(step)
    return None


def _way_back(
    units: Mapping[UUID, UnitFact], others: Sequence[Step], step: Step, twin: Step | None
) -> list[Step] | None:
    """From the end of a conversion to its start by others: by the measure that is fixed, by its twin, or round."""
    first, second = units[step.from_id], units[step.to_id]
    if first.is_fixed_to(second):
        return [_metric_step(second, first)]
    if twin is not None:
        return [twin.turned if twin.from_id == step.from_id else twin]
    # An item's dozen may be thirteen: what the measures say of the pair itself does not count against it.
    return Graph(units, others, apart_from=step.pair).path(step.to_id, step.from_id)


def to_decimal(value: Fraction, scale: int = BASE_SCALE) -> Decimal:
    """Rounded once, half away from zero."""
    whole, rest = divmod(abs(value.numerator) * 10**scale, value.denominator)
    whole += 2 * rest >= value.denominator
    return Decimal(whole if value >= 0 else -whole).scaleb(-scale)


def _metric_step(unit: UnitFact, other: UnitFact) -> Step:
    """One kilogram = 1000 grams: in whole numbers."""
    assert unit.factor is not None
    assert other.factor is not None
    ratio = unit.factor / other.factor
    return Step(unit.id, other.id, Fraction(ratio.denominator), Fraction(ratio.numerator), Level.METRIC)


def _back(came_by: Mapping[UUID, Step], start: UUID, end: UUID) -> Iterator[Step]:
    """The steps from the start to the end of a way that was found."""
    steps = []
    here = end
    while here != start:
        steps.append(came_by[here])
        here = came_by[here].from_id
    yield from reversed(steps)
