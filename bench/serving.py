"""What measurements stand on: a throw-away database, servers started on it, and what these use of the processor."""

import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.client import Line, get  # noqa: E402
from portal.development.embedded import EmbeddedServer, throwaway_server  # noqa: E402

THREADS = 4
# Gunicorn stands in one environment only; the others find it behind their own packages.
GUNICORN = "import sys; sys.path.append({packages!r}); from gunicorn.app.wsgiapp import run; run()"


def configure(database_url: str, **settings: str) -> None:
    """The environment of a portal that runs on this database, over plain HTTP on this machine."""
    public = settings.get("PUBLIC_URL", "")
    hosts = [urlsplit(public).hostname or ""] if public.startswith("https:") else []
    defaults = {
        "DATABASE_URL": database_url,
        "SECRET_KEY": secrets.token_hex(32),
        "CREDENTIAL_KEYS": secrets.token_urlsafe(32),
        # Production refuses messengers on this machine, and a portal without a public address.
        "ENVIRONMENT": "test",
        "TRUSTED_HOSTS": ",".join(["127.0.0.1", "localhost", *hosts]),
        "SECURE_COOKIES": "off",
        "LOG_LEVEL": "warning",
    }
    os.environ.update(defaults | settings)


@contextmanager
def database(**settings: str) -> Iterator[EmbeddedServer]:
    """A migrated throw-away database; the environment is that of a portal on it."""
    with throwaway_server() as server:
        configure(server.url(), **settings)
        migrate()
        yield server


def migrate() -> None:
    """Bring the database of DATABASE_URL to the newest revision."""
    subprocess.run([sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"], cwd=ROOT, check=True)


@dataclass(frozen=True)
class Served:
    """One application on one server process of ``THREADS`` threads."""

    process: subprocess.Popen
    port: int

    @property
    def cpu(self) -> float:
        """Seconds of processor time used so far, children included."""
        parent = psutil.Process(self.process.pid)
        return sum(sum(each.cpu_times()[:2]) for each in [parent, *parent.children(recursive=True)])

    def wait(self) -> None:
        """Come back when it answers."""
        for _ in range(300):
            try:
                Line(self.port).ask(get("/healthz", ""))
                return
            except (OSError, ConnectionError):
                time.sleep(0.1)
        raise SystemExit("a server did not start")

    def stop(self) -> None:
        """End it and wait until it is gone."""
        self.process.terminate()
        self.process.wait(20)


def start(
    application: str,
    *,
    python: str = sys.executable,
    gunicorn: Path | None = None,
    stderr=None,
    workers: int = 1,
    threads: int = THREADS,
) -> Served:
    """Serve an application with granian, or with the gunicorn that stands among those packages."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = _granian(python, port, workers, threads) if gunicorn is None else _gunicorn(python, port, gunicorn)
    return Served(subprocess.Popen([*command, application], cwd=ROOT, stdout=stderr, stderr=stderr), port)


@contextmanager
def serving(*started: Served) -> Iterator[tuple[Served, ...]]:
    """Servers that answer; they end with the block."""
    try:
        for each in started:
            each.wait()
        yield started
    finally:
        for each in started:
            each.stop()


def _granian(python: str, port: int, workers: int, threads: int) -> list[str]:
    program = str(Path(python).parent / "granian")
    return [program, "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--workers", str(workers),
            "--blocking-threads", str(threads), "--no-ws", "--log-level", "warning"]  # fmt: skip


def _gunicorn(python: str, port: int, packages: Path) -> list[str]:
    return [python, "-c", GUNICORN.format(packages=str(packages)), "--bind", f"127.0.0.1:{port}", "--workers", "1",
            "--threads", str(THREADS), "--keep-alive", "60", "--log-level", "warning", "--no-control-socket"]  # fmt: skip
