"""The round of steps that are due: their people are reminded, once for the day and once when it is over."""

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, select

from portal.accounts.models import Account
from portal.db.base import db
from portal.jobs.queue import job
from portal.jobs.rounds import in_turns
from portal.onboarding.messages.gaps import filled
from portal.onboarding.messages.models import MessageKind
from portal.onboarding.messages.queries import due_steps
from portal.onboarding.messages.telling import note, queue_noted
from portal.staff.models import StaffMember
from portal.tenancy.scope import require_scope, system_scope
from portal.users.chain import chain_language, chain_zone
from portal.web.times import day_in_words

BATCH = 200
# A round that was missed is made up for; what is long overdue is the managers' business.
DAYS_LATE = 7


@job(cron="5 * * * *")
def remind_of_steps() -> None:
    """Remind of steps, in all accounts: wherever it is 9 o'clock by now."""
    with system_scope("worker"):
        account_ids = db.session.scalars(select(Account.id).where(Account.is_active)).all()
    remind_of_steps_in_turns(account_ids)


def remind_of_steps_in_turns(account_ids: Sequence[UUID]) -> Counter[UUID]:
    """A batch of each account after a batch of the others; gives how many steps of each were reminded of."""
    reminded = Counter[UUID]()
    for account_id, count in in_turns(account_ids, remind_batch, lambda count: count >= BATCH):
        reminded[account_id] += count
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
