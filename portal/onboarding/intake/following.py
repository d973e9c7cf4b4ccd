"""The open checklist goes with what was taken into the record."""

from collections.abc import Collection
from datetime import datetime

from portal.onboarding.copied_steps import ChecklistChange
from portal.onboarding.engagement import StaffOnboarding
from portal.onboarding.engagements import DECISIVE, follow_position, move_shift
from portal.staff.telling import FIELD_OF

# Fields that decide on the steps.
DECISIVE_FIELDS = frozenset(FIELD_OF[column] for column in DECISIVE)


def follow_taken(
    engagement: StaffOnboarding, taken: Collection[str], first_shift_at: datetime | None
) -> ChecklistChange | None:
    """Follow the fields that were taken, another first shift among them; ``None`` where the steps stay anyway."""
    if "first_shift_at" in taken:
        move_shift(engagement, first_shift_at)
    return None if DECISIVE_FIELDS.isdisjoint(taken) else follow_position(engagement)
