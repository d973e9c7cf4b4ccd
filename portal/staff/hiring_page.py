"""Beginning somebody's work by a day alone, as forms and files tell it: hiring, or moving the first shift."""

from datetime import UTC, date, datetime, time
from datetime import time as clock_time

from portal.audit.recording import acting_id
from portal.onboarding.days import zone_of
from portal.onboarding.engagements import hire, latest_engagement, move_shift
from portal.onboarding.models import StaffOnboarding
from portal.staff.models import Source, StaffMember, StaffStatus
from portal.staff.provenance import Told, current_values, end_current, take
from portal.staff.telling import retract
from portal.web.times import in_zone, zone

# A file tells the day alone. Whoever knows the hour moves the shift.
USUAL_HOUR = clock_time(10)
SHIFT = "first_shift_at"


def begin_work(member: StaffMember, day: date, at: time | None, source: Source) -> None:
    """Hire the person from that day on; of somebody who works here the first shift moves, unless a hand has set it."""
    first_shift = _moment(member, day, at)
    told, current = Told(SHIFT, first_shift, source, user_id=acting_id()), current_values(member)
    engagement = _standing(member)
    if engagement is None:
        # Of an engagement that is over, whoever told it.
        end_current(current, SHIFT)
    take(member, told, current)
    if engagement is None:
        hire(member, first_shift_at=first_shift)
    elif current[SHIFT].value == told.text:
        move_shift(engagement, first_shift)


def shift_clock(member: StaffMember) -> time | None:
    """At what time the first shift begins on the clocks of the person's restaurant, where that is known."""
    engagement = _standing(member)
    if engagement is None or engagement.first_shift_at is None:
        return None
    return in_zone(engagement.first_shift_at, zone_of(member.restaurant_id)).time()


def take_shift_back(member: StaffMember, day: date | None, at: time | None) -> None:
    """The first shift is again on the day that it was on before a file told another, or on none."""
    retract(member, SHIFT)
    if (engagement := _standing(member)) is not None:
        move_shift(engagement, _moment(member, day, at) if day is not None else None)


def _standing(member: StaffMember) -> StaffOnboarding | None:
    """The engagement of somebody who works here; of others a first day is a hiring."""
    return latest_engagement(member) if member.status is not StaffStatus.LEFT else None


def _moment(member: StaffMember, day: date, at: time | None) -> datetime:
    return datetime.combine(day, at or USUAL_HOUR, tzinfo=zone(zone_of(member.restaurant_id))).astimezone(UTC)
