"""``python -m bench.latency``: from an update in the inbox to its answer noted as sent, through one worker.

Updates come evenly, ``--rate`` a second, each from another person, over ``--bots`` bots; every other one is answered
by two messages, the second by a timer. The platform is a server of a process of its own that takes ``--platform-ms``
for each call.
"""

import argparse
import json
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import psutil
import psycopg

from bench.serving import ROOT, database
from portal.db.base import SCHEMA

ANSWER = json.dumps({"ok": True, "result": {"message_id": 1, "date": 1, "chat": {"id": 1, "type": "private"}}}).encode()
SETTLED = ("sent", "delivered", "read")


def main() -> None:
    """Fill a database, start a worker, let people write, print what it took."""
    arguments = _arguments()
    if arguments.serve:
        _serve(arguments.platform_ms)
        return
    with _platform(arguments.platform_ms) as platform:
        assert platform.stdout is not None
        base = platform.stdout.readline().strip()
        with database(PUBLIC_URL="https://portal.example", SECURE_COOKIES="on", TELEGRAM_API_BASE=base) as server:
            _measure(server.superuser_url("getinn").replace("+psycopg", ""), arguments)


def _measure(superuser_url: str, arguments: argparse.Namespace) -> None:
    with psycopg.connect(superuser_url, autocommit=True) as database:
        bots = [_bot(database, place) for place in range(arguments.bots)]
        database.execute("VACUUM ANALYZE")
        worker = subprocess.Popen([sys.executable, "-m", "flask", "--app", "wsgi", "worker"], cwd=ROOT)
        try:
            _write(database, bots, arguments.rate, 2.0, first=1)
            _settle(database)
            database.execute(f"DELETE FROM {SCHEMA}.bot_message")
            before = _cpu(worker.pid)
            _write(database, bots, arguments.rate, arguments.seconds, first=100_000)
            _settle(database)
            _report(database, _cpu(worker.pid) - before, arguments)
        finally:
            worker.terminate()
            worker.wait(30)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=50.0, help="messages a second")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--bots", type=int, default=5)
    parser.add_argument("--platform-ms", type=float, default=50.0)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


def _platform(milliseconds: float) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "bench.latency", "--serve", "--platform-ms", str(milliseconds)]
    return _Ended(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


class _Ended(subprocess.Popen):
    def __exit__(self, *error: object) -> None:
        self.terminate()
        super().__exit__(*error)


def _serve(milliseconds: float) -> None:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            time.sleep(milliseconds / 1000)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(ANSWER)))
            self.end_headers()
            self.wfile.write(ANSWER)

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_address[1]}", flush=True)
    server.serve_forever()


def _bot(database: psycopg.Connection, place: int) -> tuple:
    """A chain with a bot whose first words are one message for half of the people, and two for the others."""
    account, bot, credential = uuid4(), uuid4(), uuid4()
    database.execute(
        f"INSERT INTO {SCHEMA}.account (id, name, slug) VALUES (%s, %s, %s)",
        (account, f"Bench {place}", f"bench-{place}"),
    )
    database.execute(
        f"INSERT INTO {SCHEMA}.bot_instance (id, account_id, name) VALUES (%s, %s, 'Bench bot')", (bot, account)
    )
    token = json.dumps({"token": f"{100000000 + place}:bench-token-bench-token-bench-token"})
    database.execute(
        f"INSERT INTO {SCHEMA}.bot_platform_credential (id, account_id, bot_id, platform, credentials)"
        " VALUES (%s, %s, %s, 'telegram', %s)",
        (credential, account, bot, token),
    )
    steps = {
        "route": {
            "type": "action",
            "next_step": {"conditions": [{"if": "start_payload == 'two'", "then": "two"}], "else": "one"},
        },
        "one": {"message": "Welcome", "expected_input": {"type": "text", "variable": "name"}},
        "two": {"message": "Welcome", "auto_next": True, "auto_next_delay": 0, "next_step": "one"},
    }
    scenario = json.dumps({"name": "Bench", "version": "1", "start_step": "route", "steps": steps})
    database.execute(
        f"INSERT INTO {SCHEMA}.bot_scenario (account_id, bot_id, name, version, scenario_data, source, number, is_live)"
        " VALUES (%s, %s, 'Bench', '1', %s, %s, 1, true)",
        (account, bot, scenario, scenario),
    )
    return account, bot, credential


