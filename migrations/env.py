"""How migrations run: in the portal's schema, with a lock time-out, one transaction each."""

from alembic import context
from flask import current_app
from sqlalchemy import Connection, text

from portal.db.base import SCHEMA, db
from portal.web.listing.search import OPTIONAL_INDEX

LOCK_TIMEOUT = "10s"


def is_ours(name: str | None, kind: str, parents: dict[str, str | None]) -> bool:
    """Only the portal's schema is compared with the models, and no index that a server may lack."""
    return name == SCHEMA if kind == "schema" else name != OPTIONAL_INDEX


def run(connection: Connection) -> None:
    """Bring the database to the wanted revision."""
    connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{SCHEMA}"'))
    connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    connection.commit()
    context.configure(
        connection=connection,
        target_metadata=db.metadata,
        version_table_schema=SCHEMA,
        include_schemas=True,
        include_name=is_ours,
        transaction_per_migration=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if context.is_offline_mode():
    raise SystemExit("Migrations look at the database before they change it: run them online.")

with current_app.extensions["migrate"].db.engine.connect() as migrating:
    run(migrating)
