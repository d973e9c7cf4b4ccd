"""How somebody stands: one word for it, as conditions of lists and as a badge of word, shape and colour.

Each person has one standing, so that the numbers of pages add up. Days are those of the person's restaurant.
"""

from typing import Any
from uuid import UUID

from flask import abort, current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from markupsafe import Markup
from sqlalchemy import ColumnElement, Date, String, and_, case, cast, func, not_, or_, select
from sqlalchemy.orm import joinedload

from portal.db.base import db
from portal.db.types import LabelledEnum
from portal.onboarding.kinds import OnboardingStatus
from portal.onboarding.lateness import late_condition
from portal.staff.models import StaffMember, StaffStatus
from portal.staff.papers.conditions import local_day
from portal.tenancy.reading import RowQuery, id_named
from portal.web.templating import printed

m = StaffMember.__table__.c
WEEK = 7
PRESENT = m.status != StaffStatus.LEFT


class Standing(LabelledEnum):
    """How far somebody has come."""

    CANDIDATE = "candidate", _l("Candidate")
    STARTS = "starts", _l("Starts soon")
    LATE = "late", _l("Late")
    COURSE = "course", _l("On course")
    DONE = "done", _l("Done")
    LEFT = "left", _l("Left")


# Tone and shape.
LOOKS = {
    Standing.CANDIDATE: ("neutral", "user"),
    Standing.STARTS: ("accent", "clock"),
    Standing.LATE: ("bad", "alert"),
    Standing.COURSE: ("good", "chevron-right"),
    Standing.DONE: ("good", "check"),
    Standing.LEFT: ("neutral", "logout"),
}


def has_open_checklist() -> ColumnElement[bool]:
    """Whether an engagement of somebody who works here is in progress."""
    return and_(m.status == StaffStatus.ACTIVE, m.onboarding_status == OnboardingStatus.IN_PROGRESS)


def is_late() -> ColumnElement[bool]:
    """Whether something of it is overdue."""
    return and_(has_open_checklist(), late_condition())


def is_to_start() -> ColumnElement[bool]:
    """Whether the first shift is on a day to come, whatever the checklist."""
    return and_(
        m.status == StaffStatus.ACTIVE, m.start_order > func.current_date(type_=Date) - 1, m.starts_on > local_day()
    )


def starts_within(first: int, last: int) -> ColumnElement[bool]:
    """Whether somebody's first shift is so many days from now: 0 is today."""
    today = func.current_date(type_=Date)
    return and_(
        m.status == StaffStatus.ACTIVE,
        # By the index: no restaurant's day is more than one off that of the database.
        m.start_order >= today + (first - 1),
        m.start_order <= today + (last + 1),
        m.starts_on >= local_day(first),
        m.starts_on <= local_day(last),
    )


CONDITIONS: dict[str, ColumnElement[bool]] = {
    Standing.CANDIDATE: m.status == StaffStatus.CANDIDATE,
    Standing.LATE: is_late(),
    Standing.STARTS: and_(has_open_checklist(), is_to_start(), not_(late_condition())),
    Standing.COURSE: and_(
        has_open_checklist(), or_(m.starts_on.is_(None), m.starts_on <= local_day()), not_(late_condition())
    ),
    Standing.DONE: and_(
        m.status == StaffStatus.ACTIVE, m.onboarding_status.is_distinct_from(OnboardingStatus.IN_PROGRESS)
    ),
    Standing.LEFT: m.status == StaffStatus.LEFT,
}
# The word, and of whoever starts the days until then: ``starts:3``.
STANDING: ColumnElement[str] = case(
    (m.status == StaffStatus.LEFT, Standing.LEFT.value),
    (m.status == StaffStatus.CANDIDATE, Standing.CANDIDATE.value),
    (m.onboarding_status.is_distinct_from(OnboardingStatus.IN_PROGRESS), Standing.DONE.value),
    (late_condition(), Standing.LATE.value),
    (
        m.starts_on > local_day(),
        func.concat(Standing.STARTS.value, ":", cast(m.starts_on - local_day(), String)),
    ),
    else_=Standing.COURSE.value,
)


MAX_SHOWN = 8
PEOPLE_OF_RESTAURANT = RowQuery(
    StaffMember,
    (m.id, m.name, m.progress, STANDING.label("standing")),
    lambda query: query.where(m.restaurant_id == id_named("place"), PRESENT).order_by(m.name, m.id).limit(MAX_SHOWN),
)


def member_with_standing(member_id: UUID) -> tuple[StaffMember, str]:
    """A person with restaurant and position, and how they stand, in one statement; 404 where there is nobody."""
    query = select(StaffMember, STANDING).where(StaffMember.id == member_id)
    with_both = query.options(joinedload(StaffMember.restaurant), joinedload(StaffMember.position))
    found = db.session.execute(with_both).one_or_none() or abort(404)
    return found[0], found[1]


def standing_words(told: str) -> str:
    """How somebody stands, in words."""
    word, _colon, days = told.partition(":")
    if word != Standing.STARTS:
        return str(Standing.read(word).label)
    if days == "1":
        return _("Starts tomorrow")
    return ngettext("Starts in %(num)s day", "Starts in %(num)s days", int(days))


def standing_badge(told: str) -> Markup:
    """The same by word, shape and colour."""
    tone, shape = LOOKS[Standing(told.partition(":")[0])]
    return Markup('<span class="badge badge--{}">{}{}</span>').format(
        tone, _shape(shape), printed(standing_words(told))
    )


def _shape(name: str) -> Any:
    return current_app.jinja_env.get_template("components/icon.html").module.icon(name)  # type: ignore[attr-defined]
