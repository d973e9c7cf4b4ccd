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

import pytest

from tests.conftest import CREDENTIAL_KEY, SECRET_KEY

ROOT = Path(__file__).resolve().parents[2]
KEY = base64.urlsafe_b64encode(CREDENTIAL_KEY.secret).decode()
WEB = next(line for line in (ROOT / "Procfile").read_text("utf-8").splitlines() if line.startswith("web: "))
SECONDS = 60


@pytest.fixture
def start(server, database):
    """``start(SETTING="value")`` runs the Procfile's own line."""
    running = []

    def run(**settings):
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
        command = WEB.removeprefix("web: ")
        process = subprocess.Popen(
            ["sh", "-c", f"exec {command}"],
            cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        running.append(process)
        return process

    yield run
    for process in running:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


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


def test_an_unsafe_setting_is_refused_with_its_reason(start):
    assert "SECURE_COOKIES" in said(start(SECURE_COOKIES="off"), "SECURE_COOKIES")


def test_with_safe_settings_it_serves(start):
    port = free_port()
    process = start(PORT=str(port))
    assert "Started worker-1" in said(process, "Started worker-1")
    assert status_of(port) == 200


def status_of(port):
    """What the portal answers to who asks for its health, once it answers at all."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        with contextlib.closing(connection), contextlib.suppress(OSError):
            connection.request("GET", "/healthz", headers={"Host": "portal.example"})
            return connection.getresponse().status
        time.sleep(0.1)
    return None