def _write(database: psycopg.Connection, bots: list[tuple], rate: float, seconds: float, first: int) -> None:
    """Evenly spread in time, whatever the worker does."""
    begun = time.monotonic()
    for number in range(int(rate * seconds)):
        time.sleep(max(begun + number / rate - time.monotonic(), 0))
        account, bot, credential = bots[number % len(bots)]
        chat = first + number
        person = {"id": chat, "is_bot": False, "first_name": "Ivan"}
        text = "/start two" if number // len(bots) % 2 else "/start"
        message = {"message_id": number, "date": int(time.time()), "from": person, "text": text}
        message["chat"] = {"id": chat, "type": "private"}
        payload = json.dumps({"update_id": chat, "message": message})
        database.execute(
            f"INSERT INTO {SCHEMA}.bot_inbound_update"
            " (account_id, bot_id, credential_id, dedupe_key, kind, chat_id, payload)"
            " VALUES (%s, %s, %s, %s, 'message', %s, %s)",
            (account, bot, credential, str(chat), str(chat), payload),
        )


def _settle(database: psycopg.Connection) -> None:
    """Until nothing waits any more."""
    deadline = time.monotonic() + 120
    while waiting(database):
        if time.monotonic() > deadline:
            raise SystemExit("the worker does not keep up")
        time.sleep(0.1)


def waiting(database: psycopg.Connection) -> int:
    """How many updates, messages and timers are still to be worked off."""
    query = (
        f"SELECT (SELECT count(*) FROM {SCHEMA}.bot_inbound_update WHERE state = 'pending')"
        f" + (SELECT count(*) FROM {SCHEMA}.bot_message WHERE state IN ('queued', 'sending', 'uncertain'))"
        f" + (SELECT count(*) FROM {SCHEMA}.bot_dialog_state WHERE wake_at IS NOT NULL)"
    )
    return int(database.execute(query).fetchone()[0])


def _report(database: psycopg.Connection, cpu: float, arguments: argparse.Namespace) -> None:
    query = f"""
        SELECT count(*), count(*) FILTER (WHERE m.state = ANY(%s)),
            percentile_cont(0.5) WITHIN GROUP (ORDER BY took), percentile_cont(0.99) WITHIN GROUP (ORDER BY took),
            max(took), percentile_cont(0.5) WITHIN GROUP (ORDER BY applied)
        FROM (SELECT m.state, extract(epoch FROM m.sent_at - u.created_at) * 1000 AS took,
                extract(epoch FROM u.processed_at - u.created_at) * 1000 AS applied
            FROM {SCHEMA}.bot_message m
            JOIN {SCHEMA}.bot_message i ON i.dialog_id = m.dialog_id AND i.direction = 'in'
            JOIN {SCHEMA}.bot_inbound_update u ON u.id = i.update_id
            WHERE m.direction = 'out') m
    """
    count, sent, half, most, longest, applied = database.execute(query, (list(SETTLED),)).fetchone()
    print(
        f"{arguments.rate:.0f} updates/s for {arguments.seconds:.0f} s over {arguments.bots} bots, {count} messages out,"
        f" {sent} sent; the platform takes {arguments.platform_ms:.0f} ms"
    )
    print(f"applied p50 {applied:.0f} ms; sent p50 {half:.0f} ms, p99 {most:.0f} ms, max {longest:.0f} ms")
    print(f"worker CPU {cpu / (arguments.rate * arguments.seconds) * 1000:.1f} ms an update")


def _cpu(pid: int) -> float:
    return sum(psutil.Process(pid).cpu_times()[:2])


if __name__ == "__main__":
    main()
