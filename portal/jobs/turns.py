"""Which job of a queue comes next: the accounts take turns, and none holds more than its share of the places.

procrastinate takes the oldest job, so whoever asks for many is served until all are done (decision 019).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from procrastinate import jobs
from procrastinate.connector import BaseConnector
from procrastinate.manager import JobManager

# Accounts of which a process remembers when it served them last.
MAX_REMEMBERED = 1000
# Of each account so many jobs are looked at: other workers may be taking the first.
_LOOKED_AT = 8
# What belongs to no account is the portal's own, on a schedule: it has turns, and no share.
NOBODY = ""

# One step through the index for each account that has something waiting, however much that is. The queue's connections
# look at its schema. Jobs here have no locks (a test holds that), which procrastinate's own statement would heed.
_TAKE = f"""
    WITH RECURSIVE accounts AS (
        (SELECT coalesce(args ->> 'account_id', '') AS account FROM procrastinate_jobs
            WHERE status = 'todo' AND queue_name = %(queue)s ORDER BY 1 LIMIT 1)
        UNION ALL
        SELECT further.account FROM accounts CROSS JOIN LATERAL (
            SELECT coalesce(args ->> 'account_id', '') AS account FROM procrastinate_jobs
            WHERE status = 'todo' AND queue_name = %(queue)s
            AND coalesce(args ->> 'account_id', '') > accounts.account ORDER BY 1 LIMIT 1
        ) further
    ), held AS (
        SELECT coalesce(args ->> 'account_id', '') AS account, count(*) AS places FROM procrastinate_jobs
        WHERE status = 'doing' AND worker_id = %(worker_id)s GROUP BY 1
    ), turns AS (
        SELECT account, coalesce(array_position(%(served)s::text[], account), 0) AS turn
        FROM accounts LEFT JOIN held USING (account)
        WHERE account = '{NOBODY}' OR coalesce(places, 0) < %(share)s
    ), chosen AS (
        SELECT job.id FROM turns CROSS JOIN LATERAL (
            SELECT id FROM procrastinate_jobs
            WHERE status = 'todo' AND queue_name = %(queue)s AND coalesce(args ->> 'account_id', '') = turns.account
            AND (scheduled_at IS NULL OR scheduled_at <= now()) ORDER BY id LIMIT {_LOOKED_AT}
        ) due JOIN procrastinate_jobs job ON job.id = due.id AND job.status = 'todo'
        ORDER BY turns.turn, job.id LIMIT 1 FOR UPDATE OF job SKIP LOCKED
    )
    UPDATE procrastinate_jobs job SET status = 'doing', worker_id = %(worker_id)s FROM chosen WHERE job.id = chosen.id
    RETURNING job.id, job.status, job.task_name, job.priority, job.lock, job.queueing_lock, job.args,
        job.scheduled_at, job.queue_name, job.attempts, job.worker_id
"""  # noqa: S608


class TakingTurns(JobManager):
    """Takes jobs for one process, whose places in each queue are ``sizes``."""

    def __init__(self, connector: BaseConnector) -> None:
        super().__init__(connector)
        self.sizes: Mapping[str, int] = {}
        self._served: defaultdict[str, list[str]] = defaultdict(list)

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> jobs.Job | None:
        """The job of the account that was served longest ago, of those that do not hold their share of the places."""
        (queue,) = queues or ()
        served = self._served[queue]
        rows = await self.connector.execute_query_all_async(
            query=_TAKE, queue=queue, worker_id=worker_id, served=served, share=self.share_of(queue)
        )
        if not rows:
            return None
        job = jobs.Job.from_row(rows[0])
        self._note(served, str(job.task_kwargs.get("account_id", NOBODY)))
        return job

    def share_of(self, queue: str) -> int:
        """How many places of a queue one account may hold at a time: half of them."""
        return max(1, self.sizes.get(queue, 1) // 2)

    @staticmethod
    def _note(served: list[str], account: str) -> None:
        """The one served last stands at the end."""
        if account in served:
            served.remove(account)
        served.append(account)
        del served[:-MAX_REMEMBERED]
