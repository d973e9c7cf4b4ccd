"""``python -m bench.neighbours``: what a chain's pages take while eight sessions of another ask for the heaviest pages.

Alone and beside the neighbour by turns, in the same run, over the web processes of the Procfile. The neighbour asks for
the drawing and the pages of scenarios of a thousand steps, their comparison, an export and the lab, each session as fast
as it is answered.
"""

import argparse
import itertools
import json
import statistics
import threading
import time
from collections import Counter
from uuid import UUID, uuid4

import psycopg

from bench.client import Line, get
from bench.data import TOKEN, Bench, load
from bench.serving import Served, database, serving, start
from portal.db.base import SCHEMA

STEPS, VERSIONS = 1000, 12
NEIGHBOUR = "bench-1"


def main() -> None:
    """Print the ratios of half of the pages and of the slowest twentieth."""
    arguments = _arguments()
    with database() as server:
        url = server.superuser_url("getinn").replace("+psycopg", "")
        own = load(url, 1000, 500)
        heavy = _heavy_pages(url)
        with serving(start("wsgi:app", workers=2, threads=8)) as (served,):
            _compare(served, own, heavy, arguments)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=8, help="of the neighbour")
    parser.add_argument("--seconds", type=float, default=6.0, help="of one phase")
    parser.add_argument("--rounds", type=int, default=3)
    return parser.parse_args()


def _compare(served: Served, own: Bench, heavy: list[bytes], arguments: argparse.Namespace) -> None:
    pages = [
        get(f"/accounts/{own.slug}/{path}", f"portal={TOKEN}")
        for path in ("restaurants", "bots", "restaurants?q=kazan")
    ]
    alone: list[float] = []
    beside: list[float] = []
    statuses: Counter[int] = Counter()
    _visit(served.port, pages, 2.0)
    for _ in range(arguments.rounds):
        alone += _visit(served.port, pages, arguments.seconds)
        with _Neighbour(served.port, heavy, arguments.sessions) as neighbour:
            time.sleep(0.5)
            beside += _visit(served.port, pages, arguments.seconds)
        statuses += neighbour.statuses
    print(f"{arguments.sessions} sessions of the neighbour, which were answered {dict(statuses)}")
    for name, place in (("p50", 0.5), ("p95", 0.95)):
        before, after = _quantile(alone, place), _quantile(beside, place)
        print(f"{name}: alone {before * 1000:.1f} ms, beside {after * 1000:.1f} ms, {after / before:.1f} times")


def _visit(port: int, pages: list[bytes], seconds: float) -> list[float]:
    """How long each page took, one after the other with a reader's shortest pause between them."""
    line, taken = Line(port), []
    deadline = time.perf_counter() + seconds
    for page in itertools.cycle(pages):
        if time.perf_counter() > deadline:
            line.close()
            return taken
        begun = time.perf_counter()
        status, _ = line.ask(page)
        if status != 200:
            raise SystemExit(f"a page was answered {status}")
        taken.append(time.perf_counter() - begun)
        time.sleep(0.02)
    raise AssertionError


def _quantile(values: list[float], place: float) -> float:
    return statistics.quantiles(values, n=100)[round(place * 100) - 1]


class _Neighbour:
    """Sessions that ask for heavy pages until the block ends."""

    def __init__(self, port: int, pages: list[bytes], sessions: int) -> None:
        self.statuses: Counter[int] = Counter()
        self._stop = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask, args=(port, pages[place:] + pages[:place])) for place in range(sessions)
        ]

    def __enter__(self) -> "_Neighbour":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, port: int, pages: list[bytes]) -> None:
        line = Line(port)
        for page in itertools.cycle(pages):
            if self._stop.is_set():
                return
            self.statuses[line.ask(page)[0]] += 1


def _heavy_pages(url: str) -> list[bytes]:
    """Requests for everything of the neighbour's that takes long, versions enough to outrun what is kept."""
    with psycopg.connect(url, autocommit=True) as database:
        account, bot = database.execute(
            f"SELECT a.id, b.id FROM {SCHEMA}.account a JOIN {SCHEMA}.bot_instance b ON b.account_id = a.id"
            " WHERE a.slug = %s", (NEIGHBOUR,)
        ).fetchone()  # fmt: skip
        versions = [_version(database, account, bot, number) for number in range(1, VERSIONS + 1)]
    base = f"/accounts/{NEIGHBOUR}"
    scenarios = [f"{base}/bots/{bot}/scenarios/{version}" for version in versions]
    paths = [f"{each}?steps={page}" for each in scenarios for page in (1, 2, 3, 4)]
    paths += [f"{each}/comparison" for each in scenarios] + [f"{each}/lab" for each in scenarios]
    paths += [f"{base}/restaurants/export", f"{base}/dialogs/export"] * 4
    return [get(path, f"portal={NEIGHBOUR}") for path in paths]


def _version(database: psycopg.Connection, account: UUID, bot: UUID, number: int) -> UUID:
    steps = {
        f"s{n}": {
            "message": f"Text {number} of step {n}: a sentence or two about how this restaurant works.",
            "buttons": [{"text": "Yes", "value": "y"}, {"text": "No", "value": "n"}],
            "expected_input": {"type": "button", "variable": f"v{n}"},
            "next_step": {
                "type": "conditional",
                "conditions": [{"if": f"v{n} == 'y'", "then": f"s{(n * 7 + number) % STEPS}"}],
                "else": f"s{(n + 1) % STEPS}",
            },
        }
        for n in range(STEPS)
    }
    text, row_id = json.dumps({"name": "Heavy", "version": str(number), "start_step": "s0", "steps": steps}), uuid4()
    database.execute(
        f"INSERT INTO {SCHEMA}.bot_scenario (id, account_id, bot_id, name, version, scenario_data, source, number)"
        " VALUES (%s, %s, %s, 'Heavy', %s, %s, %s, %s)",
        (row_id, account, bot, str(number), text, text, number),
    )
    return row_id


if __name__ == "__main__":
    main()
