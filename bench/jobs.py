"""``python -m bench.jobs``: how long a chain's jobs wait alone, and beside a neighbour's flood, in the same run.

A worker of its own process. The neighbour has hundreds of checks of an iiko server that takes its time; the chain asks
for one check after the other, of a server that answers at once, and for a mail. The servers, and the one for mail, are
threads of this process.
"""

import argparse
import json
import os
import socketserver
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from uuid import UUID, uuid4

import psycopg
from psycopg.types.json import Jsonb

from bench.serving import ROOT, database
from portal.db.base import JOBS_SCHEMA, SCHEMA

PATIENCE = 60.0


def main() -> None:
    """Print half and the slowest tenth of the waits, and their ratios."""
    arguments = _arguments()
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _PostOffice) as post, _Slow.serving(arguments.hang) as slow:
        threading.Thread(target=post.serve_forever, args=(0.01,), daemon=True).start()
        mail = f"smtp+plain://127.0.0.1:{post.server_address[1]}"
        settings = {"SMTP_URL": mail, "MAIL_FROM": "portal@example.com", "PUBLIC_URL": "https://portal.example"}
        settings |= {"TRUSTED_HOSTS": "portal.example"}
        with database(ALLOW_LOOPBACK_ADDRESSES="on", SECURE_COOKIES="on", **settings) as server:
            _measure(server.superuser_url("getinn").replace("+psycopg", ""), slow, arguments)
        post.shutdown()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--flood", type=int, default=400, help="jobs of the neighbour that wait")
    parser.add_argument("--hang", type=float, default=3.0, help="seconds that the neighbour's server takes")
    parser.add_argument("--asked", type=int, default=15, help="checks and mails of the chain, in each phase")
    return parser.parse_args()


def _measure(url: str, slow: str, arguments: argparse.Namespace) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"SET search_path TO {JOBS_SCHEMA}, public")
        chain, neighbour = _Chain(connection, "own", "http://127.0.0.1:9"), _Chain(connection, "neighbour", slow)
        worker = subprocess.Popen([sys.executable, "-m", "flask", "--app", "wsgi", "worker"], cwd=ROOT, env=os.environ)
        try:
            chain.wait_for(chain.ask_for_mail)
            alone = chain.waits(arguments.asked)
            for _ in range(arguments.flood):
                neighbour.ask_for_check()
            time.sleep(1.0)
            beside = chain.waits(arguments.asked)
            left = neighbour.waiting()
        finally:
            worker.terminate()
            worker.wait(40)
    print(f"{arguments.flood} jobs of the neighbour, {left} of them still waiting at the end")
    for kind in alone:
        before, after = statistics.median(alone[kind]), statistics.median(beside[kind])
        print(
            f"{kind}: alone {before:.2f} s, beside {after:.2f} s, {after / before:.1f} times; slowest {max(beside[kind]):.2f} s"
        )


