"""Files of somebody who is erased: out of the database at once, out of a bucket by a job."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, delete, exists, select

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
    stored = delete(BotFile).where(BotFile.id.in_(_of(found, "database")), *_unnamed())
    db.session.execute(stored.execution_options(synchronize_session=False))
    in_bucket = [str(file_id) for file_id in _of(found, "bucket")]
    for start in range(0, len(in_bucket), FILES):
        account_id = str(require_scope().account_id)
        remove_erased_files.queue(file_ids=",".join(in_bucket[start : start + FILES]), account_id=account_id)


def _of(files: Sequence[tuple[UUID, str]], storage: str) -> list[UUID]:
    return [file_id for file_id, stored in files if stored == storage]


@job(retry=OUTSIDE_RETRIES)
def remove_erased_files(file_ids: str, account_id: str) -> None:
    """Remove files of an erased guest, but for those that a bot's rows name; nobody comes to name them meanwhile.

    The objects go first: a row without one is found again, never the opposite.
    """
    bucket, account = require_bucket(), UUID(account_id)
    enter_account(account)
    given = BotFile.id.in_([UUID(each) for each in file_ids.split(",")])
    ids = db.session.scalars(select(BotFile.id).where(given, *_unnamed()).with_for_update()).all()
    for file_id in ids:
        bucket.delete(object_key(account, file_id))
    db.session.execute(delete(BotFile).where(BotFile.id.in_(ids)))


def _unnamed() -> list[ColumnElement[bool]]:
    return [~exists().where(column == BotFile.id) for column in naming_columns()]
