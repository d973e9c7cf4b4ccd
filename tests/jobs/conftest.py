"""What tests of jobs share: running one as the worker does, a worker process, and waiting for what it does."""

import base64
import email
import email.policy
import os
import signal
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from portal.jobs.queue import Job
from tests.conftest import CREDENTIAL_KEY, SECRET_KEY
from tests.leftovers import end_with_us

PATIENCE_SECONDS = 30.0


@pytest.fixture
def run_job(app: Flask) -> Callable[..., None]:
    """``run_job(job, **arguments)`` runs it in this process, committing or rolling back as the worker does."""

    def run(job: Job, **arguments: str) -> None:
        job.task.func(SimpleNamespace(additional_context={"flask": app}, job=SimpleNamespace(id=1)), **arguments)

    return run


@pytest.fixture
def waiting_jobs(superuser_sql: Callable[..., list[Any]]) -> Callable[[], list[Any]]:
    """Reads the jobs in the queue, whatever their state."""
    return lambda: superuser_sql("SELECT * FROM getinn_ops_jobs.procrastinate_jobs ORDER BY id")


def eventually(condition: Callable[[], Any]) -> Any:
    """The first true value of a condition that another process brings about."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.02)
    raise AssertionError("it did not come about")


@pytest.fixture
def start_worker(app: Flask) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """``start_worker()`` is ``flask worker`` as a process of its own, on the tests' database, with further settings."""
    key = base64.urlsafe_b64encode(CREDENTIAL_KEY.secret).decode()
    settings = {
        "DATABASE_URL": app.config["PORTAL"].database_url,
        "SECRET_KEY": SECRET_KEY,
        "CREDENTIAL_KEYS": key,
        "ENVIRONMENT": "test",
        "ALLOW_LOOPBACK_ADDRESSES": "on",
        # With a public address no bot is polled.
        "PUBLIC_URL": "https://portal.example",
        "FLASK_APP": "wsgi",
    }
    started: list[subprocess.Popen[str]] = []

    def start(**further: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "flask", "worker", "--concurrency", "2"]
        environment = {**os.environ, **settings, **further}
        worker = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, start_new_session=True)
        end_with_us(worker)
        started.append(worker)
        assert worker.stderr is not None
        said = ""
        while "worker is running" not in said:
            line = worker.stderr.readline()
            assert line, f"the worker ended: {said}"
            said += line
        return worker

    yield start
    for worker in started:
        if worker.poll() is None:
            worker.send_signal(signal.SIGKILL)
        worker.wait()
        assert worker.stderr is not None
        worker.stderr.close()


class Receiver(socketserver.StreamRequestHandler):
    """Just enough of SMTP for one message after another."""

    def handle(self):
        self.say(220)
        for line in iter(self.rfile.readline, b""):
            verb = line[:4].upper()
            if verb == b"DATA" and verb not in self.server.answers:
                self.say(354)
                received = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.mails.append(email.message_from_bytes(received, policy=email.policy.default))
            self.say(self.server.answers.get(verb, 221 if verb == b"QUIT" else 250))
            if verb == b"QUIT":
                break

    def say(self, code):
        self.wfile.write(b"%d planted words\r\n" % code)


@pytest.fixture
def post_office():
    """The mails that arrived, in ``.mails``; ``.answers`` are codes by verb."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Receiver) as server:
        server.daemon_threads = True
        server.mails, server.answers = [], {}
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()
