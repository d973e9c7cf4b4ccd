"""What a request changed stays when it succeeds and goes when it is refused; what is prepared stays."""

import pytest
from flask import Response
from psycopg import InternalError, OperationalError
from sqlalchemy.exc import DBAPIError

from portal.db import cursor
from portal.db.base import SCHEMA, db
from portal.db.connecting import BoundedConnection
from portal.db.unit_of_work import finish
from portal.tenancy.scope import enter_account

NAMES = f"SELECT name FROM {SCHEMA}.restaurant WHERE account_id = %(account)s ORDER BY name".encode()
RENAME = f"UPDATE {SCHEMA}.restaurant SET name = 'Same' WHERE account_id = %(account)s".encode()
PREPARED = b"SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%restaurant%%'"
SESSION = b"SELECT pg_backend_pid()"


@pytest.fixture
def account_id(app, world):
    with app.app_context():
        # One connection alone, so that every transaction is on the same.
        db.engine.dispose()
        enter_account(world.pelmenya.account_id)
        yield world.pelmenya.account_id


@pytest.mark.parametrize(("status", "stays"), [(200, True), (303, True), (404, False), (500, False)])
def test_what_a_request_changed_stays_if_it_succeeds_alone(account_id, status, stays):
    cursor.execute(RENAME, account=account_id)
    finish(Response(status=status))
    enter_account(account_id)
    assert (set(cursor.scalars(NAMES, account=account_id)) == {"Same"}) is stays


@pytest.mark.parametrize("error", [OperationalError("the line is cut"), InternalError("received 2 results")])
def test_where_the_line_is_cut_while_saving_the_answer_says_to_look(browse, world, monkeypatch, error):
    owner = browse(world.pelmenya.owner)
    page = owner.get(owner.account("restaurants"))
    assert page.status_code == 200
    commit = db.session.commit

    def cut():
        monkeypatch.setattr(db.session, "commit", commit)
        raise DBAPIError("COMMIT", {}, error)

    monkeypatch.setattr(db.session, "commit", cut)
    answer = owner.post(owner.account("restaurants/new"), {"name": "Cut off"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Look whether it is there" in answer.text


@pytest.mark.parametrize("error", [OperationalError("the line is cut"), InternalError("received 2 results")])
def test_where_the_line_is_cut_after_a_page_was_read_it_comes_at_the_next_try(browse, world, monkeypatch, error):
    owner = browse(world.pelmenya.owner)
    assert owner.get(owner.account("restaurants")).status_code == 200
    commit = BoundedConnection.commit

    def cut(self):
        monkeypatch.setattr(BoundedConnection, "commit", commit)
        raise error

    monkeypatch.setattr(BoundedConnection, "commit", cut)
    assert owner.get(owner.account("restaurants")).status_code == 503
    assert owner.get(owner.account("restaurants")).status_code == 200


def test_a_refused_request_leaves_prepared_statements_as_they_are(account_id):
    for _ in range(8):
        cursor.scalars(NAMES, account=account_id)
    before = cursor.scalar(SESSION), cursor.scalar(PREPARED)
    finish(Response(status=422))
    for _ in range(2):
        cursor.scalars(NAMES, account=account_id)
    assert (cursor.scalar(SESSION), cursor.scalar(PREPARED)) == before
    assert before[1] > 0


def test_a_request_refused_by_the_database_is_undone_as_well(account_id):
    cursor.execute(RENAME, account=account_id)
    with pytest.raises(Exception, match="division by zero"):
        cursor.scalar(b"SELECT 1 / 0")
    finish(Response(status=500))
    enter_account(account_id)
    assert set(cursor.scalars(NAMES, account=account_id)) != {"Same"}
