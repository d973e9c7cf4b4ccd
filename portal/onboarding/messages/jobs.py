"""The worker's part: telling people when it is time."""

import math
from datetime import datetime, timedelta
from uuid import UUID

from portal.db.types import utc_now
from portal.jobs.queue import job
from portal.onboarding.messages.delivering import Delivery
from portal.onboarding.messages.queries import late_messages
from portal.tenancy.scope import enter_account, system_scope

# Whose job was lost is told a little later.
LATE = timedelta(minutes=2)
MAX_FOUND = 500


@job(once_by=("member_id",))
def hand_over_messages(account_id: str, member_id: str) -> None:
    """Tell a person what is due; run again it finds nothing."""
    enter_account(UUID(account_id))
    following = Delivery(UUID(member_id)).make()
    if following is not None:
        queue_delivery(UUID(account_id), UUID(member_id), following)


@job(cron="*/5 * * * *")
def hand_over_late_messages() -> None:
    """Look for messages that are due and that nobody delivers."""
    with system_scope("worker"):
        for each in late_messages(LATE, MAX_FOUND):
            queue_delivery(each.account_id, each.member_id)


def queue_delivery(account_id: UUID, member_id: UUID, at: datetime | None = None) -> None:
    """Have a person told what is due at a moment, or now."""
    seconds = max(math.ceil((at - utc_now()).total_seconds()), 0) if at else 0
    hand_over_messages.queue(in_seconds=seconds, account_id=str(account_id), member_id=str(member_id))
