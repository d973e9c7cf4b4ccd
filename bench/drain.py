"""``python -m bench.drain``: how much one worker works off, beside a floor written by hand, and what a second one adds.

Everybody writes at once, each person for the first time; every other one is answered by two messages, the second by a
timer, so that an update makes 1.5 messages. A worker has one core, everything else the others; the platform takes
``--platform-ms`` for each call. Worker and floor (``bench/drain_floor.py``) take turns in the same run, alone and in
pairs. The database and the stand-in for the platform need a core, too: their processor time is printed beside, and what
two of the floor reach says how much of a missing second half is the machine's.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import psutil
import psycopg

from bench.latency import _bot, _cpu, _platform, waiting
from bench.serving import ROOT, database
from portal.db.base import SCHEMA

WORKER = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
FLOOR = [sys.executable, "-m", "bench.drain_floor"]
WARM = 60


@dataclass(frozen=True)
class Figures:
    """Updates a second, and processor milliseconds for each: of the workers, and of database and platform."""

    rate: float
    cpu: float
    beside: float


class Drained:
    """A database whose inbox is filled and worked off over and over."""

    def __init__(self, line: psycopg.Connection, bots: list[tuple], platform: int) -> None:
        self.line, self.bots, self.chats = line, bots, iter(range(10**6, 10**9))
        backend = psutil.Process(line.info.backend_pid).parent()
        assert backend is not None
        self.beside = (backend, psutil.Process(platform))

    def measure(self, command: list[str], updates: int, workers: int = 1) -> Figures:
        """What so many of them reach together."""
        cores = sorted(os.sched_getaffinity(0))
        shares = [[str(place), str(workers)] if command is FLOOR else [] for place in range(workers)]
        started = [_started([*command, *share], cores[-1 - place % len(cores)]) for place, share in enumerate(shares)]
        try:
            # The first ones fill the caches and open the connections.
            self.fill(WARM)
            self.settle()
            before, beside = sum(_cpu(each.pid) for each in started), self.spent_beside()
            begun = time.monotonic()
            self.fill(updates)
            self.settle()
            took = time.monotonic() - begun
            cpu = sum(_cpu(each.pid) for each in started) - before
            return Figures(updates / took, cpu / updates * 1000, (self.spent_beside() - beside) / updates * 1000)
        finally:
            for each in started:
                each.terminate()
            for each in started:
                each.wait(30)

    def spent_beside(self) -> float:
        """Processor seconds of the database, its ended connections included, and of the platform."""
        spent = 0.0
        for process in (*self.beside, *self.beside[0].children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                spent += times.user + times.system + times.children_user + times.children_system
        return spent

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
            _report(Drained(line, bots, platform.pid), arguments)


def _report(drained: Drained, arguments: argparse.Namespace) -> None:
    rounds = [_round(drained, arguments.updates) for _ in range(arguments.rounds)]
    worker, floor, pair, floors = ([one[place] for one in rounds] for place in range(4))
    middle: Callable[[list[float]], float] = statistics.median
    names = ("one worker", "the floor", "two workers", "two of the floor")
    for name, figures in zip(names, (worker, floor, pair, floors), strict=True):
        rate, cpu = middle([each.rate for each in figures]), middle([each.cpu for each in figures])
        beside = middle([each.beside for each in figures])
        print(
            f"{name}: {rate:.0f} updates/s, {rate * 1.5:.0f} messages/s, {cpu:.1f} ms CPU an update,"
            f" {beside:.1f} ms of database and platform beside it"
        )
    print(f"one worker / floor: {_ratio(worker, floor):.2f} of its rate,")
    print(f"  {middle([a.cpu / b.cpu for a, b in zip(worker, floor, strict=True)]):.1f} times its processor time")
    print(f"two workers / one: {_ratio(pair, worker):.2f}; two of the floor / one: {_ratio(floors, floor):.2f}")


def _ratio(ours: list[Figures], theirs: list[Figures]) -> float:
    return statistics.median(a.rate / b.rate for a, b in zip(ours, theirs, strict=True))


def _round(drained: Drained, updates: int) -> tuple[Figures, ...]:
    return (
        drained.measure(WORKER, updates),
        drained.measure(FLOOR, updates),
        drained.measure(WORKER, updates, workers=2),
        drained.measure(FLOOR, updates, workers=2),
    )


if __name__ == "__main__":
    main()
