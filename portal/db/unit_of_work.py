"""Commit once, at the edge: a request that succeeds commits, any other rolls back."""

from flask import Flask, Response, current_app, g
from psycopg.pq import TransactionStatus

from portal.db.base import db
from portal.db.connecting import tell_each_transaction
from portal.db.cursor import connection


def install(app: Flask) -> None:
    """Decide about the transaction of every request before its answer leaves; tell each one its settings."""
    app.after_request(finish)
    with app.app_context():
        tell_each_transaction(db.engine, app.config["PORTAL"])


def finish(response: Response) -> Response:
    """Commit below status 400, roll back from there on.

    A page that only read commits as well: a rollback costs as much, and without a transaction row security would have
    no account.
    """
    if not db.session.registry.has():
        return response
    if response.status_code >= 400:
        roll_back()
        return response
    try:
        commit(response)
    except Exception as error:
        # Past the views Flask asks no error handler by itself.
        g.is_commit_lost = True
        return current_app.make_response(current_app.handle_user_exception(error))
    return response


def commit(response: Response) -> None:
    """Commit what the request did; of one that only read, past the session, which would look through all it holds.

    What is streamed goes on to read, in a transaction that the session begins.
    """
    session = db.session()
    if response.is_streamed or session.new or session.dirty or session.deleted:
        db.session.commit()
    elif session.in_transaction():
        connection().commit()
        session.close()


def roll_back() -> None:
    """Undo what the request did, and keep the connection's prepared statements.

    psycopg throws them away when it sees a ROLLBACK, which could undo the making of tables that they name. Requests
    make no tables; planning everything anew would slow the next ten on this connection by milliseconds each.
    """
    if db.session.is_active and db.session().in_transaction():
        driver = connection()
        if driver.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
            driver.pgconn.exec_(b"ROLLBACK")
    db.session.rollback()
