"""How alike a row and a paper are: points for number, amount and day, a hundred in all."""

from dataclasses import dataclass
from decimal import Decimal

from portal.reconciliations.matching.papers import Paper, Row

KEY_POINTS, CORE_POINTS = 50, 30
EQUAL_POINTS, WITHIN_POINTS = 30, 20
# Up to so many days apart, so many points.
DAY_POINTS = ((0, 20), (3, 15), (10, 8), (31, 3))
CERTAIN, LIKELY = 75, 45
MISMATCH_DAYS = 31


@dataclass(frozen=True, slots=True)
class Score:
    """Points by what they were given for; ``difference`` is the row's amount less ours, ``days`` how far apart."""

    number: int
    amount: int
    day: int
    difference: Decimal
    days: int | None

    @property
    def total(self) -> int:
        """All points."""
        return self.number + self.amount + self.day

    @property
    def is_match(self) -> bool:
        """Whether it is certain enough to be taken, with the amount within the tolerance."""
        return self.total >= CERTAIN and self.amount > 0

    @property
    def is_mismatch(self) -> bool:
        """Whether it is the same paper by its number, with another amount."""
        near = self.days is not None and self.days <= MISMATCH_DAYS
        return self.number == KEY_POINTS and near and self.amount == 0

    @property
    def is_worth_telling(self) -> bool:
        """Whether a person should see it at all."""
        return self.is_mismatch or self.total >= LIKELY


def score(row: Row, paper: Paper, tolerance: Decimal) -> Score:
    """How alike they are; amounts count as equal to the kopeck."""
    days = None if row.day is None else abs((row.day - paper.day).days)
    difference = row.amount - paper.amount
    return Score(_number(row, paper), _amount(difference, tolerance), _day(days), difference, days)


def _number(row: Row, paper: Paper) -> int:
    if row.key and row.key == paper.key:
        return KEY_POINTS
    return CORE_POINTS if row.core and row.core == paper.core else 0


def _amount(difference: Decimal, tolerance: Decimal) -> int:
    if not difference:
        return EQUAL_POINTS
    return WITHIN_POINTS if abs(difference) <= tolerance else 0


def _day(days: int | None) -> int:
    return 0 if days is None else next((points for most, points in DAY_POINTS if days <= most), 0)
