"""The daily round of stock: of each restaurant people are told how much is low, and how much is below zero."""

import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select

from portal.accounts.models import Account
from portal.catalogue.models import InventoryItem
from portal.db.base import db
from portal.inventory.conditions import low_condition
from portal.inventory.models import StockBalance
from portal.inventory.notices import STOCK_LOW
from portal.jobs.queue import job
from portal.jobs.rounds import in_turns
from portal.notices.raising import Subject, raise_notice
from portal.restaurants.models import Restaurant
from portal.tenancy.scope import system_scope

log = logging.getLogger(__name__)


# In Moscow it is before the morning's orders, and in Kamchatka still the same day.
@job(cron="25 4 * * *")
def tell_of_low_stock() -> None:
    """Tell of stock that is low or below zero, in all accounts."""
    with system_scope("worker"):
        account_ids = db.session.scalars(select(Account.id).where(Account.is_active)).all()
    for account_id, told in tell_low_in_turns(account_ids):
        if told:
            log.info("told of low stock in %s restaurants of account %s", told, account_id)


def tell_low_in_turns(account_ids: Sequence[UUID]) -> list[tuple[UUID, int]]:
    """Each account in a transaction of its own; of how many restaurants people were told."""
    return list(in_turns(account_ids, tell_low, lambda _told: False))


def tell_low() -> int:
    """Tell of the account in scope; of how many restaurants people were told."""
    found = _concerns()
    for row in found:
        subject = Subject("restaurant", row.id, row.name[:200], row.id)
        raise_notice(STOCK_LOW, subject, low=row.low, below=row.below)
    return len(found)


def _concerns() -> Sequence[Any]:
    """(id, name, low, below) of each restaurant in which there is anything to tell."""
    b, i, r = StockBalance, InventoryItem, Restaurant
    low = func.count().filter(low_condition())
    below = func.count().filter(b.quantity < 0)
    query = (
        select(r.id, r.name, low.label("low"), below.label("below"))
        .select_from(b)
        .join(i, and_(i.account_id == b.account_id, i.id == b.inventory_item_id))
        .join(r, and_(r.account_id == b.account_id, r.id == b.restaurant_id))
        .where(r.is_active)
        .group_by(r.id, r.name)
        .having(low + below > 0)
    )
    return db.session.execute(query.order_by(r.name, r.id)).all()
