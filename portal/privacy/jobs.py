"""What is removed when nobody looks: what was kept long enough."""

import logging

from sqlalchemy import select

from portal.accounts.models import Account
from portal.db.base import db
from portal.jobs.queue import job
from portal.privacy.expiry import expire_in_turns
from portal.tenancy.scope import system_scope

log = logging.getLogger(__name__)


@job(cron="11 2 * * *")
def remove_expired() -> None:
    """Remove what was kept long enough; before ``remove_unnamed_files``, so that contents go the same night."""
    with system_scope("worker"):
        account_ids = db.session.scalars(select(Account.id)).all()
    for kind, count in expire_in_turns(account_ids).items():
        log.info("removed %s %s that were kept long enough", count, kind)
