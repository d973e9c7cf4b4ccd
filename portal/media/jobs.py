"""Files that nothing names any more are removed."""

import logging
from uuid import UUID

from sqlalchemy import select

from portal.accounts.models import Account
from portal.db.base import db
from portal.jobs.queue import job
from portal.media.bucket import BucketUnavailable
from portal.media.queries import remove_orphans
from portal.tenancy.scope import account_scope, system_scope

log = logging.getLogger(__name__)


@job(cron="41 2 * * *")
def remove_unnamed_files() -> None:
    """Remove files that no library, conversation or bot names, a day after they came."""
    with system_scope("worker"):
        account_ids = db.session.scalars(select(Account.id)).all()
    for account_id in account_ids:
        try:
            removed = _remove_of(account_id)
        except BucketUnavailable as fault:
            db.session.rollback()
            log.warning("the bucket does not remove files: %s", fault)
            return
        if removed:
            log.info("removed %s unnamed files of account %s", removed, account_id)


def _remove_of(account_id: UUID) -> int:
    removed = 0
    while True:
        with account_scope(account_id):
            batch = remove_orphans()
        db.session.commit()
        removed += batch
        if not batch:
            return removed
