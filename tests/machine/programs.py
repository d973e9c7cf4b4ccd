"""Programs of this machine that tests start: the portal's own processes, proxies, PostgreSQL as it is packaged."""

import base64
import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO

import pytest

from tests.conftest import CREDENTIAL_KEY, SECRET_KEY
from tests.leftovers import end_with_us

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60
PLACES = os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"))
PROCFILE = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text("utf-8").splitlines())


def program(name: str) -> str:
    """Where a program stands. It is part of what is tested, so that a machine without it fails."""
    found = shutil.which(name, path=PLACES)
    if found is None:
        pytest.fail(f"{name} is missing: bin/test installs it where it runs as root and there is apt-get.")
    return found


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def portal_environment(**more: str) -> dict[str, str]:
    """The environment of a sound portal, without its database."""
    return {
        "PATH": f"{Path(sys.executable).parent}:{PLACES}",
        "SECRET_KEY": SECRET_KEY,
        "CREDENTIAL_KEYS": base64.urlsafe_b64encode(CREDENTIAL_KEY.secret).decode(),
        "TRUSTED_HOSTS": "portal.example.com",
        "PUBLIC_URL": "https://portal.example.com",
        "PROXY_HOPS": "1",
        "WEB_PROCESSES": "1",
        **more,
    }


@dataclass
class Running:
    """A program that was started, and where it writes what it says."""

    process: subprocess.Popen[bytes]
    log: IO[bytes]

    @property
    def said(self) -> str:
        """All that it has said."""
        self.log.seek(0)
        return self.log.read().decode("utf-8", "replace")

    def end(self) -> int:
        """Ask it to end as a service manager does; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SECONDS)

    def wait_for_port(self, port: int) -> None:
        """Return once somebody listens there."""
        while self._is_awaited():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        pytest.fail(f"Nobody listens on port {port}. {self.said}")

    def wait_until_ready(self, port: int) -> None:
        """Return once the portal says there that it can serve."""
        while self._is_awaited():
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
            with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
                connection.request("GET", "/readyz", headers={"Host": "portal.example.com"})
                if connection.getresponse().status == 200:
                    return
        pytest.fail(f"The portal is not ready. {self.said}")

    def wait_for_words(self, words: str) -> None:
        """Return once it has said them."""
        while self._is_awaited():
            if words in self.said:
                return
        pytest.fail(f"It did not say {words!r}. {self.said}")

    def _is_awaited(self) -> bool:
        time.sleep(0.05)
        return self.process.poll() is None and time.monotonic() < self._deadline

    @cached_property
    def _deadline(self) -> float:
        return time.monotonic() + SECONDS


@contextlib.contextmanager
def started(command: list[str], environment: Mapping[str, str] | None = None, folder: Path = ROOT) -> Iterator[Running]:
    """A running program; it and all that it started are gone afterwards."""
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
        end_with_us(process)
        try:
            yield Running(process, log)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
