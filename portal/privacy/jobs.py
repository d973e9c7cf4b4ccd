"""What is removed when nobody looks: what was kept long enough, and the files of erased guests in a bucket."""

import logging
from uuid import UUID

from sqlalchemy import delete, select

from portal.accounts.models import Account
from portal.db.base import db
from portal.jobs.queue import OUTSIDE_RETRIES, job
from portal.media.bucket import require_bucket
from portal.media.files import BotFile, object_key
from portal.privacy.expiry import expire_in_turns
from portal.tenancy.scope import enter_account, system_scope

log = logging.getLogger(__name__)


@job(cron="11 2 * * *")
def remove_expired() -> None:
    """Remove what was kept long enough; before ``remove_unnamed_files``, so that contents go the same night."""
    with system_scope("worker"):
        account_ids = db.session.scalars(select(Account.id)).all()
    for kind, count in expire_in_turns(account_ids).items():
        log.info("removed %s %s that were kept long enough", count, kind)


@job(retry=OUTSIDE_RETRIES)
def remove_erased_files(file_ids: str, account_id: str) -> None:
    """Remove files of an erased guest. The objects go first: a row without one is found again, never the opposite."""
    ids, account = [UUID(each) for each in file_ids.split(",")], UUID(account_id)
    bucket = require_bucket()
    for file_id in ids:
        bucket.delete(object_key(account, file_id))
    enter_account(account)
    db.session.execute(delete(BotFile).where(BotFile.id.in_(ids)))
