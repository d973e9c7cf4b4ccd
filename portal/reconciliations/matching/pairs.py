"""Rows and papers one to one: the pairs worth looking at, taken from the best down.

What is equally good is not decided here: such a row keeps all that it may be, and none of them is taken.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from portal.reconciliations.matching.papers import Paper, Row, kopecks
from portal.reconciliations.matching.scores import Score, score

# Of papers with one number, or of one amount, so many of the nearest days are looked at.
MAX_NEAREST = 25

Level = list[tuple[int, int]]


@dataclass
class Pairing:
    """What came of it, by the places of rows and papers: pairs taken, and what rows may be that nothing decided."""

    taken: dict[int, int] = field(default_factory=dict)
    undecided: dict[int, list[int]] = field(default_factory=dict)
    scores: dict[tuple[int, int], Score] = field(default_factory=dict)
    busy_papers: set[int] = field(default_factory=set)

    def take(self, row: int, paper: int) -> None:
        """The row is that paper, or looks most like it."""
        self.taken[row] = paper
        self.busy_papers.add(paper)

    def leave(self, row: int, papers: list[int]) -> None:
        """The row is one of those: no other row takes them unasked."""
        self.undecided[row] = papers


class Nearest:
    """Papers under what they share, each list by day."""

    def __init__(self, papers: Sequence[Paper], shared: Callable[[Paper], Hashable | None]) -> None:
        lists: dict[Hashable, list[tuple[int, int]]] = defaultdict(list)
        for place, paper in enumerate(papers):
            if (key := shared(paper)) is not None:
                lists[key].append((paper.day.toordinal(), place))
        self.lists = {key: sorted(found) for key, found in lists.items()}

    def find(self, key: Hashable | None, day: date | None) -> Iterator[int]:
        """The places of those nearest to a day; without one the earliest."""
        found = self.lists.get(key, []) if key is not None else []
        if day is None or len(found) <= MAX_NEAREST:
            return (place for _, place in found[:MAX_NEAREST])
        wanted = day.toordinal()
        middle = bisect_left(found, (wanted,))
        around = found[max(0, middle - MAX_NEAREST) : middle + MAX_NEAREST]
        return (place for _, place in sorted(around, key=lambda each: abs(each[0] - wanted))[:MAX_NEAREST])


def likely_pairs(rows: Sequence[Row], papers: Sequence[Paper], tolerance: Decimal) -> dict[tuple[int, int], Score]:
    """The pairs that a person would want to see, by their places. A return is never compared with a delivery."""
    indexes: list[tuple[Nearest, Callable[[Row | Paper], Hashable | None]]] = [
        (Nearest(papers, shared), shared) for shared in (_key, _key_and_amount, _core, _core_and_amount, _amount)
    ]
    found: dict[tuple[int, int], Score] = {}
    for place, row in enumerate(rows):
        near = {other for index, shared in indexes for other in index.find(shared(row), row.day)}
        for other in sorted(near):
            judged = score(row, papers[other], tolerance)
            if judged.is_worth_telling:
                found[place, other] = judged
    return found


def _key(each: Row | Paper) -> Hashable | None:
    return (each.amount < 0, each.key) if each.key else None


def _core(each: Row | Paper) -> Hashable | None:
    return (each.amount < 0, each.core) if each.core else None


def _amount(each: Row | Paper) -> Hashable:
    return kopecks(each.amount)


def _key_and_amount(each: Row | Paper) -> Hashable | None:
    return (each.key, _amount(each)) if each.key else None


def _core_and_amount(each: Row | Paper) -> Hashable | None:
    return (each.core, _amount(each)) if each.core else None


def pair(rows: Sequence[Row], papers: Sequence[Paper], tolerance: Decimal) -> Pairing:
    """The pairs from the best down."""
    pairing = Pairing(scores=likely_pairs(rows, papers, tolerance))
    levels: dict[int, Level] = defaultdict(list)
    for places, judged in pairing.scores.items():
        levels[judged.total].append(places)
    for total in sorted(levels, reverse=True):
        _take_level([each for each in levels[total] if _is_open(pairing, *each)], rows, papers, pairing)
        pairing.busy_papers.update(place for places in pairing.undecided.values() for place in places)
    return pairing


def _is_open(pairing: Pairing, row: int, paper: int) -> bool:
    return row not in pairing.taken and row not in pairing.undecided and paper not in pairing.busy_papers


def _take_level(pairs: Level, rows: Sequence[Row], papers: Sequence[Paper], pairing: Pairing) -> None:
    """Take the pairs of one score in which neither side could be another's; keep the others as they may be."""
    kinds_of_row, kinds_of_paper = _alike_rows(rows, pairs), _alike_papers(papers, pairs)
    papers_of: dict[int, dict[Hashable, list[int]]] = defaultdict(lambda: defaultdict(list))
    rivals: dict[Hashable, set[Hashable]] = defaultdict(set)
    for row, paper in pairs:
        papers_of[row][kinds_of_paper[paper]].append(paper)
        rivals[kinds_of_paper[paper]].add(kinds_of_row[row])
    for row, kinds in papers_of.items():
        kind = next(iter(kinds))
        if len(kinds) > 1 or len(rivals[kind]) > 1:
            pairing.leave(row, sorted(paper for found in kinds.values() for paper in found))
            continue
        free = [paper for paper in kinds[kind] if paper not in pairing.busy_papers]
        if free:
            pairing.take(row, min(free))


def _alike_rows(rows: Sequence[Row], pairs: Iterable[tuple[int, int]]) -> dict[int, Hashable]:
    """Rows that say the very same: which of them is a paper makes no difference."""
    return {place: (rows[place].key, rows[place].day, rows[place].amount) for place, _ in pairs}


def _alike_papers(papers: Sequence[Paper], pairs: Iterable[tuple[int, int]]) -> dict[int, Hashable]:
    """Papers that say the very same; without a number each is another."""
    found = {place: papers[place] for _, place in pairs}
    return {place: (paper.key, paper.day, paper.amount) if paper.key else place for place, paper in found.items()}
