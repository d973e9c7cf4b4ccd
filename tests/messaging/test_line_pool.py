"""Lines past the session: what fails on one holds nothing any more when its failure is heard of."""

import pytest
from psycopg.errors import DivisionByZero
from sqlalchemy import text

from portal.db.base import SCHEMA, db
from portal.db.connecting import BoundedConnection
from portal.db.cursor import execute, scalar
from portal.messaging import queries
from portal.messaging.transactions import line_transaction


@pytest.fixture
def lingering(monkeypatch):
    """Lines whose closing the server does not hear of; they are closed after the test."""
    lingering = []
    with monkeypatch.context() as patch:
        patch.setattr(BoundedConnection, "close", lambda line: lingering.append(line))
        yield lingering
    for line in lingering:
        line.close()


def fail_here():
    raise ZeroDivisionError


def fail_there():
    scalar(b"SELECT 1 / 0")


@pytest.mark.parametrize("fail", [fail_here, fail_there])
def test_a_transaction_that_fails_is_undone_before_anybody_hears_of_it(app, world, scoped, lingering, fail):
    chain = world.pelmenya
    asked = (chain.telegram_id, "1001")

    def rename():
        with line_transaction(app, chain.account_id):
            queries.lock_chat(*asked)
            execute(b"UPDATE getinn_ops.bot_instance SET name = 'x' WHERE account_id = %(id)s", id=chain.account_id)
            fail()

    with pytest.raises((ZeroDivisionError, DivisionByZero)):
        rename()
    assert lingering
    with line_transaction(app, chain.account_id):
        assert queries.is_locked(queries.lock_chat(*asked))
    with scoped(chain.account_id):
        free = db.session.scalars(text(f"SELECT name FROM {SCHEMA}.bot_instance FOR UPDATE SKIP LOCKED")).all()
    assert free
    assert "x" not in free
