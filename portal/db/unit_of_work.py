"""Commit once, at the edge: a request that succeeds commits, any other rolls back."""

from flask import Flask, Response

from portal.db.base import db


def install(app: Flask) -> None:
    """Decide about the transaction of every request before its answer leaves."""
    app.after_request(finish)


def finish(response: Response) -> Response:
    """Commit below status 400, roll back from there on."""
    if not db.session.registry.has():
        return response
    if response.status_code < 400:
        db.session.commit()
    else:
        db.session.rollback()
    return response
