"""PostgreSQL as the system's packages bring it, with its extensions and programs, on a port of the loopback."""

import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest

from portal.development.embedded import swept_up
from portal.development.system_account import SystemAccount, account_for
from tests.machine.programs import free_port

PASSWORD = "superuser"
SETTINGS = """
listen_addresses = '127.0.0.1'
fsync = off
full_page_writes = off
max_connections = 100
"""


def programs() -> Path:
    """The folder of the newest packaged version that has a server, its programs and its extensions."""
    found = sorted(
        (path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")),
        key=lambda path: int(re.sub(r"\D", "", path.parent.name)),
    )
    if not found:
        pytest.fail("PostgreSQL's packages are missing: bin/test installs them where it runs as root with apt-get.")
    return found[-1]


@dataclass(frozen=True)
class PackagedServer:
    """A cluster in ``folder`` whose superuser is ``postgres``; everybody needs a password."""

    folder: Path
    port: int
    account: SystemAccount

    @property
    def environment(self) -> dict[str, str]:
        """What libpq's programs read, for its superuser."""
        return {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGUSER": "postgres", "PGPASSWORD": PASSWORD}

    def connect(self, database: str = "postgres") -> psycopg.Connection[Any]:
        """A connection as its superuser."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", password=PASSWORD, dbname=database, autocommit=True
        )

    def run(self, program: str, *arguments: str) -> None:
        """One of the server's own programs; what it says is shown where it fails."""
        done = self.account.run(programs() / program, *arguments)
        assert done.returncode == 0, done.stdout + done.stderr


@contextmanager
def packaged_server(template: Path | None = None) -> Iterator[PackagedServer]:
    """A running server; a fresh one, or on a copy of the stopped cluster in ``template``."""
    account = account_for(None)
    folder = account.temporary_folder()
    server = PackagedServer(folder, free_port(), account)
    with swept_up(account, programs() / "pg_ctl", folder):
        if template is None:
            make_cluster(server)
        else:
            subprocess.run(["cp", "--archive", str(template / "data"), str(folder / "data")], check=True)
        options = f"-p {server.port} -k {folder}"
        log = str(folder / "log")
        server.run("pg_ctl", "-D", str(folder / "data"), "-l", log, "-w", "-o", options, "start")
        yield server


@contextmanager
def new_cluster() -> Iterator[Path]:
    """A stopped cluster, for copies: a copy is made sooner than another one."""
    account = account_for(None)
    server = PackagedServer(account.temporary_folder(), 0, account)
    with swept_up(account, programs() / "pg_ctl", server.folder):
        make_cluster(server)
        yield server.folder


def make_cluster(server: PackagedServer) -> None:
    """The files of an empty cluster."""
    password = server.folder / "password"
    password.write_text(PASSWORD)
    server.account.take(password)
    server.run(
        "initdb", "-D", str(server.folder / "data"), "--username=postgres", f"--pwfile={password}",
        "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C", "--no-sync",
    )  # fmt: skip
    with (server.folder / "data/postgresql.conf").open("a") as settings:
        settings.write(SETTINGS)
