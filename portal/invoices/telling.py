"""The round of exceptions: of each restaurant people are told once that money is at stake, until nothing is left.

One notice a spell: papers that come by the hundred tell nobody a hundred times.
"""

import logging
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from portal.accounts.models import Account
from portal.db.base import db
from portal.invoices.models import Invoice, InvoiceException
from portal.invoices.notices import EXCEPTIONS_WAIT
from portal.invoices.words import ExceptionState
from portal.jobs.queue import job
from portal.jobs.rounds import in_turns
from portal.notices.models import Notice
from portal.notices.raising import Subject, raise_notice, resolve_notice
from portal.restaurants.models import Restaurant
from portal.tenancy.scope import system_scope

log = logging.getLogger(__name__)

Stakes = dict[str, Decimal]


@job(cron="*/15 * * * *")
def tell_of_exceptions() -> None:
    """Tell of exceptions with money at stake, in all accounts."""
    with system_scope("worker"):
        account_ids = db.session.scalars(select(Account.id).where(Account.is_active)).all()
    for account_id, told in tell_in_turns(account_ids):
        if told:
            log.info("told of exceptions in %s restaurants of account %s", told, account_id)


def tell_in_turns(account_ids: Sequence[UUID]) -> list[tuple[UUID, int]]:
    """Each account in a transaction of its own; of how many restaurants people were told."""
    return list(in_turns(account_ids, tell_account, lambda _told: False))


def tell_account() -> int:
    """Raise what is new in the account in scope and end what is over; of how many restaurants people were told."""
    waiting, told = _waiting(), _told_of()
    for place in told - set(waiting):
        resolve_notice(EXCEPTIONS_WAIT, place)
    fresh = set(waiting) - told
    names = select(Restaurant.id, Restaurant.name).where(Restaurant.id.in_(fresh), Restaurant.is_active)
    subjects = [Subject("restaurant", row.id, row.name[:200], row.id) for row in db.session.execute(names)]
    for subject in subjects:
        count, stakes = waiting[subject.id]
        raise_notice(EXCEPTIONS_WAIT, subject, count=count, stakes={each: str(stake) for each, stake in stakes.items()})
    return len(subjects)


def _waiting() -> dict[UUID, tuple[int, Stakes]]:
    """By restaurant how many open exceptions have money at stake, and how much in each currency."""
    query = (
        select(Invoice.restaurant_id, Invoice.currency, func.count(), func.sum(InvoiceException.money_at_stake))
        .join(Invoice, Invoice.id == InvoiceException.invoice_id)
        .where(InvoiceException.state == ExceptionState.OPEN, InvoiceException.money_at_stake > 0)
        .group_by(Invoice.restaurant_id, Invoice.currency)
    )
    counts: dict[UUID, int] = defaultdict(int)
    stakes: dict[UUID, Stakes] = defaultdict(dict)
    for place, currency, count, stake in db.session.execute(query.order_by(Invoice.currency)):
        counts[place] += count
        stakes[place][currency] = stake
    return {place: (counts[place], stakes[place]) for place in counts}


def _told_of() -> set[UUID]:
    query = select(Notice.entity_id).where(Notice.kind == EXCEPTIONS_WAIT.key, Notice.resolved_at.is_(None))
    return set(db.session.scalars(query))
