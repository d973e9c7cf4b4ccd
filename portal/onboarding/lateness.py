"""Who is late with their checklist, as a condition of lists: by the day that it is in each person's restaurant."""

from typing import Any

from sqlalchemy import ColumnElement, Date, and_, cast, exists, func, null, or_

from portal.db.base import SCHEMA
from portal.onboarding.kinds import OnboardingStatus
from portal.restaurants.models import Restaurant
from portal.staff.models import StaffMember
from portal.users.chain import zone_of_chain

# The moment of the statement, in UTC.
NOW = func.timezone("utc", func.statement_timestamp())


def late_condition(member: Any = StaffMember.__table__.c, now: ColumnElement[Any] = NOW) -> ColumnElement[bool]:
    """Whether something of a person's open checklist is overdue; whose restaurant is archived is not late.

    ``member`` are the columns of ``staff_member``, or of an alias of it. No restaurant's day is more than one off
    that of UTC: that narrows it down by the index of ``due_order``, and spares most rows the look at a zone.
    """
    restaurant = Restaurant.__table__.alias("late_restaurant")
    today = cast(now, Date)

    def is_over(zone: Any) -> ColumnElement[bool]:
        local_today = getattr(func, SCHEMA).local_day(
            now, func.coalesce(zone, zone_of_chain(member.account_id)), type_=Date
        )
        return or_(member.next_due_on < today - 1, member.next_due_on < local_today)

    in_restaurant = exists().where(
        restaurant.c.account_id == member.account_id,
        restaurant.c.id == member.restaurant_id,
        restaurant.c.is_active,
        is_over(restaurant.c.timezone),
    )
    return and_(
        member.onboarding_status == OnboardingStatus.IN_PROGRESS,
        member.due_order <= today,
        or_(and_(member.restaurant_id.is_(None), is_over(null())), in_restaurant),
    )
