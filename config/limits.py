"""How long the database is waited for, and over how many connections."""

from dataclasses import dataclass
from typing import Literal

from config.environment import ConfigurationError, EnvironmentReader

Pooler = Literal["none", "session", "transaction"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds, and numbers of threads, processes and connections.

    ``statement``, ``lock`` and ``idle`` (in a transaction) bound pages; ``wait`` is for a new connection, and for a
    free one of the pool. ``web_pool`` and ``worker_pool`` are connections of one process. ``web_machines`` and
    ``workers`` are what ``flask doctor`` counts with.
    """

    statement: int = 15
    lock: int = 3
    idle: int = 30
    wait: int = 3
    web_machines: int = 1
    web_processes: int = 2
    web_threads: int = 8
    web_pool: int = 8
    workers: int = 1
    worker_pool: int = 16


def read_limits(source: EnvironmentReader) -> Limits:
    """The limits, each within its bounds."""
    usual = Limits()
    threads = source.whole_number("WEB_THREADS", default=usual.web_threads, low=1, high=64)
    return Limits(
        statement=source.whole_number("DATABASE_STATEMENT_SECONDS", default=usual.statement, low=1, high=600),
        lock=source.whole_number("DATABASE_LOCK_SECONDS", default=usual.lock, low=1, high=600),
        idle=source.whole_number("DATABASE_IDLE_SECONDS", default=usual.idle, low=1, high=3600),
        wait=source.whole_number("DATABASE_WAIT_SECONDS", default=usual.wait, low=1, high=60),
        web_machines=source.whole_number("WEB_MACHINES", default=usual.web_machines, low=1, high=1000),
        web_processes=source.whole_number("WEB_PROCESSES", default=usual.web_processes, low=1, high=256),
        web_threads=threads,
        web_pool=source.whole_number("WEB_POOL", default=threads, low=1, high=128),
        workers=source.whole_number("WORKERS", default=usual.workers, low=1, high=1000),
        worker_pool=source.whole_number("WORKER_POOL", default=usual.worker_pool, low=4, high=128),
    )


def read_pooler(source: EnvironmentReader) -> Pooler:
    """What stands between the portal and PostgreSQL, and for how long it gives out a connection."""
    match (source.text("DATABASE_POOLER") or "none").lower():
        case "none":
            return "none"
        case "session":
            return "session"
        case "transaction":
            return "transaction"
        case other:
            raise ConfigurationError(f"DATABASE_POOLER must be none, session or transaction, not {other!r}.")
