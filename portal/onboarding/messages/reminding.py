"""The round of steps that are due: their people are reminded, once for the day and once when it is over."""

import logging
import time
from collections import Counter, deque
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select

from portal.accounts.models import Account
from portal.db.base import db
from portal.jobs.queue import job
from portal.messaging.transactions import failure_location
from portal.onboarding.chain import chain_language, chain_zone
from portal.onboarding.messages.gaps import filled
from portal.onboarding.messages.models import MessageKind
from portal.onboarding.messages.queries import due_steps
from portal.onboarding.messages.telling import note, queue_noted
from portal.staff.models import StaffMember
from portal.tenancy.scope import account_scope, require_scope, system_scope
from portal.web.times import day_in_words

log = logging.getLogger(__name__)
# What is left when the time is over has its turn with the next round.
ROUND_SECONDS = 1800
BATCH = 200
# A round that was missed is made up for; what is long overdue is the managers' business.
DAYS_LATE = 7


@job(cron="5 * * * *")
def remind_of_steps() -> None:
    """Remind of steps, in all accounts: wherever it is 9 o'clock by now."""
    with system_scope("worker"):
        account_ids = db.session.scalars(select(Account.id).where(Account.is_active)).all()
    remind_of_steps_in_turns(account_ids)


def remind_of_steps_in_turns(account_ids: Sequence[UUID], seconds: float = ROUND_SECONDS) -> Counter[UUID]:
    """A batch of each account after a batch of the others; gives how many steps of each were reminded of."""
    until, waiting, reminded = time.monotonic() + seconds, deque(account_ids), Counter[UUID]()
    while waiting and time.monotonic() < until:
        account_id = waiting.popleft()
        try:
            with account_scope(account_id):
                count = remind_batch()
            db.session.commit()
        except Exception as error:
            # What goes wrong in one account is nobody else's.
            db.session.rollback()
            log.warning("steps of account %s were not reminded of: %s", account_id, failure_location(error))
            continue
        reminded[account_id] += count
        if count >= BATCH:
            waiting.append(account_id)
    return +reminded


def remind_batch(most: int = BATCH) -> int:
    """Some of what is due in the account in scope; run again it finds nothing."""
    language = chain_language()
    found = due_steps(require_scope().account_id, chain_zone(), DAYS_LATE, most)
    members = {each.id: each for each in db.session.scalars(_members({step.member_id for step in found}))}
    for step in found:
        day = day_in_words(step.start_date, language) if step.start_date else ""
        text = filled(step.text, name=step.name, step=step.step, left=str(step.left_to_do), date=day)
        member = members[step.member_id]
        note(member, MessageKind.REMINDER, text, step_id=step.step_id, occasion=step.occasion)
    for member in members.values():
        queue_noted(member)
    return len(found)


def _members(ids: set[UUID]) -> Select[StaffMember]:
    return select(StaffMember).where(StaffMember.id.in_(ids))
