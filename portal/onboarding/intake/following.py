"""The open checklist goes with what was taken into the record."""

from collections.abc import Collection
from datetime import datetime

from portal.onboarding.copied_steps import ChecklistChange
from portal.onboarding.engagements import follow_fields, move_shift, open_engagement
from portal.staff.models import StaffMember


def follow_taken(member: StaffMember, taken: Collection[str], first_shift_at: datetime | None) -> ChecklistChange:
    """Follow the fields that were taken, another first shift among them."""
    if "first_shift_at" in taken and (engagement := open_engagement(member)) is not None:
        move_shift(engagement, first_shift_at)
    return follow_fields(member, taken)
