"""What an error of the database means: whose it is, and whether the same will do later."""

import psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

# PostgreSQL's appendix A. 08: the line; 53: no room; 57: ended from outside, the statement's time-out among it;
# 55P03: a lock's time-out; 25P03, 25P04: too long in a transaction; 25006: a standby that only reads; 40001, 40P01:
# others were in the way.
_PASSING = ("08", "53", "57", "55P03", "25P03", "25P04", "25006", "40001", "40P01")


def cause_of(error: BaseException) -> BaseException:
    """The driver's own error behind SQLAlchemy's."""
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def is_passing(error: BaseException) -> bool:
    """Whether the database could not do it now: away, overloaded, in recovery, or held by somebody else."""
    if isinstance(error, PoolExhausted) or getattr(error, "connection_invalidated", False):
        return True
    cause = cause_of(error)
    state = getattr(cause, "sqlstate", None) or ""
    # Without a state it is the driver that gave up: the line is cut, or a pooler said farewell in between two answers.
    if isinstance(cause, psycopg.InterfaceError):
        return True
    if isinstance(cause, psycopg.OperationalError | psycopg.InternalError) and not state:
        return True
    return state.startswith(_PASSING)
