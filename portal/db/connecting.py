"""Connections to PostgreSQL: what each is told at its start, and how long anybody waits for one.

Without a pooler the settings ride along with the connection's start. A pooler refuses such options, so behind one they
are told after the connecting (session) or at the beginning of every transaction (transaction).
"""

import select
from typing import Any

import psycopg
from psycopg.abc import PQGen
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import TransactionStatus
from psycopg.rows import RowFactory, tuple_row
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import InvalidatePoolError

from config import Config, Process
from portal.db.pool import ObservedPool

APPLICATION_NAME = "getinn-portal"
# A worker's jobs go over whole accounts, but none of them for so long.
WORKER_STATEMENT_SECONDS, WORKER_LOCK_SECONDS, WORKER_IDLE_SECONDS = 300, 10, 300
# A worker has more threads than connections: they take turns.
WORKER_WAIT_SECONDS = 30
# The server's own time-out comes first; where it says nothing at all, the connection is given up.
GRACE_SECONDS = 2
# libpq knows no shorter time.
MINIMUM_CONNECT_SECONDS = 2


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that is closed where an answer takes longer than ``answer_seconds``: a hung server says nothing."""

    answer_seconds: float | None = None

    def wait(self, gen: PQGen[Any], interval: float = 0.1, timeout: float | None = None) -> Any:
        """Raises ``psycopg.OperationalError`` where the time is up; nobody uses the connection afterwards."""
        limit = self.answer_seconds if timeout is None else timeout
        try:
            return super().wait(gen, interval, limit)
        except psycopg.OperationalError:
            if self.answer_seconds is not None and self.pgconn.transaction_status == TransactionStatus.ACTIVE:
                self.pgconn.finish()
            raise


def time_limits(config: Config, process: Process) -> dict[str, str]:
    """PostgreSQL's time-outs for a kind of process; commands, migrations among them, take the time they need."""
    if process == "command":
        return {}
    limits = config.limits
    seconds = (limits.statement, limits.lock, limits.idle)
    if process == "worker":
        seconds = (WORKER_STATEMENT_SECONDS, WORKER_LOCK_SECONDS, WORKER_IDLE_SECONDS)
    names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    return {name: f"{each}s" for name, each in zip(names, seconds, strict=True)}


def session_settings(config: Config, process: Process) -> dict[str, str]:
    """All that a session of the portal needs to be told."""
    # The job queue's functions name its tables without a schema.
    path = f"{config.database_schema}_jobs,public"
    # Compiling a statement takes longer than any page may: what is counted up to a cap looks dearer than it is.
    # As if all lay on a turning disk, PostgreSQL would rather read and sort a chain than fifty rows by an index.
    plans = {"jit": "off", "random_page_cost": "1.1"}
    return {**time_limits(config, process), **plans, "TimeZone": "UTC", "search_path": path}


def startup_options(database_url: str, settings: dict[str, str]) -> str:
    """The settings as libpq's ``options``, with those of the address: its time-outs win, zone and path are ours."""
    given = str(conninfo_to_dict(database_url).get("options") or "")
    fixed = {"TimeZone", "search_path"}
    ours = [f"-c {name}={value}" for name, value in settings.items() if name not in fixed]
    last = [f"-c {name}={value}" for name, value in settings.items() if name in fixed]
    return " ".join([*ours, *filter(None, [given.strip()]), *last])


def connect(
    config: Config,
    process: Process | None = None,
    *,
    autocommit: bool = False,
    row_factory: RowFactory[Any] = tuple_row,
) -> BoundedConnection:
    """A new connection for a kind of process, by default this one. Raises ``psycopg.OperationalError``."""
    process = process or config.process
    settings = session_settings(config, process)
    arguments: dict[str, Any] = {"application_name": APPLICATION_NAME}
    if "connect_timeout" not in conninfo_to_dict(config.libpq_url):
        arguments["connect_timeout"] = max(config.limits.wait, MINIMUM_CONNECT_SECONDS)
    if config.pooler == "none":
        arguments["options"] = startup_options(config.libpq_url, settings)
    connection = BoundedConnection.connect(
        without_options(config.libpq_url) if config.pooler != "none" else config.libpq_url,
        autocommit=autocommit,
        row_factory=row_factory,
        # What one prepares, the next who gets the server's connection does not know.
        prepare_threshold=None if config.pooler == "transaction" else 5,
        **arguments,
    )
    if process == "web":
        connection.answer_seconds = config.limits.statement + GRACE_SECONDS
    if config.pooler == "session":
        tell_settings(connection, settings)
    return connection


def without_options(database_url: str) -> str:
    """The address without libpq's ``options``, which a pooler refuses."""
    address, _, query = database_url.partition("?")
    kept = "&".join(part for part in query.split("&") if part and not part.startswith("options="))
    return f"{address}?{kept}" if kept else address


def tell_settings(connection: psycopg.Connection[Any], settings: dict[str, str], *, for_now: bool = False) -> None:
    """Make the settings in the session, or ``for_now`` in the present transaction alone."""
    calls = ", ".join(["set_config(%s, %s, %s)"] * len(settings))
    values = [part for name, value in settings.items() for part in (name, value, for_now)]
    connection.cursor(row_factory=tuple_row).execute(f"SELECT {calls}".encode(), values)
    if not (for_now or connection.autocommit):
        connection.commit()


def engine_options(config: Config) -> dict[str, Any]:
    """What SQLAlchemy needs to make its connections here, to keep as many as threads wait, and to wait no longer."""
    return {
        "poolclass": ObservedPool,
        "creator": lambda: connect(config),
        "pool_size": config.pool_size,
        "max_overflow": 0,
        "pool_timeout": config.limits.wait if config.process == "web" else WORKER_WAIT_SECONDS,
        "pool_recycle": 1800,
        "pool_events": [(refuse_hung_up, "checkout")],
        # Errors are logged: what people wrote and sealed secrets stay out of them.
        "hide_parameters": True,
    }


def refuse_hung_up(connection: Any, record: Any, proxy: Any) -> None:
    """Where the server has said farewell, all waiting connections are made anew; without asking it anything."""
    if has_hung_up(connection):
        raise InvalidatePoolError


def has_hung_up(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server said something unasked: on an idle line that is its farewell."""
    if connection.closed:
        return True
    asking = select.poll()
    asking.register(connection.fileno(), select.POLLIN)
    return bool(asking.poll(0))


def tell_each_transaction(engine: Engine, config: Config) -> None:
    """Behind a pooler by transaction: begin each one with the settings."""
    if config.pooler != "transaction":
        return
    settings = session_settings(config, config.process)

    def begin(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        tell_settings(driver, settings, for_now=True)

    event.listen(engine, "begin", begin)
