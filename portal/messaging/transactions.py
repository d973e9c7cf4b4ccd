"""Units of work of the worker's threads: a context, a session and a transaction each, none of them left open."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

from flask import Flask

from portal.db.base import db
from portal.db.cursor import working_on
from portal.db.faults import cause_of, is_passing
from portal.messaging.backoff import wait_after
from portal.messaging.line_pool import lines_of
from portal.telemetry.failures import failure_location
from portal.tenancy.scope import Scope, assume_scope, system_scope

log = logging.getLogger(__name__)

MAX_PAUSE_SECONDS = 2.0
QUERY_CANCELED = "57014"
_ENTER_ACCOUNT = b"SELECT set_config('getinn.account_id', %(account)s, true)"
# Looks over all accounts step through indexes, one entry after the other, however many rows there are: left to itself
# the planner takes a table that has just filled for a small one, reads and sorts all of it, and plans that for long.
_STEPPING = ("bitmapscan", "seqscan", "sort", "hashjoin", "mergejoin", "material")
_ENTER_WORKER = f"""
    SELECT set_config('getinn.door', 'worker', true) AS door, set_config('plan_cache_mode', 'force_generic_plan', true)
        AS planning, {", ".join(f"set_config('enable_{way}', 'off', true) AS {way}" for way in _STEPPING)}
""".encode()


@contextmanager
def transaction(app: Flask, account_id: UUID | None = None) -> Iterator[None]:
    """One transaction, committed at the end; ``account_id`` is entered, without one it is the worker's system scope."""
    with app.app_context():
        if account_id is not None:
            assume_scope(Scope(account_id))
            yield
        else:
            with system_scope("worker"):
                yield
        db.session.commit()


@contextmanager
def line_transaction(app: Flask, account_id: UUID | None = None) -> Iterator[None]:
    """One transaction past the session, on a line of its own, committed at the end.

    Statements are sent without waiting for each other; whoever fetches waits for what was sent so far. ``account_id``
    is entered, without one it is the worker's system scope, in which each statement names its account. A failure closes
    the line, and with it the transaction.
    """
    with app.app_context(), lines_of(app).line() as cursor:
        line = cursor.connection
        with line.pipeline(), working_on(line):
            line.execute("BEGIN")
            if account_id is not None:
                assume_scope(Scope(account_id))
                line.execute(_ENTER_ACCOUNT, {"account": str(account_id)})
            else:
                line.execute(_ENTER_WORKER)
            yield
            line.execute("COMMIT")


def is_database_away(error: BaseException) -> bool:
    """Whether the database could not do it now, so that the same work will do later."""
    # A statement that takes too long will do so again: that is no pause.
    return is_passing(error) and getattr(cause_of(error), "sqlstate", None) != QUERY_CANCELED


def run_forever(name: str, stop: threading.Event, work: Callable[[], None]) -> None:
    """Do it over and over until ``stop``; after a failure wait, longer each time, and go on."""
    failures = 0
    while not stop.is_set():
        try:
            work()
            failures = 0
        except Exception as error:
            failures += 1
            told = "the database is away" if is_database_away(error) else failure_location(error)
            log.log(logging.WARNING if failures < 3 else logging.ERROR, "%s: %s", name, told)
            stop.wait(wait_after(failures, first=0.1, longest=MAX_PAUSE_SECONDS))
