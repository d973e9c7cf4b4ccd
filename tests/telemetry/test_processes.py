"""Processes as they serve: their lines, and one address for the measurements of all of them on a machine."""

import base64
import dataclasses
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from config import ConfigurationError
from portal.telemetry.metrics_folder import metrics_folder
from tests.conftest import CREDENTIAL_KEY, SECRET_KEY
from tests.jobs.conftest import eventually
from tests.leftovers import end_with_us
from tests.rules.source import ROOT

REQUESTS = 24


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port, path):
    """Status and body of a request of its own connection; ``None`` where nobody answers."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", path, headers={"Host": "localhost"})
        answer = line.getresponse()
        return answer.status, answer.read().decode()
    except OSError:
        return None
    finally:
        line.close()


@pytest.fixture
def start(app, world, tmp_path):
    """``start(*command)`` is a process that serves on the tests' database; what comes back is the file of its lines."""
    started = []
    settings = {
        "DATABASE_URL": app.config["PORTAL"].database_url,
        "SECRET_KEY": SECRET_KEY,
        "CREDENTIAL_KEYS": base64.urlsafe_b64encode(CREDENTIAL_KEY.secret).decode(),
        "ENVIRONMENT": "test",
        "PUBLIC_URL": "https://localhost",
        "TRUSTED_HOSTS": "localhost",
        "FLASK_APP": "wsgi",
        "METRICS_PORT": str(free_port()),
        "TMPDIR": str(tmp_path),
    }

    def run(*command):
        told = tmp_path / f"lines-{len(started)}"
        with told.open("wb") as lines:
            process = subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, **settings}, stdout=lines, stderr=lines, start_new_session=True
            )
        end_with_us(process)
        started.append(process)
        return told

    run.metrics_port, run.started = int(settings["METRICS_PORT"]), started
    yield run
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_all_processes_of_a_machine_are_measured_at_one_address_and_write_lines_of_json(start):
    port, metrics_port = free_port(), start.metrics_port
    granian = Path(sys.executable).with_name("granian")
    told = start(
        str(granian), "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", "2",
        "--blocking-threads", "2", "--no-ws", "wsgi:app",
    )  # fmt: skip
    start(sys.executable, "-m", "flask", "worker", "--concurrency", "1")
    eventually(lambda: ask(port, "/healthz"))
    for _ in range(REQUESTS):
        assert ask(port, "/login")[0] == 200
    counted = f'getinn_request_seconds_count{{route="/login",status="2xx"}} {REQUESTS}.0'
    scraped = eventually(lambda: (found := ask(metrics_port, "/metrics")) and counted in found[1] and found[1])
    assert "getinn_database_up 1.0" in scraped
    eventually(lambda: re.search(r"^getinn_workers 1.0$", (ask(metrics_port, "/metrics") or ("", ""))[1], re.MULTILINE))
    lines = [json.loads(line) for line in told.read_text().splitlines() if line.startswith("{")]
    asked = [line for line in lines if line.get("route") == "/login"]
    assert len(asked) == REQUESTS
    assert {line["status"] for line in asked} == {200}
    assert "/metrics" not in {rule for line in lines if (rule := line.get("route"))}
    assert ask(port, "/metrics")[0] == 404
    # Whoever answers ends: another process takes its place, and what was counted stays.
    os.killpg(start.started[0].pid, signal.SIGKILL)
    start.started[0].wait()
    assert eventually(lambda: ask(metrics_port, "/metrics"))[0] == 200


def test_a_folder_of_somebody_else_is_not_written_to(app, monkeypatch, tmp_path):
    config = dataclasses.replace(app.config["PORTAL"], metrics_port=9100)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    folder = metrics_folder(config)
    assert folder.stat().st_mode & 0o777 == 0o700
    folder.rmdir()
    (tmp_path / "elsewhere").mkdir()
    folder.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigurationError, match="METRICS_PORT"):
        metrics_folder(config)
