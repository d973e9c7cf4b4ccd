"""Nobody waits for the database without end: a page becomes a 503 that says when to come again."""

import contextlib
import dataclasses
import os
import select
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import psycopg
import pytest

from config import Limits
from portal import create_app
from portal.db.base import db
from portal.db.connecting import connect, session_settings
from portal.deployment.state import deployment_state
from tests.browsing import Browser

PLENTY = 600
LONG_WAIT = "wait_event_type = 'Lock' AND query_start < now() - interval '1200 ms'"
REVISION = "UPDATE {s}.alembic_version SET version_num"
SOON = 1


@pytest.fixture
def open_portal(config, database, world):
    """``open_portal(statement=1)`` is a portal with other limits on the tests' database."""
    opened = []

    def run(**limits):
        usual = {"statement": PLENTY, "lock": PLENTY, "idle": PLENTY, "wait": SOON}
        app = create_app(dataclasses.replace(config, limits=Limits(**(usual | limits))))
        opened.append(app)
        return app

    yield run
    for app in opened:
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def owner(open_portal, database, world):
    """``owner(statement=1)`` is Pelmenya's owner at such a portal."""
    return lambda **limits: Browser(open_portal(**limits), database, world.pelmenya.owner)


@contextlib.contextmanager
def held(connect, table):
    """Somebody else has the table for themselves."""
    with connect("getinn", "postgres") as other, other.transaction():
        other.execute(f"LOCK TABLE getinn_ops.{table} IN ACCESS EXCLUSIVE MODE")
        yield


def is_a_pause(answer):
    return answer.status_code == 503 and int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("bound", ["lock", "statement"])
def test_a_page_behind_a_held_table_is_a_pause_and_no_fault(owner, connect, bound):
    browser = owner(**{bound: SOON})
    with held(connect, "restaurant"):
        assert is_a_pause(browser.get(browser.account("restaurants")))
    assert browser.get(browser.account("restaurants")).status_code == 200


def test_a_whole_list_as_a_file_may_take_longer_than_a_page(owner, connect, database):
    browser = owner(statement=SOON)
    with ThreadPoolExecutor(1) as thread, held(connect, "restaurant"):
        answer = thread.submit(browser.get, browser.account("restaurants/export"))
        while not database.sql(f"SELECT 1 FROM pg_stat_activity WHERE {LONG_WAIT}") and not answer.done():
            time.sleep(0.05)
        assert not answer.done()
    assert answer.result().status_code == 200


def test_a_delivery_behind_a_held_table_is_a_pause_too(open_portal, world, connect, database):
    browser = Browser(open_portal(lock=SOON), database, None)
    with held(connect, "bot_platform_credential"):
        assert is_a_pause(browser.post(f"/hooks/telegram/{world.pelmenya.telegram_id}", b"{}", csrf=False))
    refused = browser.post(f"/hooks/telegram/{world.pelmenya.telegram_id}", b"{}", csrf=False)
    assert refused.status_code == 403


def test_a_page_that_finds_no_free_connection_is_a_pause(owner):
    browser = owner(web_pool=1)
    with browser.app.app_context(), db.engine.connect():
        assert is_a_pause(browser.get(browser.account("restaurants")))


def test_a_server_that_says_nothing_at_all_is_given_up(owner, superuser_sql):
    browser = owner(statement=SOON)
    assert browser.get(browser.account("restaurants")).status_code == 200
    with stopped_backends(superuser_sql, "getinn-portal"):
        assert is_a_pause(browser.get(browser.account("restaurants")))


@contextlib.contextmanager
def stopped_backends(superuser_sql, name):
    pids = [row.pid for row in superuser_sql("SELECT pid FROM pg_stat_activity WHERE application_name = %s", [name])]
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def test_readiness_says_in_a_word_that_a_silent_database_is_away_and_life_goes_on(open_portal, database, superuser_sql):
    browser = Browser(open_portal(), database, None)
    assert browser.get("/readyz").data == b"ok\n"
    with browser.app.app_context():
        deployment_state().forget()
    with stopped_backends(superuser_sql, "getinn-portal"):
        answer = browser.get("/readyz")
        assert (answer.status_code, answer.data) == (503, b"away\n")
        assert browser.get("/healthz").status_code == 200


@pytest.mark.parametrize(
    ("change", "back", "word"),
    [
        (f"{REVISION} = '0003'", f"{REVISION} = '{{was}}'", "behind"),
        ("ALTER TABLE {s}.deployment RENAME TO gone", "ALTER TABLE {s}.gone RENAME TO deployment", "behind"),
        ("ALTER ROLE getinn BYPASSRLS", "ALTER ROLE getinn NOBYPASSRLS", "role"),
    ],
)  # fmt: skip
def test_readiness_says_why_not(open_portal, database, superuser_sql, change, back, word):
    [was] = superuser_sql("SELECT version_num FROM getinn_ops.alembic_version")
    superuser_sql(change.format(s="getinn_ops"))
    try:
        answer = Browser(open_portal(), database, None).get("/readyz")
    finally:
        superuser_sql(back.format(s="getinn_ops", was=was.version_num))
    assert (answer.status_code, answer.data.decode().strip()) == (503, word)


def test_the_first_page_after_the_server_cut_all_lines_is_a_page(owner, superuser_sql):
    browser = owner()
    with contextlib.ExitStack() as several, browser.app.app_context():
        for _ in range(3):
            several.enter_context(db.engine.connect())
    superuser_sql(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'getinn-portal'"
    )
    for _ in range(4):
        assert browser.get(browser.account("restaurants")).status_code == 200


def test_signing_in_at_a_standby_that_only_reads_is_a_pause(open_portal, database, world, superuser_sql):
    superuser_sql("ALTER ROLE getinn SET default_transaction_read_only = on")
    try:
        browser = Browser(open_portal(), database, None)
        answer = browser.post("/login", {"email": world.pelmenya.owner.email, "password": "whatever-it-may-be"})
    finally:
        superuser_sql("ALTER ROLE getinn RESET default_transaction_read_only")
    assert is_a_pause(answer)


def test_what_the_address_says_of_options_is_heard_but_for_the_zone(config):
    options = "-c statement_timeout=1234ms -c work_mem=5MB -c timezone=Europe/Moscow"
    joint = "&" if "?" in config.database_url else "?"
    with connect(
        dataclasses.replace(config, database_url=f"{config.database_url}{joint}options={quote(options)}")
    ) as line:
        told = [
            line.execute(f"SHOW {name}").fetchone()[0]
            for name in ("statement_timeout", "work_mem", "timezone", "lock_timeout")
        ]
    assert told == ["1234ms", "5MB", "UTC", "3s"]


def test_each_kind_of_process_waits_in_its_own_way(config):
    web, worker, command = (session_settings(config, process) for process in ("web", "worker", "command"))
    assert web["statement_timeout"] == "15s"
    assert worker["statement_timeout"] == "300s"
    assert "statement_timeout" not in command
    assert {each["TimeZone"] for each in (web, worker, command)} == {"UTC"}


def test_an_idle_transaction_is_ended_by_the_server(open_portal):
    with connect(open_portal(idle=SOON).config["PORTAL"]) as line:
        line.execute("SELECT 1")
        # The server's farewell comes unasked.
        waiting = select.poll()
        waiting.register(line.fileno(), select.POLLIN)
        assert waiting.poll(10_000)
        with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
            line.execute("SELECT 1")
