"""``python -m bench.drain``: how much one worker works off, beside a floor written by hand, and what a second one adds.

Everybody writes at once, each person for the first time; every other one is answered by two messages, the second by a
timer, so that an update makes 1.5 messages. A worker has one core, everything else the others; the platform takes
``--platform-ms`` for each call. Worker and floor (``bench/drain_floor.py``) take turns in the same run.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from bench.latency import _bot, _cpu, _platform, waiting
from bench.serving import ROOT, database
from portal.db.base import SCHEMA

WORKER = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
FLOOR = [sys.executable, "-m", "bench.drain_floor"]
WARM = 60


@dataclass(frozen=True)
class Figures:
    """Updates a second, and processor milliseconds of the workers for each."""

    rate: float
    cpu: float


class Drained:
    """A database whose inbox is filled and worked off over and over."""

    def __init__(self, line: psycopg.Connection, bots: list[tuple]) -> None:
        self.line, self.bots, self.chats = line, bots, iter(range(10**6, 10**9))

    def measure(self, command: list[str], updates: int, workers: int = 1) -> Figures:
        """What so many of them reach together."""
        cores = sorted(os.sched_getaffinity(0))
        started = [_started(command, cores[-1 - place % len(cores)]) for place in range(workers)]
        try:
            # The first ones fill the caches and open the connections.
            self.fill(WARM)
            self.settle()
            before, begun = sum(_cpu(each.pid) for each in started), time.monotonic()
            self.fill(updates)
            self.settle()
            took = time.monotonic() - begun
            return Figures(updates / took, (sum(_cpu(each.pid) for each in started) - before) / updates * 1000)
        finally:
            for each in started:
                each.terminate()
            for each in started:
                each.wait(30)

    def fill(self, updates: int) -> None:
        """Let so many people write, in one transaction."""
        rows = []
        for place in range(updates):
            account, bot, credential = self.bots[place % len(self.bots)]
            chat = next(self.chats)
            rows.append((account, bot, credential, str(chat), str(chat), _payload(chat, place // len(self.bots))))
        with self.line.transaction():
            self.line.cursor().executemany(
                f"INSERT INTO {SCHEMA}.bot_inbound_update"
                " (account_id, bot_id, credential_id, dedupe_key, kind, chat_id, payload)"
                " VALUES (%s, %s, %s, %s, 'message', %s, %s)",
                rows,
            )

    def settle(self) -> None:
        """Until nothing waits any more."""
        deadline = time.monotonic() + 110
        while waiting(self.line):
            if time.monotonic() > deadline:
                raise SystemExit("the worker does not come to an end")
            time.sleep(0.05)


def _payload(chat: int, number: int) -> str:
    person = {"id": chat, "is_bot": False, "first_name": "Ivan", "language_code": "ru"}
    message = {
        "message_id": 1,
        "date": int(time.time()),
        "from": person,
        "text": "/start two" if number % 2 else "/start",
    }
    return json.dumps({"update_id": chat, "message": message | {"chat": {"id": chat, "type": "private"}}})


def _started(command: list[str], core: int) -> subprocess.Popen:
    return subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )  # fmt: skip


def main() -> None:
    """Fill a database, let workers and floor drain it in turns, print rates and ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--updates", type=int, default=600)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bots", type=int, default=10)
    parser.add_argument("--platform-ms", type=float, default=50.0)
    arguments = parser.parse_args()
    with _platform(arguments.platform_ms) as platform:
        assert platform.stdout is not None
        base = platform.stdout.readline().strip()
        # The floor connects as the portal's own role: row security stands for both.
        with (
            database(PUBLIC_URL="https://portal.example", SECURE_COOKIES="on", TELEGRAM_API_BASE=base) as server,
            psycopg.connect(server.superuser_url("getinn").replace("+psycopg", ""), autocommit=True) as line,
        ):
            bots = [_bot(line, place) for place in range(arguments.bots)]
            line.execute("VACUUM ANALYZE")
            _report(Drained(line, bots), arguments)


def _report(drained: Drained, arguments: argparse.Namespace) -> None:
    rounds = [_round(drained, arguments.updates) for _ in range(arguments.rounds)]
    worker, floor, pair = ([one[place] for one in rounds] for place in range(3))
    middle: Callable[[list[float]], float] = statistics.median
    for name, figures in (("one worker", worker), ("the floor", floor), ("two workers", pair)):
        rate, cpu = middle([each.rate for each in figures]), middle([each.cpu for each in figures])
        print(f"{name}: {rate:.0f} updates/s, {rate * 1.5:.0f} messages/s, {cpu:.1f} ms CPU an update")
    print(
        f"one worker / floor: {middle([a.rate / b.rate for a, b in zip(worker, floor, strict=True)]):.2f} of its rate,"
    )
    print(f"  {middle([a.cpu / b.cpu for a, b in zip(worker, floor, strict=True)]):.1f} times its processor time")
    print(f"two workers / one: {middle([a.rate / b.rate for a, b in zip(pair, worker, strict=True)]):.2f}")


def _round(drained: Drained, updates: int) -> tuple[Figures, Figures, Figures]:
    return (
        drained.measure(WORKER, updates),
        drained.measure(FLOOR, updates),
        drained.measure(WORKER, updates, workers=2),
    )


if __name__ == "__main__":
    main()
