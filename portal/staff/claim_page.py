"""Somebody of no restaurant yet, whom a manager of some restaurants takes into one of theirs.

The manager does not see such people, only how many they are: whoever stands before them tells number or name.
"""

from uuid import UUID

from portal.audit.models import Action
from portal.audit.recording import record
from portal.onboarding.engagements import follow_position, open_engagement
from portal.restaurants.models import Restaurant
from portal.scenarios.engine.phone_numbers import read_phone
from portal.staff.fields import LANGUAGE
from portal.staff.models import Source, StaffMember
from portal.staff.queries import move_unassigned, unassigned_ids
from portal.staff.telling import take_each, told_by
from portal.tenancy.finding import get_or_404


def find_unassigned(told: str) -> UUID | None:
    """The one person of no restaurant with that phone number or name; ``None`` where nobody or several have it."""
    found = unassigned_ids(told.strip(), read_phone(told, LANGUAGE))
    return found[0] if len(found) == 1 else None


def claim(member_id: UUID, restaurant_id: UUID) -> StaffMember:
    """Take the person into a restaurant; 404 where somebody else was faster."""
    restaurant = get_or_404(Restaurant, restaurant_id)
    move_unassigned(member_id, restaurant.id)
    member = get_or_404(StaffMember, member_id)
    take_each(member, told_by({"restaurant_id": restaurant.id}, Source.HAND))
    record(Action.EDITED, member, before={"restaurant_id": None}, after={"restaurant_id": restaurant.name})
    if (engagement := open_engagement(member)) is not None:
        follow_position(engagement)
    return member
