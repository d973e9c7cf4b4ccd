"""What a live connection of the portal's own role tells about the database."""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from sqlalchemy import Connection, text

from config import Config
from portal.db.revisions import MIGRATIONS, scripts, standing
from portal.doctor.settings import Finding

StoredKeys = Callable[[Connection], Mapping[str | None, int]]

UPGRADE = "Run: flask db upgrade"
OLDEST_POSTGRES = 150000  # server_version_num
CLOCK_TOLERANCE = 5.0  # seconds
UTC_NAMES = ("UTC", "ETC/UTC", "UCT", "ETC/UCT", "ZULU", "ETC/ZULU", "GMT", "ETC/GMT")
MAKE_ROLE = "CREATE ROLE portal LOGIN NOSUPERUSER NOBYPASSRLS PASSWORD '...' (docs/deploy.md, Database roles)"


def database_findings(
    config: Config, connection: Connection, unprotected_tables: frozenset[str], migrations: Path
) -> Iterator[Finding]:
    """Findings about server, role, clock, migrations, row security and extensions."""
    yield from _server(connection)
    yield from _role(connection)
    yield from _clock(connection)
    yield from _migrations(config, connection, migrations)
    yield from _row_security(config, connection, unprotected_tables)
    yield from _trigrams(connection)


def _server(connection: Connection) -> Iterator[Finding]:
    version = int(connection.scalar(text("SELECT current_setting('server_version_num')")) or 0)
    if version < OLDEST_POSTGRES:
        yield Finding(
            "refuse",
            f"PostgreSQL {version // 10000} is too old.",
            f"Use version {OLDEST_POSTGRES // 10000} or newer.",
        )


def _role(connection: Connection) -> Iterator[Finding]:
    role = connection.execute(
        text("SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user")
    ).one()
    if role.rolsuper:
        yield Finding(
            "refuse",
            f"The database role {role.rolname} is a superuser: row security does not bind it.",
            f"Use an ordinary role: {MAKE_ROLE}.",
        )
    elif role.rolbypassrls:
        yield Finding(
            "refuse",
            f"The database role {role.rolname} bypasses row security.",
            f'ALTER ROLE "{role.rolname}" NOBYPASSRLS, or use another role: {MAKE_ROLE}.',
        )


def _clock(connection: Connection) -> Iterator[Finding]:
    zone = str(connection.scalar(text("SELECT current_setting('TimeZone')")))
    if zone.upper() not in UTC_NAMES:
        yield Finding(
            "refuse",
            f"The database session runs on {zone}, not on UTC: all times would be stored wrong.",
            "Remove a timezone option from DATABASE_URL and PGTZ from the environment.",
        )
    for other in connection.scalars(text(DEFAULT_ZONES)):
        if str(other).upper() not in UTC_NAMES:
            yield Finding(
                "warning",
                f"The database gives its sessions {other} by default: other programs store local times.",
                "ALTER DATABASE ... SET timezone = 'UTC'.",
            )
    before = time.time()
    database = float(connection.scalar(text("SELECT extract(epoch FROM clock_timestamp())")) or 0.0)
    difference = abs(database - (before + time.time()) / 2)
    if difference > CLOCK_TOLERANCE:
        yield Finding(
            "warning",
            f"This machine's clock and the database's differ by {difference:.0f} seconds.",
            "Let both follow a time server (NTP).",
        )


DEFAULT_ZONES = """
    SELECT split_part(setting, '=', 2)
    FROM pg_db_role_setting, unnest(setconfig) AS setting
    WHERE setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
      AND setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = current_user))
      AND setting ILIKE 'timezone=%'
"""


def _migrations(config: Config, connection: Connection, folder: Path) -> Iterator[Finding]:
    present = _revisions(config, connection)
    match standing(present, _least_revision(config, connection), folder):
        case "behind" if not present:
            yield Finding("refuse", "The database was never migrated: it is behind the migrations.", UPGRADE)
        case "behind":
            yield Finding("refuse", "The database is behind the migrations.", UPGRADE)
        case "compatible":
            yield Finding(
                "information",
                "The database is ahead of this version of the portal, which may serve it all the same.",
                "Go on with the upgrade.",
            )
        case "ahead":
            unknown = ", ".join(sorted(present - scripts(folder)[0]))
            yield Finding(
                "refuse",
                f"The database is ahead of this version of the portal (it knows no migration {unknown}).",
                "Start the newer version.",
            )


def is_migrated(config: Config, connection: Connection, folder: Path = MIGRATIONS) -> bool:
    """Whether the tables are there that this version reads."""
    found = standing(_revisions(config, connection), _least_revision(config, connection), folder)
    return found in ("current", "compatible")


def _least_revision(config: Config, connection: Connection) -> str | None:
    table = f'"{config.database_schema}".deployment'
    if connection.scalar(text("SELECT to_regclass(:table)"), {"table": table}) is None:
        return None
    return connection.scalar(text(f"SELECT least_revision FROM {table}"))  # noqa: S608 (a checked name)


def _revisions(config: Config, connection: Connection) -> set[str]:
    table = f'"{config.database_schema}".alembic_version'
    if connection.scalar(text("SELECT to_regclass(:table)"), {"table": table}) is None:
        return set()
    return set(connection.scalars(text(f"SELECT version_num FROM {table}")))  # noqa: S608 (a checked name)


def _row_security(config: Config, connection: Connection, unprotected: frozenset[str]) -> Iterator[Finding]:
    for table in connection.execute(text(OPEN_TENANT_TABLES), {"schema": config.database_schema}):
        if table.relname not in unprotected:
            yield Finding(
                "refuse",
                f"Row security of the table {config.database_schema}.{table.relname} {table.fault}.",
                "Run: flask db upgrade (if that does not help, somebody switched it off by hand).",
            )


OPEN_TENANT_TABLES = """
    SELECT relname,
           CASE WHEN NOT relrowsecurity THEN 'is off'
                WHEN NOT relforcerowsecurity THEN 'does not bind the table''s owner (FORCE is off)'
                ELSE 'has no policy' END AS fault
    FROM pg_class
    WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = :schema)
      AND relkind IN ('r', 'p')
      AND (relname = 'account' OR EXISTS (
          SELECT FROM pg_attribute
          WHERE attrelid = pg_class.oid AND attname = 'account_id' AND NOT attisdropped))
      AND NOT (relrowsecurity AND relforcerowsecurity
               AND EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid))
    ORDER BY relname
"""


def _trigrams(connection: Connection) -> Iterator[Finding]:
    if connection.scalar(text("SELECT 1 FROM pg_extension WHERE extname = 'pg_trgm'")) is None:
        yield Finding(
            "warning",
            "The extension pg_trgm is missing: a search reads all rows of the account, "
            "so it gets slower the more restaurants and dialogs the account has.",
            "docs/deploy.md, Database roles, shows how to add it and its index.",
        )


def stored_secret_findings(config: Config, counts: Mapping[str | None, int]) -> Iterator[Finding]:
    """Findings about secrets whose key is unknown; ``counts`` has the number of secrets by key id."""
    known = {key.id for key in config.credential_keys}
    for kid, count in counts.items():
        if kid is None:
            yield Finding("warning", f"{count} stored secrets are not encrypted.", "Run: flask rotate-credentials")
        elif kid not in known:
            yield Finding(
                "warning",
                f"{count} stored secrets need the key {kid}, which CREDENTIAL_KEYS does not hold.",
                "Add the lost key at the end of CREDENTIAL_KEYS, or have the secrets entered again.",
            )
