"""The state of the queues, over all accounts, in one statement that reads no more than so many rows of each."""

from dataclasses import asdict, dataclass

from portal.db.advisory_locks import WORKER_PRESENCE
from portal.db.base import JOBS_SCHEMA, SCHEMA
from portal.db.cursor import row
from portal.db.moments import NOW
from portal.tenancy.scope import system_scope

# Nothing is counted beyond it: the figures must be had while a queue is flooded.
MOST = 10_000
MOST_A_BOT = 1_000

_AGE = "coalesce(extract(epoch FROM {now} - min({column})), 0)::float8"
_INBOUND = f"""
    SELECT count(*) AS inbound_waiting, {_AGE.format(now=NOW, column="created_at")} AS inbound_oldest_seconds
    FROM (SELECT created_at FROM {SCHEMA}.bot_inbound_update WHERE state = 'pending' LIMIT {MOST}) pending
"""  # noqa: S608
# What waits for a bot that is switched off, or that its platform told to wait, is no delay of ours.
_OUTBOUND = f"""
    SELECT count(*) AS outbound_waiting, {_AGE.format(now=NOW, column="due_at")} AS outbound_oldest_seconds
    FROM (
        SELECT m.due_at FROM {SCHEMA}.bot_message m
        JOIN {SCHEMA}.bot_platform_credential c ON c.id = m.credential_id AND c.is_active AND c.superseded_at IS NULL
        JOIN {SCHEMA}.bot_instance b ON b.id = c.bot_id AND b.is_active
        JOIN {SCHEMA}.account a ON a.id = c.account_id AND a.is_active
        LEFT JOIN {SCHEMA}.bot_connection k ON k.account_id = c.account_id AND k.credential_id = c.id
        WHERE m.state = 'queued' AND m.due_at <= {NOW} AND coalesce(k.paused_until, {NOW}) <= {NOW} LIMIT {MOST}
    ) due
"""  # noqa: S608
_DEAD = f"""
    SELECT coalesce(sum(updates.held), 0)::int AS dead_updates, coalesce(sum(messages.held), 0)::int AS dead_messages
    FROM {SCHEMA}.bot_instance b
    CROSS JOIN LATERAL (SELECT count(*) AS held FROM (SELECT FROM {SCHEMA}.bot_inbound_update u
        WHERE u.account_id = b.account_id AND u.bot_id = b.id AND u.state = 'dead' LIMIT {MOST_A_BOT}) one) updates
    CROSS JOIN LATERAL (SELECT count(*) AS held FROM (SELECT FROM {SCHEMA}.bot_message m
        WHERE m.account_id = b.account_id AND m.bot_id = b.id AND m.state = 'failed' LIMIT {MOST_A_BOT}) one) messages
"""  # noqa: S608
_JOBS = f"""
    SELECT count(*) FILTER (WHERE status = 'failed') AS failed_jobs,
        count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()) AS waiting_jobs
    FROM (SELECT status, scheduled_at FROM {JOBS_SCHEMA}.procrastinate_jobs LIMIT {MOST}) held
"""  # noqa: S608
_WORKERS = f"""
    SELECT extract(epoch FROM now() - max(last_heartbeat))::float8 AS heartbeat_seconds,
        (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = {WORKER_PRESENCE} AND granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS workers
    FROM {JOBS_SCHEMA}.procrastinate_workers
"""  # noqa: S608
_MAIL = f"""
    SELECT count(*) FILTER (WHERE state = 'failed' AND updated_at > {NOW} - interval '1 day') AS failed_mails,
        coalesce(extract(epoch FROM {NOW} - min(created_at) FILTER (WHERE state = 'waiting')), 0)::float8
            AS mail_oldest_seconds
    FROM (SELECT state, created_at, updated_at FROM {SCHEMA}.mail_delivery
        WHERE state <> 'sent' ORDER BY updated_at DESC LIMIT {MOST}) held
"""  # noqa: S608
_PARTS = {"i": _INBOUND, "o": _OUTBOUND, "d": _DEAD, "j": _JOBS, "w": _WORKERS, "m": _MAIL}
_ALL = "SELECT * FROM " + ", ".join(f"({text}) {name}" for name, text in _PARTS.items())  # noqa: S608


@dataclass(frozen=True, slots=True)
class Figures:
    """Ages are in seconds; ``heartbeat_seconds`` is that of whoever runs jobs, ``None`` where nobody does."""

    inbound_waiting: int
    inbound_oldest_seconds: float
    outbound_waiting: int
    outbound_oldest_seconds: float
    dead_updates: int
    dead_messages: int
    failed_jobs: int
    waiting_jobs: int
    workers: int
    heartbeat_seconds: float | None
    failed_mails: int
    mail_oldest_seconds: float

    def as_dict(self) -> dict[str, float | None]:
        """By name, ages in whole tenths of a second."""
        return {name: None if value is None else round(value, 1) for name, value in asdict(self).items()}


def read_figures() -> Figures:
    """The figures of this moment."""
    with system_scope("worker"):
        found = row(Figures, _ALL.encode())
    assert found is not None
    return found
