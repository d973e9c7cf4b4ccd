"""One row as several papers, and one paper as several rows, among those that nothing else explains."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from portal.reconciliations.matching.papers import Paper, Row, kopecks
from portal.reconciliations.matching.sums import MAX_CANDIDATES, Effort, choices_for

SUM_DAYS = 10

Whole = TypeVar("Whole", Row, Paper)
Part = TypeVar("Part", Row, Paper)
# Places of parts, sorted.
Parts = tuple[int, ...]
# Whether a whole, by its place, may be those parts.
Fits = Callable[[int, Parts], bool]


@dataclass
class Splits:
    """By the place of a whole: the one choice of parts that comes to it, or the several of which none is proposed.

    ``crowded`` are wholes with more candidates than are tried, of which the nearest were; ``given_up`` those that
    were too much work.
    """

    proposed: dict[int, Parts] = field(default_factory=dict)
    named: dict[int, list[Parts]] = field(default_factory=dict)
    crowded: set[int] = field(default_factory=set)
    given_up: set[int] = field(default_factory=set)


class Splitter(Generic[Whole, Part]):
    """Looks for the sums of one side that come to single amounts of the other."""

    def __init__(self, wholes: Mapping[int, Whole], parts: Mapping[int, Part], fits: Fits) -> None:
        self.wholes: Mapping[int, Whole] = wholes
        self.fits = fits
        self.parts: Mapping[int, Part] = {place: part for place, part in parts.items() if part.amount and part.day}
        self.by_day: dict[int, list[int]] = defaultdict(list)
        for place, part in self.parts.items():
            assert part.day is not None
            self.by_day[part.day.toordinal()].append(place)

    def split(self, effort: Effort) -> Splits:
        """What came of it; two wholes that want one part are both only named."""
        splits = Splits()
        for candidates, wanted in self._by_candidates(splits).items():
            amounts = [kopecks(self.parts[place].amount) for place in candidates]
            found = choices_for(amounts, (kopecks(self.wholes[place].amount) for place in wanted), effort)
            for place in wanted:
                if found is None:
                    splits.given_up.add(place)
                    continue
                choices = found.get(kopecks(self.wholes[place].amount), [])
                parts = [tuple(candidates[each] for each in sorted(choice)) for choice in choices]
                self._note(splits, place, [each for each in parts if self.fits(place, each)])
        _withdraw_rivals(splits)
        return splits

    def _by_candidates(self, splits: Splits) -> dict[Parts, list[int]]:
        """The wholes that have the same candidates: their sums are made once."""
        groups: dict[Parts, list[int]] = defaultdict(list)
        around: dict[date, tuple[Parts, bool]] = {}
        for place, whole in self.wholes.items():
            if whole.day is None or not whole.amount:
                continue
            if whole.day not in around:
                around[whole.day] = self._around(whole.day)
            candidates, is_crowded = around[whole.day]
            if len(candidates) > 1:
                groups[candidates].append(place)
            if is_crowded:
                splits.crowded.add(place)
        return groups

    def _around(self, day: date) -> tuple[Parts, bool]:
        """The nearest candidates within so many days, and whether there are more than are tried."""
        middle = day.toordinal()
        days = range(middle - SUM_DAYS, middle + SUM_DAYS + 1)
        nearest = sorted(days, key=lambda each: (abs(each - middle), each))
        near = [place for each in nearest for place in self.by_day.get(each, ())]
        return tuple(sorted(near[:MAX_CANDIDATES])), len(near) > MAX_CANDIDATES

    @staticmethod
    def _note(splits: Splits, place: int, choices: list[Parts]) -> None:
        if len(choices) == 1:
            splits.proposed[place] = choices[0]
        elif choices:
            splits.named[place] = choices


def _withdraw_rivals(splits: Splits) -> None:
    """A part that two wholes want is nobody's: both choices are named, and none is proposed."""
    wanted = Counter(part for parts in splits.proposed.values() for part in parts)
    for place, parts in list(splits.proposed.items()):
        if any(wanted[part] > 1 for part in parts):
            splits.named[place] = [splits.proposed.pop(place)]
