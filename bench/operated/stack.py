"""The processes: PostgreSQL, PgBouncer, nginx, two machines of web and two workers, each to be ended and begun anew."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.serving import ROOT
from portal.development.embedded import ROLE, EmbeddedServer

READY_SECONDS = 60

# As deploy/nginx.conf has it, without TLS: the messengers' stand-ins and the clients are on this machine.
NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.err warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    upstream portal_kept {{ {upstreams} keepalive 16; keepalive_timeout 20s; }}
    upstream portal_once {{ {upstreams} }}
    map $request_method $portal {{ default portal_once; GET portal_kept; HEAD portal_kept; }}
    server {{
        listen 127.0.0.1:{port};
        client_max_body_size 65m; client_header_timeout 10s; client_body_timeout 15s; send_timeout 30s;
        location / {{
            proxy_pass http://$portal;
            proxy_http_version 1.1; proxy_set_header Connection "";
            proxy_set_header Host $host; proxy_set_header X-Forwarded-Host $host;
            proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Request-ID $request_id;
            proxy_connect_timeout 3s; proxy_read_timeout 60s;
            proxy_next_upstream error timeout; proxy_next_upstream_timeout 10s;
        }}
    }}
}}
"""
PGBOUNCER = """
[databases]
getinn = host={socket} port=5432 dbname=getinn user={role}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 20
max_client_conn = 200
logfile = {folder}/pgbouncer.log
pidfile = {folder}/pgbouncer.pid
"""


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Program:
    """One process with its children, in a group of its own; ``environment`` is read at each start."""

    name: str
    command: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    log: Path | None = None
    switch: Mapping[str, Any] = field(default_factory=dict)
    process: subprocess.Popen | None = None

    def start(self) -> None:
        """Begin, unless it runs."""
        if self.process is not None and self.process.poll() is None:
            return
        told = self.log.open("ab") if self.log else subprocess.DEVNULL
        self.process = subprocess.Popen(
            self.command, cwd=ROOT, env=os.environ | self.environment, stdout=told, stderr=told,
            start_new_session=True, **self.switch,
        )  # fmt: skip

    def kill(self) -> None:
        """As the kernel does when memory is short."""
        self._end(signal.SIGKILL)

    def stop(self) -> float:
        """As systemd does; how many seconds it took."""
        started = time.monotonic()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(40)
        self._end(signal.SIGKILL)
        return time.monotonic() - started

    def _end(self, number: int) -> None:
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        self.process.wait()


@dataclass
class Stack:
    """Everything that runs, by name."""

    server: EmbeddedServer
    folder: Path
    port: int
    pooler: Program
    proxy: Program
    webs: list[Program]
    workers: list[Program]

    @property
    def url(self) -> str:
        """Where the proxy answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Begin with everything, and come back when a page is served."""
        for program in (self.pooler, *self.webs, *self.workers, self.proxy):
            program.start()
        self.wait_for_webs()

    def wait_for_webs(self) -> None:
        """Until each machine of web is ready."""
        deadline = time.monotonic() + READY_SECONDS
        for web in self.webs:
            while not is_ready(int(web.environment["PORT"])):
                if time.monotonic() > deadline:
                    raise SystemExit(f"{web.name} did not start: see {web.log}")
                time.sleep(0.2)

    def stop(self) -> None:
        """End everything."""
        for program in (self.proxy, *self.workers, *self.webs, self.pooler):
            program.kill()


def is_ready(port: int) -> bool:
    """Whether a machine says that it can serve."""
    try:
        with socket.create_connection(("127.0.0.1", port), 2) as line:
            line.sendall(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return b" 200 " in line.recv(64)
    except OSError:
        return False


@contextlib.contextmanager
def running(server: EmbeddedServer, settings: Mapping[str, str], pooled_settings: Mapping[str, str]) -> Iterator[Stack]:
    """The whole of it, on a migrated database."""
    folder = Path(tempfile.mkdtemp(prefix="operated-"))
    folder.chmod(0o777)
    try:
        stack = _stack(server, folder, dict(settings), dict(pooled_settings))
        stack.start()
        yield stack
    finally:
        stack.stop()
        tell_faults(folder)
        shutil.rmtree(folder, ignore_errors=True)


def tell_faults(folder: Path) -> None:
    """Print what the processes logged as errors, each kind of line once."""
    told: dict[str, str] = {}
    for log in sorted(folder.glob("*.log")):
        for line in log.read_text(errors="replace").splitlines():
            if '"level": "ERROR"' in line:
                told.setdefault(line[line.find('"logger"') : line.find('"logger"') + 150], f"{log.name}: {line[:4000]}")
    for line in told.values():
        print(line)


def _stack(server: EmbeddedServer, folder: Path, settings: dict[str, str], pooled: dict[str, str]) -> Stack:
    pooler_port, proxy_port = free_port(), int(settings["PUBLIC_URL"].rpartition(":")[2])
    webs = [_web(number, folder, settings | pooled, pooler_port) for number in (1, 2)]
    upstreams = " ".join(f"server 127.0.0.1:{web.environment['PORT']} max_fails=0;" for web in webs)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=proxy_port, upstreams=upstreams))
    sockets = server.url().rpartition("host=")[2].partition("&")[0].replace("%2F", "/")
    (folder / "pgbouncer.ini").write_text(PGBOUNCER.format(folder=folder, port=pooler_port, socket=sockets, role=ROLE))
    return Stack(
        server,
        folder,
        proxy_port,
        pooler=Program("pooler", ["pgbouncer", str(folder / "pgbouncer.ini")], switch=server.account.switch),
        proxy=Program("proxy", ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]),
        webs=webs,
        workers=[
            Program(
                f"worker {number}",
                [sys.executable, "-m", "flask", "--app", "wsgi", "worker"],
                dict(settings),
                folder / f"worker{number}.log",
            )
            for number in (1, 2)
        ],
    )


def _web(number: int, folder: Path, settings: dict[str, str], pooler_port: int) -> Program:
    address = f"postgresql://{quote(ROLE)}@127.0.0.1:{pooler_port}/getinn"
    environment = settings | {"PORT": str(free_port()), "WEB_PROCESSES": "1", "DATABASE_URL": address}
    return Program(f"web {number}", procfile_line("web"), environment, folder / f"web{number}.log")


def procfile_line(name: str) -> list[str]:
    """The very command of the Procfile."""
    [line] = [each for each in (ROOT / "Procfile").read_text().splitlines() if each.startswith(f"{name}: ")]
    command = line.partition(": ")[2]
    return ["/bin/sh", "-c", f'PATH="{Path(sys.executable).parent}:$PATH"; exec {command}']
