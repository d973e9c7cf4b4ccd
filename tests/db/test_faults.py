"""What an error of the database means: come again, or a fault of the portal's own."""

import psycopg
import pytest
from psycopg import errors
from sqlalchemy.exc import DBAPIError

from portal.db.faults import is_passing


@pytest.mark.parametrize(
    "error",
    [
        psycopg.OperationalError("the connection is lost"),
        psycopg.InterfaceError("the connection is closed"),
        psycopg.InternalError("received 2 results from command 'COMMIT'"),
        errors.AdminShutdown("terminating connection due to administrator command"),
        errors.ProtocolViolation("server conn crashed?"),
        errors.LockNotAvailable("canceling statement due to lock timeout"),
        errors.TooManyConnections("sorry, too many clients already"),
    ],
)
def test_what_the_database_cannot_do_now_may_be_asked_again(error):
    assert is_passing(error)
    assert is_passing(DBAPIError("SELECT 1", {}, error))


@pytest.mark.parametrize("error", [errors.UndefinedTable(""), errors.InternalError_(""), errors.UniqueViolation("")])
def test_a_fault_of_the_portals_own_is_none(error):
    assert not is_passing(error)
    assert not is_passing(DBAPIError("SELECT 1", {}, error))
