"""The whole examination of ``flask doctor``: settings, database, rows, and what lies outside."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

import psycopg
from flask import Flask, current_app
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from config import Config, ConfigurationError
from portal.db.base import db
from portal.db.faults import cause_of
from portal.db.sealing import secret_holders
from portal.db.secrets import Keyring, Place, SecretUnreadable
from portal.doctor import diagnose, worst_first
from portal.doctor.database import is_migrated
from portal.doctor.outside import outside_findings
from portal.doctor.pooling import pooling_findings
from portal.doctor.reaching import unreachable
from portal.doctor.settings import Finding, settings_findings
from portal.doctor.stored import connection_findings, deployment_findings, people_findings, work_findings


def examine(app: Flask, unprotected_tables: Iterable[str]) -> list[Finding]:
    """All findings, the worst first; whatever is wrong, the rest is looked at as far as it can be."""
    config: Config = app.config["PORTAL"]
    with app.app_context():
        return worst_first([*_database(config, unprotected_tables), *outside_findings(config)])


def _database(config: Config, unprotected_tables: Iterable[str]) -> Iterator[Finding]:
    try:
        # As a web process asks: a pooler shows itself by what it refuses or leaves out.
        yield from pooling_findings(replace(config, process="web")) if config.database_url else ()
        with db.engine.connect() as connection:
            yield from _rows(config, connection, unprotected_tables)
    except ConfigurationError as error:
        yield from settings_findings(config)
        yield Finding("refuse", str(error), "docs/deploy.md, Environment.")
    except (SQLAlchemyError, psycopg.Error) as error:
        yield from settings_findings(config)
        yield unreachable(cause_of(error))


def _rows(config: Config, connection: Connection, unprotected_tables: Iterable[str]) -> Iterator[Finding]:
    reads = is_migrated(config, connection)
    yield from diagnose(
        config, connection, unprotected_tables=unprotected_tables, stored_keys=stored_keys if reads else None
    )
    yield from connection_findings(config, connection)
    if reads:
        yield from unreadable_secrets(connection)
        yield from people_findings(config, connection)
        yield from deployment_findings(config, connection)
        yield from work_findings(config, connection)


def unreadable_secrets(connection: Connection) -> Iterator[Finding]:
    """Findings about secrets whose key is there, and which it does not open all the same."""
    keyring: Keyring | None = current_app.config["KEYRING"]
    if keyring is None:
        return
    connection.execute(text("SELECT set_config('getinn.door', 'accounts', true)"))
    for entity in secret_holders():
        columns = entity.__table__.c
        sealed = columns.credentials["kid"].astext.in_(list(keyring))
        for row in connection.execute(select(columns.id, columns.account_id, columns.credentials).where(sealed)):
            place = Place(entity.__tablename__, "credentials", row.id, row.account_id)
            try:
                keyring.open(row.credentials, place)
            except SecretUnreadable:
                message = f"The secret in {place} does not open: it was changed, or belongs to another row."
                yield Finding("fault", message, "Have it entered again.")
    connection.rollback()


def stored_keys(connection: Connection) -> Counter[str | None]:
    """How many secrets each key sealed, over all accounts; ``None`` stands for clear text."""
    connection.execute(text("SELECT set_config('getinn.door', 'accounts', true)"))
    counts: Counter[str | None] = Counter()
    for entity in secret_holders():
        table = entity.__table__
        kid = table.c.credentials["kid"].astext.label("kid")
        query = select(kid, func.count().label("held")).where(table.c.credentials != {}).group_by(kid)
        counts.update({row.kid: row.held for row in connection.execute(query)})
    connection.rollback()
    return counts
