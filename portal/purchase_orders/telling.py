"""The round of late orders: of each restaurant people are told once that something has not come, until it has."""

import logging
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from portal.accounts.models import Account
from portal.db.base import db
from portal.jobs.queue import job
from portal.jobs.rounds import in_turns
from portal.notices.models import Notice
from portal.notices.raising import Subject, raise_notice, resolve_notice
from portal.purchase_orders.models import PurchaseOrder
from portal.purchase_orders.notices import ORDERS_LATE
from portal.purchase_orders.queries import late_condition
from portal.restaurants.models import Restaurant
from portal.tenancy.scope import system_scope

log = logging.getLogger(__name__)


@job(cron="35 * * * *")
def tell_of_late_orders() -> None:
    """Tell of orders that have not come on their day, in all accounts; days end at another hour in each restaurant."""
    with system_scope("worker"):
        account_ids = db.session.scalars(select(Account.id).where(Account.is_active)).all()
    for account_id, told in tell_late_in_turns(account_ids):
        if told:
            log.info("told of late orders in %s restaurants of account %s", told, account_id)


def tell_late_in_turns(account_ids: Sequence[UUID]) -> list[tuple[UUID, int]]:
    """Each account in a transaction of its own; of how many restaurants people were told."""
    return list(in_turns(account_ids, tell_late, lambda _told: False))


def tell_late() -> int:
    """Raise what is new in the account in scope and end what is over; of how many restaurants people were told."""
    late, told = _late(), _told_of()
    for place in told - set(late):
        resolve_notice(ORDERS_LATE, place)
    fresh = set(late) - told
    names = select(Restaurant.id, Restaurant.name).where(Restaurant.id.in_(fresh), Restaurant.is_active)
    subjects = [Subject("restaurant", row.id, row.name[:200], row.id) for row in db.session.execute(names)]
    for subject in subjects:
        raise_notice(ORDERS_LATE, subject, count=late[subject.id])
    return len(subjects)


def _late() -> dict[UUID, int]:
    query = (
        select(PurchaseOrder.restaurant_id, func.count())
        .join(Restaurant, Restaurant.id == PurchaseOrder.restaurant_id)
        .where(late_condition())
        .group_by(PurchaseOrder.restaurant_id)
    )
    return {place: count for place, count in db.session.execute(query)}  # noqa: C416 (rows, not pairs)


def _told_of() -> set[UUID]:
    query = select(Notice.entity_id).where(Notice.kind == ORDERS_LATE.key, Notice.resolved_at.is_(None))
    return set(db.session.scalars(query))
