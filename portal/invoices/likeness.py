"""When two papers look like one: rules R1 to R6, the strongest first. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Generic, TypeVar
from uuid import UUID

from flask_babel import lazy_gettext as _l

from portal.db.types import LabelledEnum

Row = TypeVar("Row")
MONTH = timedelta(days=31)
# A year that was mistyped leaves the day where it is, or nearly so.
NEAR_A_YEAR = timedelta(days=3)


class Rule(LabelledEnum):
    """What two papers have in common."""

    SAME_NUMBER = "R1", _l("The same number of the same supplier")
    SAME_TAX_ID = "R2", _l("The same number, on another card with the same tax number")
    SAME_DIGITS = "R3", _l("The same digits and the same total")
    OTHER_YEAR = "R4", _l("The same number and total in another year")
    SAME_DELIVERY = "R5", _l("The same supplier, store, day and total")
    SAME_FILE = "R6", _l("The same file")

    @property
    def is_stop(self) -> bool:
        """Whether it cannot be chance; the others only ask."""
        return self is Rule.SAME_NUMBER


@dataclass(frozen=True)
class Likeness:
    """What of a paper is compared. ``key`` and ``core`` are its number's (``invoice_number_key``), files' SHA-256."""

    supplier_id: UUID
    tax_id: str | None
    store_id: UUID
    kind: str
    key: str
    core: str
    day: date
    total: Decimal
    files: frozenset[str] = frozenset()


def rule_of(new: Likeness, former: Likeness) -> Rule | None:
    """The strongest rule by which two papers may be one."""
    if new.kind == former.kind and (found := _by_number(new, former) or _by_delivery(new, former)):
        return found
    return Rule.SAME_FILE if new.files & former.files else None


def is_split(new: Likeness, former: Likeness) -> bool:
    """Whether the same number is the usual split of one paper over two stores: each has its own part of the total."""
    return new.store_id != former.store_id and new.total != former.total


class Known(Generic[Row]):
    """Papers that are there, found again by what they have in common with a new one."""

    def __init__(self) -> None:
        self._by_trait: dict[object, list[tuple[Likeness, Row]]] = defaultdict(list)

    def add(self, likeness: Likeness, row: Row) -> None:
        """One more that is there."""
        for trait in _traits(likeness):
            self._by_trait[trait].append((likeness, row))

    def like(self, new: Likeness) -> Iterator[tuple[Rule, Likeness, Row]]:
        """Those that a new one may be, each once."""
        seen: set[int] = set()
        for trait in _traits(new):
            for former, row in self._by_trait.get(trait, ()):
                if id(former) not in seen and (rule := rule_of(new, former)) is not None:
                    seen.add(id(former))
                    yield rule, former, row


def _traits(paper: Likeness) -> Sequence[object]:
    numbers = [(name, value) for name, value in (("key", paper.key), ("core", paper.core)) if value]
    files = [("file", file) for file in sorted(paper.files)]
    return [*numbers, ("delivery", paper.supplier_id, paper.store_id, paper.day, paper.total), *files]


def _by_number(new: Likeness, former: Likeness) -> Rule | None:
    if not new.key or not former.key:
        return None
    is_same_supplier, is_same_year = new.supplier_id == former.supplier_id, new.day.year == former.day.year
    if new.key == former.key and is_same_year:
        if is_same_supplier:
            return Rule.SAME_NUMBER
        return Rule.SAME_TAX_ID if new.tax_id and new.tax_id == former.tax_id else None
    if not is_same_supplier or new.total != former.total:
        return None
    if new.key == former.key:
        return Rule.OTHER_YEAR if _is_month_apart(new, former) or _is_year_apart(new.day, former.day) else None
    return Rule.SAME_DIGITS if new.core and new.core == former.core and _is_month_apart(new, former) else None


def _by_delivery(new: Likeness, former: Likeness) -> Rule | None:
    def delivery(paper: Likeness) -> tuple[object, ...]:
        return paper.supplier_id, paper.store_id, paper.day, paper.total

    # Papers over nothing, such as begun drafts, have only their emptiness in common.
    return Rule.SAME_DELIVERY if new.total and delivery(new) == delivery(former) else None


def _is_month_apart(one: Likeness, other: Likeness) -> bool:
    return abs(one.day - other.day) <= MONTH


def _is_year_apart(one: date, other: date) -> bool:
    earlier, later = sorted((one, other))
    # 29 February has its day in the next year on 1 March.
    is_leap_day = (earlier.month, earlier.day) == (2, 29)
    then = date(earlier.year + 1, 3, 1) if is_leap_day else earlier.replace(year=earlier.year + 1)
    return abs(later - then) <= NEAR_A_YEAR
