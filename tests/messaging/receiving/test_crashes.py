"""What was acknowledged is stored, whoever is killed when; what was not is stored when it comes again."""

import base64
import itertools
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest
from flask_migrate import upgrade

from bench.client import Line
from bench.deliveries import Hook
from portal import create_app
from portal.auth.passwords import hash_password
from portal.db.base import db
from portal.development.embedded import throwaway_server
from tests.conftest import CREDENTIAL_KEY, SECRET_KEY, config_for
from tests.database import Database
from tests.jobs.conftest import eventually
from tests.leftovers import end_with_us
from tests.world import make_world
from tests.world_rows import PASSWORD

CLIENTS = 6
HOOK = Hook(
    "telegram",
    make_world().pelmenya.telegram_id,
    {"token": make_world().pelmenya.secrets[0]},
    SECRET_KEY,
)


class WebServer:
    """The portal behind the server of production, as a process that can be killed."""

    def __init__(self, database_url: str, log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        settings = {
            "DATABASE_URL": database_url,
            "SECRET_KEY": SECRET_KEY,
            "CREDENTIAL_KEYS": base64.urlsafe_b64encode(CREDENTIAL_KEY.secret).decode(),
            "ENVIRONMENT": "test",
        }
        command = [str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--host", "127.0.0.1"]
        command += ["--port", str(self.port), "--workers", "1", "--blocking-threads", "4", "--no-ws", "wsgi:app"]
        with log.open("ab") as told:
            self.process = subprocess.Popen(
                command, env={**os.environ, **settings}, stdout=told, stderr=told, start_new_session=True
            )
        end_with_us(self.process)
        eventually(self.answers)

    def answers(self) -> bool:
        try:
            with closing(Line(self.port)) as line:
                return line.ask(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")[0] == 200
        except OSError:
            return False

    def end(self, told: int = signal.SIGKILL) -> None:
        """End it and what it started, at once."""
        if self.process.poll() is None:
            family = [*psutil.Process(self.process.pid).children(recursive=True), psutil.Process(self.process.pid)]
            for each in family:
                each.send_signal(told)
            psutil.wait_procs(family, timeout=30)
        self.process.wait(30)


class Platform:
    """Delivers messages over several lines at once, and notes what each was answered with."""

    def __init__(self, port: int, numbers: itertools.count) -> None:
        self.port, self.numbers = port, numbers
        self.acknowledged: list[int] = []
        self.statuses: Counter[int] = Counter()
        self.sent: list[int] = []
        self.halted = threading.Event()

    @contextmanager
    def delivering(self):
        threads = [threading.Thread(target=self._deliver) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self.halted.set()
            for thread in threads:
                thread.join()

    def _deliver(self) -> None:
        line: Line | None = None
        while not self.halted.is_set():
            number = next(self.numbers)
            self.sent.append(number)
            try:
                line = line or Line(self.port)
                status, _ = line.ask(request(number))
            except OSError:
                if line is not None:
                    line.close()
                line = None
                self.statuses[0] += 1
                self.halted.wait(0.01)
                continue
            self.statuses[status] += 1
            if status == 200:
                self.acknowledged.append(number)
        if line is not None:
            line.close()


def request(number: int) -> bytes:
    body = HOOK.message(number, chat=7000 + number % 9)
    told = "".join(f"{name}: {value}\r\n" for name, value in HOOK.headers(body).items())
    head = f"POST {HOOK.path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{told}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def stored(sql) -> Counter:
    rows = sql("SELECT payload FROM getinn_ops.bot_inbound_update WHERE payload LIKE '%%\"update_id\":9%%'")
    return Counter(int(re.search(r'"message_id": ?(\d+)', row.payload)[1]) for row in rows)


def test_a_killed_web_process_has_lost_nothing_that_it_acknowledged(app, world, database, superuser_sql, tmp_path):
    numbers, acknowledged, sent = itertools.count(1), [], []
    for least in (1, 40, 150):
        web = WebServer(app.config["PORTAL"].database_url, tmp_path / "web.log")
        try:
            platform = Platform(web.port, numbers)
            with platform.delivering():
                eventually(lambda platform=platform, least=least: len(platform.acknowledged) >= least)
                web.end(signal.SIGKILL)
        finally:
            web.end()
        assert platform.statuses[0] > 0
        assert set(platform.statuses) == {0, 200}
        acknowledged += platform.acknowledged
        sent += platform.sent
    found = stored(superuser_sql)
    assert set(acknowledged) <= set(found)
    assert set(found.values()) == {1}
    web = WebServer(app.config["PORTAL"].database_url, tmp_path / "web.log")
    try:
        with closing(Line(web.port)) as line:
            assert {line.ask(request(number))[0] for number in sent} == {200}
    finally:
        web.end()
    assert stored(superuser_sql) == Counter(sent)


@pytest.fixture
def own_server(tmp_path):
    """A PostgreSQL with the cast of its own, to be stopped and started."""
    with throwaway_server() as server:
        app = create_app(config_for(server.url()))
        with app.app_context():
            upgrade()
            db.engine.dispose()
        database = Database(server, "getinn")
        database.insert(make_world().rows(app.config["KEYRING"], hash_password(PASSWORD), SECRET_KEY))
        database.close()
        web = WebServer(server.url(), tmp_path / "web.log")
        yield server, web
        web.end()


def test_while_the_database_is_away_platforms_are_told_to_come_again_and_nothing_is_lost(own_server):
    server, web = own_server
    platform = Platform(web.port, itertools.count(1))
    with platform.delivering():
        eventually(lambda: platform.statuses[200] > 50)
        server.stop()
        eventually(lambda: platform.statuses[503] > 50)
        server.start()
        before = platform.statuses[200]
        eventually(lambda: platform.statuses[200] > before + 50)
        after = Counter(platform.statuses)
        eventually(lambda: platform.statuses[200] > after[200] + 200)
    assert platform.statuses.keys() == {200, 503}
    assert platform.statuses[503] == after[503]
    database = Database(server, "getinn")
    found = stored(database.sql)
    database.close()
    assert set(platform.acknowledged) <= set(found)
    assert set(found.values()) == {1}


def test_a_commit_that_fails_is_not_acknowledged(app, world, database, superuser_sql):
    client = app.test_client()
    body = HOOK.message(1)
    superuser_sql(
        "CREATE FUNCTION getinn_ops.refuse_commit() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the inner words' USING DETAIL = NEW.payload; END $$;"
        " CREATE CONSTRAINT TRIGGER refuse_commit AFTER INSERT ON getinn_ops.bot_inbound_update"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION getinn_ops.refuse_commit()"
    )
    try:
        answer = client.post(HOOK.path, data=body, headers=HOOK.headers(body), base_url="https://localhost")
    finally:
        superuser_sql("DROP FUNCTION getinn_ops.refuse_commit() CASCADE")
    assert (answer.status_code, answer.data) == (503, b"503\n")
    assert int(answer.headers["Retry-After"]) > 0
    assert stored(superuser_sql) == Counter()
    answer = client.post(HOOK.path, data=body, headers=HOOK.headers(body), base_url="https://localhost")
    assert answer.status_code == 200
    assert stored(superuser_sql) == Counter([1])


def test_connections_lost_while_idle_cost_one_delivery_at_most_and_that_is_asked_for_again(
    app, world, superuser_sql, fresh_connections
):
    client = app.test_client()

    def deliver(number):
        body = HOOK.message(number)
        return client.post(HOOK.path, data=body, headers=HOOK.headers(body), base_url="https://localhost")

    assert deliver(1).status_code == 200
    superuser_sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'getinn-portal'")
    answers = [deliver(number) for number in range(2, 8)]
    assert answers[0].status_code in (200, 503)
    assert [answer.status_code for answer in answers[1:]] == [200, 200, 200, 200, 200]
