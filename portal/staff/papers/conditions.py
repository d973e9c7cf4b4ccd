"""Whose papers end, as conditions of lists: by the day that it is in each person's restaurant.

People who left, those of closed restaurants and erased ones are not among them. Each condition begins with one that an
index of ``papers_until`` serves: no restaurant's day is more than one off that of the database.
"""

from typing import Any

from sqlalchemy import ColumnElement, Date, and_, exists, func, or_, select

from portal.db.base import SCHEMA
from portal.restaurants.models import Restaurant
from portal.staff.models import StaffMember, StaffStatus
from portal.users.chain import zone_of_chain

m, r = StaffMember.__table__.c, Restaurant.__table__.c
_OWN = and_(r.account_id == m.account_id, r.id == m.restaurant_id)


def expiring_condition(days: int = 30) -> ColumnElement[bool]:
    """Whose next paper ends today or within so many days."""
    return and_(
        m.papers_until >= _days_from(-1),
        m.papers_until <= _days_from(days + 1),
        m.papers_until >= local_day(),
        m.papers_until <= local_day(days),
        works_here(),
    )


def expired_condition() -> ColumnElement[bool]:
    """Who works with a paper whose last valid day is over."""
    return and_(m.papers_until <= _days_from(0), m.papers_until < local_day(), works_here())


def local_day(days: int = 0) -> ColumnElement[Any]:
    """The day that it is where the person works, else on the chain's clock, or so many days later."""
    zone = select(r.timezone).where(_OWN).correlate(StaffMember.__table__).scalar_subquery()
    now = func.timezone("utc", func.statement_timestamp())
    today = getattr(func, SCHEMA).local_day(now, func.coalesce(zone, zone_of_chain(m.account_id)), type_=Date)
    return today + days if days else today


def works_here() -> ColumnElement[bool]:
    """Whether the person has not left, and not their restaurant either."""
    is_open = exists().where(_OWN, r.is_active).correlate(StaffMember.__table__)
    return and_(m.status != StaffStatus.LEFT, m.erased_at.is_(None), or_(m.restaurant_id.is_(None), is_open))


def _days_from(days: int) -> ColumnElement[Any]:
    """The database's own day, which is UTC's, and so many more."""
    return func.current_date(type_=Date) + days
