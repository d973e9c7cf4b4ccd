"""Databases of the schema tests: empty, seeded as older writers left them, migrated."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import psycopg
from flask import Flask
from psycopg.rows import namedtuple_row

from portal import create_app
from portal.db.base import SCHEMA, db
from portal.development.system_account import account_for
from tests.conftest import config_for

HERE = Path(__file__).parent
POSTGRESQL_15 = Path("/usr/lib/postgresql/15/bin")
UUID_OSSP = Path("/usr/share/postgresql/15/extension/uuid-ossp.control")


class Server(Protocol):
    """What the tests need of a server, the embedded one or another."""

    def url(self, database: str = ..., role: str = ...) -> str: ...
    def superuser_url(self, database: str = ...) -> str: ...
    def create_database(self, name: str) -> None: ...
    def drop_database(self, name: str) -> None: ...


class System15:
    """A throw-away PostgreSQL 15 from the machine's own packages."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.account = folder, account_for(None)

    def start(self) -> None:
        """Make its data and start it on a socket in the folder."""
        data = self.folder / "data"
        self._run("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N", "--locale=C.UTF-8")
        options = f"-k {self.folder} -c listen_addresses='' -c fsync=off -c timezone=UTC"
        self._run("pg_ctl", "-D", self.folder / "data", "-l", self.folder / "log", "-w", "-o", options, "start")
        self._superuser("CREATE ROLE getinn LOGIN")

    def stop(self) -> None:
        """End it."""
        self._run("pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop")

    def url(self, database: str = "getinn", role: str = "getinn") -> str:
        """The address of a database."""
        return f"postgresql+psycopg://{role}@/{database}?host={str(self.folder).replace('/', '%2F')}"

    def superuser_url(self, database: str = "postgres") -> str:
        """The same as its superuser."""
        return self.url(database, "postgres")

    def create_database(self, name: str) -> None:
        """An empty database of the portal's role."""
        self._superuser(f"CREATE DATABASE {name} OWNER getinn")

    def drop_database(self, name: str) -> None:
        """Remove it."""
        self._superuser(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _superuser(self, statement: str) -> None:
        with connected(self.superuser_url()) as connection:
            connection.execute(statement)

    def _run(self, program: str, *arguments: Any) -> None:
        result = self.account.run(POSTGRESQL_15 / program, *arguments)
        assert result.returncode == 0, result.stderr + result.stdout


def system_15_is_there() -> bool:
    """Whether this machine can run PostgreSQL 15 with uuid-ossp."""
    return (POSTGRESQL_15 / "initdb").exists() and UUID_OSSP.exists()


@contextmanager
def system_15() -> Iterator[System15]:
    """PostgreSQL 15, gone afterwards."""
    account = account_for(None)
    folder = account.temporary_folder()
    server = System15(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def empty_database(server: Server, name: str) -> Iterator[str]:
    """A new database; its name."""
    server.create_database(name)
    try:
        yield name
    finally:
        server.drop_database(name)


@contextmanager
def portal_on(server: Server, name: str) -> Iterator[Flask]:
    """The portal on a database, within its application context."""
    app = create_app(config_for(server.url(name)))
    with app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


@contextmanager
def connected(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A plain connection in autocommit, with rows by column name."""
    plain = url.replace("+psycopg", "")
    with psycopg.connect(plain, autocommit=True, row_factory=namedtuple_row) as connection:
        yield connection


def load_seed(server: Server, name: str, *, webhooks: bool = True) -> None:
    """Make the seed's tables, as its own role would have."""
    with connected(server.superuser_url(name)) as connection:
        connection.execute(uuid_function(connection))
        connection.execute(f"CREATE SCHEMA {SCHEMA} AUTHORIZATION getinn")
    with connected(server.url(name)) as connection:
        for file in ("seed.sql", "webhook_columns.sql") if webhooks else ("seed.sql",):
            connection.execute((HERE / file).read_text().replace("{schema}", SCHEMA))


def uuid_function(connection: psycopg.Connection[Any]) -> str:
    """SQL that brings ``uuid_generate_v4``: the extension, or a stand-in where there is none."""
    if connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'uuid-ossp'").fetchone():
        return 'CREATE EXTENSION "uuid-ossp"'
    return "CREATE FUNCTION public.uuid_generate_v4() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'"
