"""Today: who starts and what they lack, what is overdue, which papers run out, and how each restaurant stands.

Every number is that of a list, by the list's own conditions. A section shows its first people and leads to the others.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, Select, any_, func, literal, literal_column, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY, UUID, aggregate_order_by

from portal.access.permissions import Permission
from portal.access.viewer import may
from portal.db.base import db
from portal.db.words import Label
from portal.onboarding.kinds import OnboardingStatus, StepStatus
from portal.onboarding.models import OnboardingStep, StaffOnboarding
from portal.onboarding.standing import PRESENT, WEEK, is_late, starts_within
from portal.restaurants.models import Restaurant
from portal.staff.models import StaffMember, StaffPosition
from portal.staff.papers.conditions import expired_condition, expiring_condition, local_day
from portal.tenancy.reading import RowQuery
from portal.tenancy.scope import require_scope

m, r, p = StaffMember.__table__.c, Restaurant.__table__.c, StaffPosition.__table__.c
e, s = StaffOnboarding.__table__.c, OnboardingStep.__table__.c
MAX_SHOWN, MAX_STEPS, MAX_RESTAURANTS = 20, 5, 200
OPEN = [status.value for status in StepStatus if status.is_open]

# What is counted of each restaurant, and the filters by which the list yields the same.
CELLS: dict[str, tuple[Label, dict[str, str], ColumnElement[bool]]] = {
    "starting": (_l("Starting"), {"starts": "week"}, starts_within(0, WEEK)),
    "late": (_l("Late"), {"standing": "late"}, is_late()),
    "questions": (_l("Questions"), {"questions": "open"}, (m.open_questions > 0) & PRESENT),
    "expired": (_l("Expired papers"), {"papers": "expired"}, expired_condition()),
}
# Of whom only those hear who may see it in the list.
ASKED_FOR = {"questions": Permission.STAFF_EDIT, "expired": Permission.STAFF_TICK}


def _lacking(*conditions: ColumnElement[bool]) -> ColumnElement[Any]:
    """The names of the open required steps of the person's open checklist, in their order."""
    open_steps = (
        select(s.name, s.ordinal)
        .join_from(StaffOnboarding.__table__, OnboardingStep.__table__, s.staff_onboarding_id == e.id)
        .where(
            e.account_id == m.account_id,
            e.staff_member_id == m.id,
            e.status == OnboardingStatus.IN_PROGRESS,
            s.account_id == m.account_id,
            s.required,
            s.status.in_(OPEN),
            *conditions,
        )
        .correlate(StaffMember.__table__)
        .order_by(s.ordinal)
        .limit(MAX_STEPS)
        .subquery()
    )
    named = func.array_agg(aggregate_order_by(open_steps.c.name, open_steps.c.ordinal))
    return select(named).scalar_subquery().label("lacks")


def _people(condition: ColumnElement[bool], order: ColumnElement[Any], *also: ColumnElement[Any]) -> RowQuery:
    position = select(p.name).where(p.account_id == m.account_id, p.id == m.position_id)
    place = select(r.name).where(r.account_id == m.account_id, r.id == m.restaurant_id)
    columns = (
        m.id, m.name, m.starts_on, m.next_due_on, m.papers_until, m.progress,
        (m.starts_on - local_day()).label("in_days"),
        (local_day() - m.next_due_on).label("days_late"),
        (m.papers_until < local_day()).label("is_expired"),
        position.correlate(StaffMember.__table__).scalar_subquery().label("position"),
        place.correlate(StaffMember.__table__).scalar_subquery().label("restaurant"),
        *also,
    )  # fmt: skip
    return RowQuery(
        StaffMember, columns, lambda query: query.where(condition, PRESENT).order_by(order, m.id).limit(MAX_SHOWN + 1)
    )


_STARTING = _people(starts_within(0, 1), m.start_order, _lacking())
_LATE = _people(is_late(), m.due_order, _lacking(s.due_date < local_day()))
_PAPERS = _people(expiring_condition() | expired_condition(), m.papers_until)


