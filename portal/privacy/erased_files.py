"""Files of somebody who is erased: out of the database at once, out of a bucket by a job."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import delete, exists

from portal.db.base import db
from portal.jobs.queue import OUTSIDE_RETRIES, job
from portal.media.bucket import require_bucket
from portal.media.files import BotFile, object_key
from portal.media.queries import naming_columns
from portal.tenancy.scope import enter_account, require_scope

# So many files are named in one job.
FILES = 100


def remove_files(files: Iterable[tuple[UUID, str]]) -> None:
    """Remove files, each with where it is stored, unless a bot's rows name them still."""
    found = list(files)
    named = [~exists().where(column == BotFile.id) for column in naming_columns()]
    stored = delete(BotFile).where(BotFile.id.in_(_of(found, "database")), *named)
    db.session.execute(stored.execution_options(synchronize_session=False))
    in_bucket = [str(file_id) for file_id in _of(found, "bucket")]
    for start in range(0, len(in_bucket), FILES):
        account_id = str(require_scope().account_id)
        remove_erased_files.queue(file_ids=",".join(in_bucket[start : start + FILES]), account_id=account_id)


def _of(files: Sequence[tuple[UUID, str]], storage: str) -> list[UUID]:
    return [file_id for file_id, stored in files if stored == storage]


@job(retry=OUTSIDE_RETRIES)
def remove_erased_files(file_ids: str, account_id: str) -> None:
    """Remove files of an erased guest. The objects go first: a row without one is found again, never the opposite."""
    ids, account = [UUID(each) for each in file_ids.split(",")], UUID(account_id)
    bucket = require_bucket()
    for file_id in ids:
        bucket.delete(object_key(account, file_id))
    enter_account(account)
    db.session.execute(delete(BotFile).where(BotFile.id.in_(ids)))
