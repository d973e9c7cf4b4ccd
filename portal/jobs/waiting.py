"""Of jobs that would do the same thing one may wait, not forty."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from procrastinate.tasks import Task
from psycopg.types.json import Jsonb

from portal.db.base import JOBS_SCHEMA

# Two who ask at once take turns, else each would find nothing that waits.
_LOCK = b"SELECT pg_advisory_xact_lock(hashtextextended(%(task)s || ' ' || %(key)s::jsonb::text, 0))"
# The row is held until the transaction ends: no worker begins the job before what it is asked for is there to see.
_RENEW = f"""
    UPDATE {JOBS_SCHEMA}.procrastinate_jobs SET args = %(arguments)s, scheduled_at = %(due)s
    WHERE id = (
        SELECT id FROM {JOBS_SCHEMA}.procrastinate_jobs
        WHERE status = 'todo' AND queue_name = %(queue)s AND coalesce(args ->> 'account_id', '') = %(account)s
        AND task_name = %(task)s AND args @> %(key)s ORDER BY id LIMIT 1 FOR UPDATE
    ) RETURNING id
""".encode()  # noqa: S608


def renew_waiting(
    connection: psycopg.Connection[Any],
    task: Task[Any, Any, Any],
    once_by: tuple[str, ...],
    arguments: Mapping[str, str],
    in_seconds: int,
) -> bool:
    """Give the job that waits and is alike in ``once_by`` the new arguments; whether there is one."""
    account = arguments.get("account_id", "")
    key = {"account_id": account, **{name: arguments[name] for name in once_by}}
    values = {"task": task.name, "queue": task.queue, "account": account, "key": Jsonb(key)}
    due = datetime.now(UTC) + timedelta(seconds=in_seconds) if in_seconds else None
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, values)
        cursor.execute(_RENEW, {**values, "arguments": Jsonb(dict(arguments)), "due": due})
        # In a pipeline the count is not known before something was fetched.
        return cursor.fetchone() is not None
