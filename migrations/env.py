"""How migrations run: in the portal's schema, one run at a time, waiting for locks only briefly and then again."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from flask import current_app
from psycopg.errors import DeadlockDetected, LockNotAvailable
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from migrations.compatibility import least_compatible, note
from migrations.steps import GIVE_UP_AFTER_SECONDS, LOCK_TIMEOUT, pause
from portal.db.base import SCHEMA, db
from portal.web.listing.search import FUNCTIONAL_INDEXES

# A migration may take long; it must not wait long for a lock, nor be ended by the time-outs of pages.
SETTINGS = {"lock_timeout": LOCK_TIMEOUT, "statement_timeout": "0", "idle_in_transaction_session_timeout": "0"}
RUN_LOCK = "hashtextextended('migrations of ' || :schema, 0)"


def is_ours(name: str | None, kind: str, parents: dict[str, str | None]) -> bool:
    """Only the portal's schema is compared with the models, and no index of what functions make of a text."""
    return name == SCHEMA if kind == "schema" else not str(name).startswith(FUNCTIONAL_INDEXES)


def run(connection: Connection) -> None:
    """Bring the database to the wanted revision."""
    connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{SCHEMA}"'))
    for name, value in SETTINGS.items():
        connection.execute(text(f"SET {name} = '{value}'"))
    connection.commit()
    give_up_at = time.monotonic() + GIVE_UP_AFTER_SECONDS
    with alone(connection):
        while not migrated(connection, may_wait=time.monotonic() < give_up_at):
            pause()
        note_compatibility(connection)


def note_compatibility(connection: Connection) -> None:
    """Tell the processes of other versions whether they may serve what is there now."""
    reached = context.get_context().get_current_revision()
    if reached and (
        least := least_compatible(each.module for each in context.script.iterate_revisions(reached, "base"))
    ):
        note(connection, least)


def migrated(connection: Connection, may_wait: bool) -> bool:
    """Run what is left; False where a lock was not to be had, and what was committed before stands."""
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        version_table_schema=SCHEMA,
        include_schemas=True,
        include_name=is_ours,
        transaction_per_migration=True,
        compare_type=True,
    )
    try:
        with context.begin_transaction():
            context.run_migrations()
    except DBAPIError as error:
        if not may_wait or not isinstance(error.orig, LockNotAvailable | DeadlockDetected):
            raise
        connection.rollback()
        return False
    return True


@contextmanager
def alone(connection: Connection) -> Iterator[None]:
    """Let no second run begin meanwhile. Asked again and again: one that waits would hold up an index being built."""
    while not connection.scalar(text(f"SELECT pg_try_advisory_lock({RUN_LOCK})"), {"schema": SCHEMA}):
        connection.rollback()
        time.sleep(0.5)
    connection.commit()
    try:
        yield
    finally:
        connection.rollback()
        connection.execute(text(f"SELECT pg_advisory_unlock({RUN_LOCK})"), {"schema": SCHEMA})
        connection.commit()


if context.is_offline_mode():
    raise SystemExit("Migrations look at the database before they change it: run them online.")

with current_app.extensions["migrate"].db.engine.connect() as migrating:
    run(migrating)