class _Chain:
    """A chain with an iiko connection and somebody who forgot a password."""

    def __init__(self, connection: psycopg.Connection, name: str, iiko: str) -> None:
        self.connection, self.account, self.user = connection, uuid4(), uuid4()
        self.integration, self.server = uuid4(), uuid4()
        self._run(f"INSERT INTO {SCHEMA}.account (id, name, slug) VALUES (%s, %s, %s)", self.account, name, name)
        self._run(
            f'INSERT INTO {SCHEMA}."user" (id, account_id, email, hashed_password, role)'
            " VALUES (%s, %s, %s, '-', 'owner')", self.user, self.account, f"owner@{name}.example",
        )  # fmt: skip
        self._run(
            f"INSERT INTO {SCHEMA}.account_integration_credentials (id, account_id, integration_type, base_url, credentials)"
            " VALUES (%s, %s, 'iiko', %s, %s)",
            self.integration, self.account, iiko, Jsonb({"login": "api", "password": "secret"}),
        )  # fmt: skip
        self._run(
            f"INSERT INTO {SCHEMA}.iiko_connection (id, account_id, integration_id) VALUES (%s, %s, %s)",
            self.server, self.account, self.integration,
        )  # fmt: skip

    def waits(self, count: int) -> dict[str, list[float]]:
        """How long each of so many checks and mails took from being asked for to being done."""
        return {
            "check": [self.wait_for(self.ask_for_check) for _ in range(count)],
            "mail": [self.wait_for(self.ask_for_mail) for _ in range(count)],
        }

    def wait_for(self, ask: Callable[[], int]) -> float:
        """Seconds until a job that is asked for is gone from the queue."""
        begun = time.monotonic()
        job = ask()
        while time.monotonic() - begun < PATIENCE:
            query = "SELECT 1 FROM procrastinate_jobs WHERE id = %s AND status IN ('todo', 'doing')"
            if self.connection.execute(query, (job,)).fetchone() is None:
                return time.monotonic() - begun
            time.sleep(0.01)
        raise SystemExit("a job was not done")

    def ask_for_check(self) -> int:
        """A check of the chain's server."""
        run = uuid4()
        self._run(
            f"INSERT INTO {SCHEMA}.iiko_run (id, account_id, connection_id, purpose) VALUES (%s, %s, %s, 'check')",
            run, self.account, self.server,
        )  # fmt: skip
        return self.put("iiko", "run_sync", {"run_id": str(run)})

    def ask_for_mail(self) -> int:
        """A mail with a link to a new password."""
        reset = uuid4()
        self._run(
            f"INSERT INTO {SCHEMA}.password_reset (id, account_id, user_id, token_hash, expires_at)"
            " VALUES (%s, %s, %s, %s, now() + interval '1 hour')", reset, self.account, self.user, reset.bytes * 2,
        )  # fmt: skip
        return self.put("mail", "deliver_password_reset", {"reset_id": str(reset)})

    def put(self, queue: str, task: str, arguments: dict[str, str]) -> int:
        """Queue a job as the portal does, each one apart."""
        values = (queue, task, Jsonb({"account_id": str(self.account), **arguments}))
        query = "INSERT INTO procrastinate_jobs (queue_name, task_name, args) VALUES (%s, %s, %s) RETURNING id"
        return self.connection.execute(query, values).fetchone()[0]

    def waiting(self) -> int:
        """How many of its jobs nobody has begun."""
        query = "SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo' AND args ->> 'account_id' = %s"
        return self.connection.execute(query, (str(self.account),)).fetchone()[0]

    def _run(self, statement: str, *values: object) -> None:
        self.connection.execute(statement, [str(each) if isinstance(each, UUID) else each for each in values])


class _Slow(BaseHTTPRequestHandler):
    """An iiko server that answers after a while, and with an error."""

    seconds: ClassVar[float] = 0.0

    @classmethod
    def serving(cls, seconds: float) -> "_Served":
        """Start it."""
        cls.seconds = seconds
        return _Served(("127.0.0.1", 0), cls)

    def do_GET(self) -> None:
        self.do_POST()

    def do_POST(self) -> None:
        time.sleep(self.seconds)
        self.send_response(500)
        self.end_headers()
        self.wfile.write(json.dumps({"error": "slow"}).encode())

    def log_message(self, *_: object) -> None:
        return None


class _Served(ThreadingHTTPServer):
    daemon_threads = True

    def __enter__(self) -> str:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __exit__(self, *error: object) -> None:
        self.shutdown()


class _PostOffice(socketserver.StreamRequestHandler):
    """Just enough of SMTP to take a mail."""

    def handle(self) -> None:
        self.wfile.write(b"220 ok\r\n")
        for line in iter(self.rfile.readline, b""):
            if line[:4].upper() == b"DATA":
                self.wfile.write(b"354 ok\r\n")
                for part in iter(self.rfile.readline, b".\r\n"):
                    assert part
            self.wfile.write(b"221 ok\r\n" if line[:4].upper() == b"QUIT" else b"250 ok\r\n")
            if line[:4].upper() == b"QUIT":
                return


if __name__ == "__main__":
    main()
