"""Beginning somebody's work by a day alone, as forms and files tell it: hiring, or moving the first shift."""

from datetime import date, datetime, time
from datetime import time as clock_time

from portal.onboarding.days import zone_of
from portal.onboarding.engagements import hire, move_shift, open_engagement
from portal.onboarding.models import StaffOnboarding
from portal.staff.models import StaffMember
from portal.web.times import in_zone, zone

# A file tells the day alone. Whoever knows the hour moves the shift.
USUAL_HOUR = clock_time(10)


def begin_work(member: StaffMember, day: date, at: time | None = None) -> StaffOnboarding:
    """Hire the person from that day on; where a checklist is open already, its first shift moves, its hour stays."""
    place = zone_of(member.restaurant_id)
    engagement = open_engagement(member)
    hour = at or USUAL_HOUR
    if engagement is not None and engagement.first_shift_at is not None and at is None:
        hour = in_zone(engagement.first_shift_at, place).time()
    first_shift = datetime.combine(day, hour, tzinfo=zone(place))
    if engagement is None:
        return hire(member, first_shift_at=first_shift)
    move_shift(engagement, first_shift)
    return engagement
