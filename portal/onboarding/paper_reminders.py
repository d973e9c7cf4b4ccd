"""The daily round of papers that end: managers get a notice, and people a message where their checklist has one."""

import logging
from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import aliased

from portal.accounts.models import Account
from portal.db.base import db
from portal.jobs.queue import job
from portal.jobs.rounds import in_turns
from portal.onboarding.engagement import StaffOnboarding
from portal.onboarding.kinds import OnboardingStatus
from portal.onboarding.messages.gaps import filled
from portal.onboarding.messages.models import MessageKind
from portal.onboarding.messages.telling import tell
from portal.onboarding.models import OnboardingStep
from portal.staff.models import StaffMember
from portal.staff.papers.models import StaffDocument
from portal.staff.papers.reminding import MAX_CLAIMED, Reminder, claim_reminders, tell_managers
from portal.tenancy.scope import system_scope
from portal.users.chain import chain_language
from portal.web.times import day_in_words

log = logging.getLogger(__name__)


@job(cron="40 3 * * *")
def remind_of_papers() -> None:
    """Remind of papers that end, in all accounts."""
    with system_scope("worker"):
        account_ids = db.session.scalars(select(Account.id).where(Account.is_active)).all()
    for account_id, count in remind_in_turns(account_ids).items():
        log.info("reminded of %s papers of account %s", count, account_id)


def remind_in_turns(account_ids: Sequence[UUID]) -> Counter[UUID]:
    """A batch of each account after a batch of the others; gives how many papers of each were reminded of."""
    reminded = Counter[UUID]()
    for account_id, count in in_turns(account_ids, remind_batch, lambda count: count >= MAX_CLAIMED):
        reminded[account_id] += count
    return +reminded


def remind_batch(most: int = MAX_CLAIMED) -> int:
    """Some of what is due in the account in scope; run again it finds nothing."""
    reminders = claim_reminders(most)
    tell_managers(reminders)
    tell_people(reminders)
    return len(reminders)


def tell_people(reminders: Sequence[Reminder]) -> None:
    """Have those told whose latest checklist has a reminder for such a paper."""
    language = chain_language()
    for step, engagement, member, expires_on in db.session.execute(_steps_of(reminders)).all():
        left, day = engagement.steps_needed - engagement.steps_done, day_in_words(expires_on, language)
        text = filled(step.message_reminder, name=member.name, step=step.name, left=str(left), date=day)
        tell(member, MessageKind.REMINDER, text, step_id=step.id)


def _steps_of(reminders: Sequence[Reminder]) -> Select[Any]:
    """The steps that such a paper completes and that have a reminder, each with its engagement and person."""
    later = aliased(StaffOnboarding)
    is_later = later.spell > StaffOnboarding.spell
    is_over = exists().where(later.staff_member_id == StaffOnboarding.staff_member_id, is_later)
    columns: list[Any] = [OnboardingStep, StaffOnboarding, StaffMember, StaffDocument.expires_on]
    return (
        select(*columns)
        .select_from(StaffDocument)
        .join(StaffMember, StaffMember.id == StaffDocument.staff_member_id)
        .join(StaffOnboarding, StaffOnboarding.staff_member_id == StaffMember.id)
        .join(OnboardingStep, OnboardingStep.staff_onboarding_id == StaffOnboarding.id)
        .where(
            StaffDocument.id.in_([each.document_id for each in reminders]),
            OnboardingStep.document_type_id == StaffDocument.document_type_id,
            OnboardingStep.message_reminder.is_not(None),
            StaffOnboarding.status != OnboardingStatus.TERMINATED,
            ~is_over,
        )
    )
