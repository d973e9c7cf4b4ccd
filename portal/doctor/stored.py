"""What the rows tell: people of the demo, work that nobody does, connections beyond the server's."""

from collections.abc import Iterator

from sqlalchemy import Connection, text

from config import Config
from portal.auth.passwords import DEMO_PASSWORD, verify_password
from portal.db.moments import TRANSACTION_NOW
from portal.doctor.settings import Finding

# Whose hash anybody could have copied: those of a demo are loaded with one hash for all.
DEMO_ADDRESSES = ("root@getinn.example", "%@pelmenya.example", "%@vareniki.example")
MAX_SUSPECTS, MAX_VERIFIED = 500, 30
# Who has been silent for longer is gone (portal/housekeeping.py gives its jobs to others after as long).
SILENT_SECONDS = 60
LATE_MINUTES = 10
# What PostgreSQL keeps back, and what a worker holds beside its pool: the queue's own, its ear and its locks.
LINES_BESIDE_WORKER_POOL = 8
WORKER = "Start one (flask worker), and look at what its log says."


def people_findings(config: Config, connection: Connection) -> Iterator[Finding]:
    """Whoever can sign in with the demo's password, which anybody can read."""
    if config.environment != "production":
        return
    table = f'"{config.database_schema}"."user"'
    connection.execute(text("SELECT set_config('getinn.door', 'accounts', true)"))
    named = {"demo": list(DEMO_ADDRESSES), "most": MAX_SUSPECTS}
    suspects = connection.execute(text(_SUSPECTS.format(table=table)), named).all()
    connection.rollback()
    hashes = sorted({row.hashed_password for row in suspects if not row.is_demo})[:MAX_VERIFIED]
    opened = {each for each in hashes if verify_password(each, DEMO_PASSWORD)}
    guilty = sorted(row.email for row in suspects if row.is_demo or row.hashed_password in opened)
    if guilty:
        yield Finding(
            "refuse",
            f"{', '.join(guilty)}: people of the demo, whose password anybody can read, may sign in.",
            "Start with an empty database, or set their is_active to false.",
        )


# Superusers, the demo's own people, and those who share a hash with somebody: no two hashes are alike by chance.
_SUSPECTS = """
    SELECT email, hashed_password, email LIKE ANY(:demo) AS is_demo FROM {table} u
    WHERE is_active AND (is_superuser OR email LIKE ANY(:demo)
        OR EXISTS (SELECT FROM {table} o WHERE o.hashed_password = u.hashed_password AND o.id <> u.id))
    ORDER BY is_superuser DESC, is_demo DESC, email LIMIT :most
"""


def work_findings(config: Config, connection: Connection) -> Iterator[Finding]:
    """Work that nobody does: no worker, stuck jobs, old messages, dead letters."""
    connection.execute(text("SELECT set_config('getinn.door', 'worker', true)"))
    work = text(_WORK.format(schema=config.database_schema, now=TRANSACTION_NOW))
    figures = connection.execute(work, {"silent": SILENT_SECONDS, "late": LATE_MINUTES}).one()
    connection.rollback()
    if not figures.workers:
        yield Finding("warning", "No worker is running: no message leaves and no mail is sent.", WORKER)
    if figures.stuck:
        yield Finding("warning", f"{figures.stuck} jobs are in the hands of workers that are gone.", WORKER)
    if figures.late_jobs:
        yield Finding("warning", f"{figures.late_jobs} jobs are due for more than {LATE_MINUTES} minutes.", WORKER)
    if figures.failed:
        yield Finding("warning", f"{figures.failed} jobs have failed.", "The workers' log says why.")
    if figures.inbound:
        message = f"{figures.inbound} received messages wait for more than {LATE_MINUTES} minutes."
        yield Finding("warning", message, WORKER)
    if figures.outbound:
        message = f"{figures.outbound} messages to send wait for more than {LATE_MINUTES} minutes."
        yield Finding("warning", message, "Look at the bots' platforms, and at the workers' log.")
    if figures.dead:
        yield Finding("warning", f"{figures.dead} dead letters wait for somebody to look at them.", "See Dead letters.")


_WORK = """
    WITH jobs AS (
        SELECT j.status, j.scheduled_at, w.last_heartbeat, e.at AS deferred_at
        FROM {schema}_jobs.procrastinate_jobs j
        LEFT JOIN {schema}_jobs.procrastinate_workers w ON w.id = j.worker_id
        LEFT JOIN LATERAL (
            SELECT max(at) AS at FROM {schema}_jobs.procrastinate_events e WHERE e.job_id = j.id
        ) e ON true
    )
    SELECT
        (SELECT count(*) FROM {schema}_jobs.procrastinate_workers
            WHERE last_heartbeat > now() - make_interval(secs => :silent)) AS workers,
        (SELECT count(*) FROM jobs WHERE status = 'doing'
            AND (last_heartbeat IS NULL OR last_heartbeat < now() - make_interval(secs => :silent))) AS stuck,
        (SELECT count(*) FROM jobs WHERE status = 'todo'
            AND coalesce(scheduled_at, deferred_at) < now() - make_interval(mins => :late)) AS late_jobs,
        (SELECT count(*) FROM jobs WHERE status = 'failed') AS failed,
        (SELECT count(*) FROM {schema}.bot_inbound_update WHERE state = 'pending'
            AND due_at < {now} - make_interval(mins => :late)) AS inbound,
        (SELECT count(*) FROM {schema}.bot_message WHERE state IN ('queued', 'sending')
            AND due_at < {now} - make_interval(mins => :late)) AS outbound,
        (SELECT count(*) FROM {schema}.bot_inbound_update WHERE state = 'dead') AS dead
"""


def deployment_findings(config: Config, connection: Connection) -> Iterator[Finding]:
    """Whether anything may leave."""
    row = connection.execute(text(f'SELECT name, is_resting FROM "{config.database_schema}".deployment')).one()  # noqa: S608
    if row.name not in (None, config.identity):
        yield Finding(
            "fault",
            f"This database is that of {row.name}, and this portal is {config.identity}: nothing leaves.",
            "Where it took the other's place, run: flask release",
        )
    elif row.is_resting:
        yield Finding("fault", "This deployment rests: nothing leaves.", "End that with: flask release")


def connection_findings(config: Config, connection: Connection) -> Iterator[Finding]:
    """Whether the server has room for all connections that web and workers may open."""
    limits = config.limits
    a_process = limits.web_pool + limits.web_threads + 1
    web = limits.web_machines * limits.web_processes * a_process if config.pooler == "none" else 0
    wanted = web + limits.workers * (limits.worker_pool + LINES_BESIDE_WORKER_POOL)
    room = int(connection.scalar(text(_ROOM)) or 0)
    if wanted > room:
        yield Finding(
            "warning",
            f"Web and workers may open {wanted} connections, and PostgreSQL has room for {room}.",
            "Raise max_connections, or lower WEB_POOL, WEB_THREADS and WORKER_POOL (docs/deploy.md, Connections).",
        )


_ROOM = """
    SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - coalesce(nullif(current_setting('reserved_connections', true), ''), '0')::int
"""
