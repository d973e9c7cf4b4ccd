"""The server of the Procfile starts a safe portal, or says why not."""

import base64
import contextlib
import http.client
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.conftest import CREDENTIAL_KEY, SECRET_KEY
from tests.leftovers import end_with_us

ROOT = Path(__file__).resolve().parents[2]
KEY = base64.urlsafe_b64encode(CREDENTIAL_KEY.secret).decode()
LINES = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text("utf-8").splitlines())
WEB = LINES["web"]
SECONDS = 60


@pytest.fixture
def start(server, database):
    """``start(SETTING="value")`` runs the Procfile's own line."""
    running = []

    def run(command=WEB, **settings):
        environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "DATABASE_URL": server.url(),
            "SECRET_KEY": SECRET_KEY,
            "CREDENTIAL_KEYS": KEY,
            "TRUSTED_HOSTS": "portal.example",
            "PUBLIC_URL": "https://portal.example",
            "PORT": str(free_port()),
            "WEB_PROCESSES": "1",
            **settings,
        }
        process = subprocess.Popen(
            ["sh", "-c", f"exec {command}"],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        end_with_us(process)
        running.append(process)
        return process

    yield run
    for process in running:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def said(process, words):
    """What it says until ``words`` have come, or until nothing more is to be waited for."""
    text, deadline = b"", time.monotonic() + SECONDS
    with selectors.DefaultSelector() as waiting:
        waiting.register(process.stdout, selectors.EVENT_READ)
        while words.encode() not in text and time.monotonic() < deadline and waiting.select(1 + SECONDS):
            piece = os.read(process.stdout.fileno(), 65536)
            if not piece:
                break
            text += piece
    return text.decode()


def ended(process):
    """Its exit code and all it said."""
    return process.wait(SECONDS), process.stdout.read().decode()


@pytest.fixture
def roles(server, database):
    """Roles that row security does not bind; both may do what the portal's own may."""
    with contextlib.suppress(psycopg.errors.DuplicateObject):
        server.create_role("unbound", bypass_row_security=True)
    database.sql("GRANT getinn TO unbound")


UNSAFE_SETTINGS = {
    "a key that is too short": ({"SECRET_KEY": "short"}, "SECRET_KEY is shorter than 32 characters."),
    "a key that can be guessed": ({"SECRET_KEY": "a" * 40}, "SECRET_KEY is no random one"),
    "no keys": ({"SECRET_KEY": "", "CREDENTIAL_KEYS": ""}, "CREDENTIAL_KEYS is not set."),
    "cookies for plain HTTP": ({"SECURE_COOKIES": "off"}, "SECURE_COOKIES is off"),
    "no host names": ({"TRUSTED_HOSTS": "", "PUBLIC_URL": ""}, "TRUSTED_HOSTS is not set"),
    "a stand-in": ({"TELEGRAM_API_BASE": "http://127.0.0.1:8081"}, "TELEGRAM_API_BASE points to this machine"),
    "a superuser of the database": ({"role": "postgres"}, "The database role postgres is a superuser"),
    "a role that row security does not bind": ({"role": "unbound"}, "The database role unbound bypasses row security."),
    "a garbled address": ({"DATABASE_URL": "mysql://h/d"}, "DATABASE_URL must start with postgresql://"),
}
UNSAFE_ROWS = {
    "behind": ("UPDATE {s}.alembic_version SET version_num = '0003'", "The database is behind the migrations."),
    "ahead": (
        "UPDATE {s}.alembic_version SET version_num = '9999'; UPDATE {s}.deployment SET least_revision = '9999'",
        "The database is ahead of this version",
    ),
    "a person of the demo": (
        "UPDATE {s}.\"user\" SET email = 'root@getinn.example' WHERE is_superuser",
        "root@getinn.example: people of the demo",
    ),
}


def test_what_is_unsafe_is_refused_once_with_its_reason_and_nothing_else(start, roles, server, subtests):
    """All are started at once, for each alone takes long to load."""
    begun = []
    for what, (settings, reason) in UNSAFE_SETTINGS.items():
        role = {"DATABASE_URL": server.url(role=settings["role"])} if "role" in settings else {}
        begun.append((what, reason, start(**role, **{name: each for name, each in settings.items() if name.isupper()})))
    for what, reason, process in begun:
        with subtests.test(what):
            refused_plainly(process, reason)


@pytest.mark.parametrize("what", UNSAFE_ROWS)
def test_a_database_that_must_not_be_served_is_refused(start, database, what):
    change, reason = UNSAFE_ROWS[what]
    [former] = database.sql("SELECT version_num FROM getinn_ops.alembic_version")
    database.sql(change.format(s="getinn_ops"))
    try:
        refused_plainly(start(), reason)
    finally:
        database.sql("UPDATE getinn_ops.alembic_version SET version_num = %s", [former.version_num])
        database.restore()


def refused_plainly(process, reason):
    code, told = ended(process)
    assert code not in (0, None), told
    assert told.count(reason) == 1, told
    assert "Traceback" not in told
    assert "Listening" not in told


def test_a_database_ahead_that_says_so_is_served(start, database):
    [former] = database.sql("SELECT version_num FROM getinn_ops.alembic_version")
    database.sql("UPDATE getinn_ops.alembic_version SET version_num = '9999'")
    try:
        port = free_port()
        assert "Started worker-1" in said(start(PORT=str(port)), "Started worker-1")
        assert status_of(port, "/readyz") == 200
    finally:
        database.sql("UPDATE getinn_ops.alembic_version SET version_num = %s", [former.version_num])
        database.restore()


def test_a_server_that_loads_the_application_past_the_command_refuses_too(start, server):
    options = "--interface wsgi --respawn-failed-workers --no-ws --port 0"
    code, told = ended(start(command=f"granian {options} wsgi:app", DATABASE_URL=server.url(role="postgres")))
    assert code not in (0, None)
    assert "The database role postgres is a superuser" in told
    assert "Traceback" not in told


def test_the_worker_refuses_alike(start, server):
    refused_plainly(start(command=LINES["worker"], DATABASE_URL=server.url(role="postgres")), "is a superuser")


def test_demo_data_are_refused_where_real_people_work(start):
    code, told = ended(start(command="flask --app portal.development.app demo"))
    assert code == 1
    assert "not in production" in told
    assert "Traceback" not in told


def test_with_safe_settings_it_serves(start):
    port = free_port()
    process = start(PORT=str(port))
    assert "Started worker-1" in said(process, "Started worker-1")
    assert status_of(port) == 200
    for probe in ("/healthz", "/readyz"):
        assert status_of(port, probe, host="10.0.0.5:5000") == 200


def test_it_ends_when_told_while_somebody_else_holds_what_its_pages_need(start, database):
    """Within the thirty seconds that whatever started it waits; and until then it is known to live."""
    port = free_port()
    process = start(PORT=str(port), WEB_THREADS="1")
    assert status_of(port) == 200
    with psycopg.connect(database.server.superuser_url("getinn").replace("+psycopg", "")) as other:
        other.execute("LOCK TABLE getinn_ops.user_session IN ACCESS EXCLUSIVE MODE")
        asking = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        asking.request("GET", "/profile", headers={"Host": "portal.example", "Cookie": "__Host-portal=somebody"})
        wait_for_waiting(database)
        # The only thread of pages waits.
        assert status_of(port, "/healthz") == 200
        process.terminate()
        process.wait(30)
        asking.close()


def wait_for_waiting(database):
    """Until a page waits for the lock."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if database.sql("SELECT 1 FROM pg_locks WHERE NOT granted"):
            return
        time.sleep(0.05)
    raise AssertionError("nobody waits")


def status_of(port, path="/login", host="portal.example"):
    """What the portal answers, once it answers at all."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        with contextlib.closing(connection), contextlib.suppress(OSError):
            connection.request("GET", path, headers={"Host": host})
            return connection.getresponse().status
        time.sleep(0.1)
    return None
