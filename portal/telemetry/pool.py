"""The pool of database connections, measured."""

from typing import Any

from flask import Flask
from sqlalchemy import event

from portal.db.base import db
from portal.db.pool import ObservedPool
from portal.telemetry.metrics import metrics


def watch_pool(app: Flask) -> None:
    """Measure waits and connections in use from here on."""
    measured = metrics(app)
    ObservedPool.on_wait = measured.observe_pool_wait
    with app.app_context():
        engine = db.engine

    def show(*_: Any) -> None:
        measured.show_pool(engine.pool.checkedout())  # type: ignore[attr-defined]

    event.listen(engine, "checkout", show)
    event.listen(engine, "checkin", show)
