"""Behind a real PgBouncer that pools by transaction, two connections for all."""

import contextlib
import dataclasses
import os
import shutil
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from config import Limits
from portal import create_app
from portal.db.base import db
from portal.development.system_account import SystemAccount
from portal.doctor import examination
from portal.safety import UNFORCED_TABLES
from tests.browsing import Browser
from tests.leftovers import end_with_us
from tests.machine.test_waiting import held, is_a_pause

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ['PATH']}:/usr/sbin")
SETTINGS = """
[databases]
getinn = host={socket} port=5432 dbname=getinn
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users
pool_mode = {mode}
default_pool_size = {size}
max_client_conn = 200
{more}
"""


@pytest.fixture(scope="module")
def open_pooler(server, database):
    """``open_pooler(mode="session")`` is the address of the database through a new PgBouncer."""
    assert PROGRAM, "these tests need PgBouncer: apt-get install pgbouncer (bin/test does so where it may)"
    with contextlib.ExitStack() as running:
        yield lambda more="", mode="transaction", size=2: running.enter_context(
            pooler(server, more=more, mode=mode, size=size)
        )


@contextlib.contextmanager
def pooler(server, **settings):
    account: SystemAccount = server.account
    folder, port = account.temporary_folder(), free_port()
    socket_folder = psycopg.conninfo.conninfo_to_dict(server.url().replace("+psycopg", ""))["host"]
    content = SETTINGS.format(socket=socket_folder, port=port, folder=folder, **settings)
    for name, text in (("users", '"getinn" ""\n'), ("pgbouncer.ini", content)):
        (folder / name).write_text(text)
        account.take(folder / name)
    process = subprocess.Popen(
        [PROGRAM, "-q", str(folder / "pgbouncer.ini")], cwd="/", stderr=subprocess.DEVNULL, **account.switch
    )
    end_with_us(process)
    try:
        wait_for(port)
        yield f"postgresql+psycopg://getinn@127.0.0.1:{port}/getinn"
    finally:
        process.terminate()
        process.wait()


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("PgBouncer does not listen")


@pytest.fixture(scope="module")
def strict(open_pooler):
    """As PgBouncer comes."""
    return open_pooler()


@pytest.fixture
def portal_at(config, world):
    """``portal_at(url, pooler="transaction")`` is the portal there."""
    opened = []

    def run(url, **changes):
        app = create_app(dataclasses.replace(config, database_url=url, **changes))
        opened.append(app)
        return app

    yield run
    for app in opened:
        with app.app_context():
            db.engine.dispose()


def pages_of(browser, times):
    """What a person gets of several pages over and over: the statuses, and whether each page is of their own chain."""
    paths = ["restaurants", "users", "bots", ""] * times
    answers = [browser.get(browser.account(path)) for path in paths]
    other = "zqvareniki" if browser.chain.marker == "zqpelmenya" else "zqpelmenya"
    return [(answer.status_code, other in answer.text.lower()) for answer in answers]


def test_many_people_of_two_chains_get_their_own_pages_alone(portal_at, strict, world, database):
    app = portal_at(strict, pooler="transaction")
    people = [Browser(app, database, person) for person in (world.pelmenya.owner, world.vareniki.owner) * 4]
    with ThreadPoolExecutor(len(people)) as threads:
        told = [each for pages in threads.map(lambda browser: pages_of(browser, 6), people) for each in pages]
    assert set(told) == {(200, False)}


def test_a_change_a_job_and_a_delivery_go_through(portal_at, strict, world, database, superuser_sql):
    app = portal_at(strict, pooler="transaction")
    owner = Browser(app, database, world.pelmenya.owner)
    superuser_sql("UPDATE getinn_ops.account_integration_credentials SET connection_status = 'connected'")
    answer = owner.post(owner.account(f"integrations/{world.pelmenya.integration_id}/check"))
    assert answer.status_code == 303
    assert superuser_sql("SELECT 1 FROM getinn_ops_jobs.procrastinate_jobs WHERE task_name = 'run_sync'")
    refused = owner.post(f"/hooks/telegram/{world.pelmenya.telegram_id}", b"{}", csrf=False)
    assert refused.status_code == 403
    assert Browser(app, database, None).get("/readyz").status_code == 200


def test_the_time_limits_hold_behind_it_too(portal_at, strict, world, database, connect):
    app = portal_at(strict, pooler="transaction", limits=Limits(statement=600, lock=1))
    owner = Browser(app, database, world.pelmenya.owner)
    with held(connect, "restaurant"):
        assert is_a_pause(owner.get(owner.account("restaurants")))
    with held(connect, "bot_platform_credential"):
        assert is_a_pause(owner.post(f"/hooks/telegram/{world.pelmenya.telegram_id}", b"{}", csrf=False))
    refused = owner.post(f"/hooks/telegram/{world.pelmenya.telegram_id}", b"{}", csrf=False)
    assert refused.status_code == 403
    with app.app_context():
        told = db.session.execute(db.text("SHOW statement_timeout")).scalar_one()
    assert told == "10min"


def grave(app):
    return [each.message for each in examination.examine(app, UNFORCED_TABLES) if each.severity == "refuse"]


def test_the_doctor_recognises_a_pooler_that_nobody_told_of(portal_at, strict, open_pooler, world):
    assert grave(portal_at(strict, pooler="transaction")) == []
    [told] = grave(portal_at(strict, pooler="none"))
    assert "pooler stands before the database" in told
    lenient = open_pooler("ignore_startup_parameters = options")
    assert "What a connection is told at its start does not arrive" in grave(portal_at(lenient, pooler="none"))[0]
    assert "one connection of the database to several" in grave(portal_at(strict, pooler="session"))[0]


def test_where_it_pools_by_session_the_settings_are_told_once(portal_at, open_pooler, world, database):
    app = portal_at(open_pooler(mode="session", size=20), pooler="session")
    assert grave(app) == []
    owner = Browser(app, database, world.pelmenya.owner)
    assert set(pages_of(owner, 2)) == {(200, False)}
