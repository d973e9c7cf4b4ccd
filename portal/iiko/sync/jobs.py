"""The job of a run, in a queue of its own: slow servers take no place from mail and bots."""

from uuid import UUID

from portal.iiko.sync.runner import SyncRunner
from portal.jobs.queue import job
from portal.tenancy.scope import enter_account


@job(queue="iiko", once_by=("run_id",), is_outgoing=True)
def run_sync(run_id: str, account_id: str) -> None:
    """Read, compare, and write what may be written; a run that cannot go on now asks for itself again."""
    enter_account(UUID(account_id))
    again = SyncRunner(UUID(run_id)).run()
    if again is not None:
        run_sync.queue(in_seconds=again, run_id=run_id, account_id=account_id)