@dataclass(frozen=True)
class Section:
    """A part of the page: its first people, and where all of them are."""

    key: str
    title: Label
    people: Sequence[Any]
    urls: Sequence[tuple[Label, str]]

    @property
    def shown(self) -> Sequence[Any]:
        """As many as the page shows."""
        return self.people[:MAX_SHOWN]

    @property
    def has_more(self) -> bool:
        """Whether the lists have more than that."""
        return len(self.people) > MAX_SHOWN


@dataclass
class Place:
    """A restaurant (or none) with its counts by cell."""

    key: str
    name: str | None
    is_active: bool
    counts: dict[str, int] = field(default_factory=dict)


class Today:
    """Reads what the page asks for, once."""

    @cached_property
    def sections(self) -> list[Section]:
        """Those that there is anybody in."""
        found = [
            Section("starting", _l("Start today and tomorrow"), _STARTING.all(), [
                (_l("Today"), people_url(starts="today")), (_l("Tomorrow"), people_url(starts="tomorrow"))]),
            Section("late", _l("Overdue"), _LATE.all(), [(_l("All"), people_url(standing="late"))]),
        ]  # fmt: skip
        if may(Permission.STAFF_PRIVATE):
            urls = [(_l("Expired"), people_url(papers="expired")), (_l("Soon"), people_url(papers="expiring"))]
            found.append(Section("papers", _l("Papers that run out"), _PAPERS.all(), urls))
        return [each for each in found if each.people]

    @property
    def cells(self) -> dict[str, tuple[Label, dict[str, str]]]:
        """What is counted, for whoever may see it."""
        return shown_cells()

    @cached_property
    def places(self) -> list[Place]:
        """The restaurants where anything is to be told, by name, those without one last; at most so many."""
        places: dict[str, Place] = {}
        for row in db.session.connection().execute(_counts(list(self.cells))):
            key = str(row.restaurant_id or "none")
            place = places.setdefault(key, Place(key, row.name, row.is_active is not False))
            place.counts[row.cell] = row.number
        return sorted(places.values(), key=lambda each: (each.name is None, (each.name or "").casefold(), each.key))

    @property
    def shown_places(self) -> list[Place]:
        """As many as the page shows."""
        return self.places[:MAX_RESTAURANTS]

    def total(self, cell: str) -> int:
        """The count over all that the person may see."""
        return sum(place.counts.get(cell, 0) for place in self.places)

    @cached_property
    def unclaimed(self) -> int:
        """How many belong to no restaurant yet, for those who would not see them."""
        scope = require_scope()
        if scope.restaurant_ids is None or not may(Permission.STAFF_EDIT):
            return 0
        query = select(func.count()).select_from(StaffMember.__table__)
        query = query.where(m.account_id == scope.account_id, m.restaurant_id.is_(None), PRESENT)
        return db.session.connection().execute(query).scalar_one()

    @property
    def is_quiet(self) -> bool:
        """Whether nothing waits for anybody."""
        return not (self.sections or self.places or self.unclaimed)


def shown_cells() -> dict[str, tuple[Label, dict[str, str]]]:
    """What is counted, for whoever may see it: the label, and the filters of the list."""
    return {
        key: (label, filters)
        for key, (label, filters, _condition) in CELLS.items()
        if key not in ASKED_FOR or may(ASKED_FOR[key])
    }


def people_url(**filters: str) -> str:
    """The list of people as the filters narrow it."""
    return url_for("account.staff.index", **filters)  # type: ignore[arg-type]


def _counts(cells: Sequence[str]) -> Select[Any]:
    """How many of each restaurant a cell counts; what is counted of nobody has no row."""
    scope = require_scope()
    parts = []
    for cell in cells:
        told = select(m.restaurant_id, literal(cell).label("cell")).where(
            m.account_id == scope.account_id, PRESENT, CELLS[cell][2]
        )
        if scope.restaurant_ids is not None:
            told = told.where(m.restaurant_id == any_(literal(list(scope.restaurant_ids), ARRAY(UUID()))))
        parts.append(told)
    found = union_all(*parts).subquery()
    counted = func.count(literal_column("1")).label("number")
    return (
        select(found.c.restaurant_id, found.c.cell, counted, r.name, r.is_active)
        .select_from(
            found.outerjoin(Restaurant.__table__, (r.account_id == scope.account_id) & (r.id == found.c.restaurant_id))
        )
        .group_by(found.c.restaurant_id, found.c.cell, r.name, r.is_active)
    )
