"""``python -m bench.growth``: what every list, search, overview and export costs as the rows grow from 1 000 to 1 000 000.

One of 200 chains holds a tenth of all rows. The pages are those of the sitemap, their filters and orders those that the
pages offer: a new one is measured without being named here. Each address is asked 20 times on one connection, for after
ten uses PostgreSQL may change its plan; the median is of the last ten. Of an export the first rows count. All figures
are processor time, of the portal and of the server's process: other work on the machine does not lengthen it.

``--superuser-url`` names a server with pg_trgm. ``--keep`` leaves the databases there, and finds them again.
``--papers``: instead of all rows the invoices of the chain looked at grow, with ten lines each, and with them what is
ordered, taken in, kept and counted; its thousand restaurants stay the same.
"""

import argparse
import html
import os
import re
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg

from bench.data import TOKEN, Bench, load
from bench.rooms import SUPERUSER_TOKEN, fill_rooms
from bench.serving import configure, database, migrate
from portal.db.base import SCHEMA

ROLE = "getinn_bench"
ASKED, WARM = 20, 10
# Where papers alone grow.
RESTAURANTS = 1_000
# Of a filter by rows the first ones stand for all.
MOST_ROWS = 2
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Parameters of addresses that the data has no row for, and what is no list.
LEFT_OUT = {
    "account.restaurant_imports.export": "an import is a file's rows, however large the chain is",
    "account.store_imports.export": "the same",
    "account.staff_member_imports.export": "the same",
    "account.guests.export": "one guest's rows as an archive",
    "account.employees.export": "one employee's rows as an archive",
}
# What belongs to one run, paper or statement does not grow with the chain: benches of their own measure them.
BELOW = {
    "integration_id",
    "iiko_run_id",
    "reconciliation_id",
    "invoice_file_id",
    "import_id",
    "supplier_id",
    "inventory_item_id",
}
# Words whose hits are none, few, a twelfth of the rows, those whose names begin with it, all; and short ones.
WORDS = {
    "none": "zzqqx",
    "common": "kazan",
    "how names begin": "tykva",
    "in every row": "street",
    "one letter": "a",
    "a figure": "7",
    "two letters": "ka",
    "no such letters": "qz",
    "a sign": "%",
    "a number": "+7 495 000-00-77",
    "two words": "tykva kazan",
    "a step": "step_7",
}


@dataclass(frozen=True)
class Figures:
    """Milliseconds of the processor: of the whole request, and the database's part of it."""

    whole: float
    database: float


def main() -> None:
    """One line a page: the whole request at each size, the largest to each other one, and the database's part at each."""
    arguments = _arguments()
    sizes = sorted(arguments.papers or arguments.rows)
    results = [_measure(size, arguments) for size in sizes]
    heads = [f"{size:,}".replace(",", " ") for size in sizes]
    print(f"{'page':<64}" + _row([*heads, *(f"× {head}" for head in heads[:-1]), *(f"db {head}" for head in heads)]))
    for page in sorted(set.intersection(*(set(each) for each in results))):
        whole, database = [each[page].whole for each in results], [each[page].database for each in results]
        ratios = [whole[-1] / each for each in whole[:-1]]
        print(f"{page[:63]:<64}" + _row([f"{figure:.2f}" for figure in (*whole, *ratios, *database)]))


def _row(cells: list[str]) -> str:
    return "".join(f"{cell:>13}" for cell in cells)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--rows", type=int, nargs="+", default=[1_000, 10_000, 1_000_000], help="of each kind, in all chains"
    )
    parser.add_argument("--superuser-url", help="a server to measure instead of the embedded one")
    parser.add_argument("--keep", action="store_true", help="keep the databases, and use those that are there")
    parser.add_argument("--papers", type=int, nargs="+", help="invoices of the chain looked at")
    parser.add_argument("--only", nargs="+", default=[""], help="what addresses have in common, one of these")
    return parser.parse_args()


def _measure(rows: int, arguments: argparse.Namespace) -> dict[str, Figures]:
    with _filled(rows, arguments) as (data, values):
        from portal import create_app
        from portal.db.base import db

        app = create_app()
        found = {}
        for name, url, token in _pages(app, values | {"account_slug": data.slug}):
            if any(each in url for each in arguments.only):
                client = app.test_client()
                client.set_cookie("portal", token)
                found[name] = _ask(client, url)
                print(f"{rows} {name} {found[name]}", file=sys.stderr, flush=True)
        with app.app_context():
            db.engine.dispose()
        return found


@contextmanager
def _filled(rows: int, arguments: argparse.Namespace) -> Iterator[tuple[Bench, dict[str, str]]]:
    name = f"getinn_bench_{'papers_' if arguments.papers else ''}{rows}"
    with _database(arguments.superuser_url, name, keep=arguments.keep) as (superuser_url, is_new):
        if is_new:
            number = RESTAURANTS if arguments.papers else rows // 10
            data = load(superuser_url, number, number, number)
            yield data, fill_rooms(superuser_url, data, number, rows if arguments.papers else number).values
        else:
            yield _known(superuser_url)


def _known(superuser_url: str) -> tuple[Bench, dict[str, str]]:
    """What a former run has left."""
    with psycopg.connect(superuser_url) as connection:
        account, bot, restaurant, dialog, store = connection.execute(
            f"SELECT a.id, b.id, r.id, d.id, s.id FROM {SCHEMA}.account a"
            f" JOIN {SCHEMA}.bot_instance b ON b.account_id = a.id"
            f" CROSS JOIN LATERAL (SELECT id FROM {SCHEMA}.restaurant WHERE account_id = a.id LIMIT 1) r"
            f" CROSS JOIN LATERAL (SELECT dialog_id AS id FROM {SCHEMA}.bot_message WHERE account_id = a.id LIMIT 1) d"
            f" CROSS JOIN LATERAL (SELECT id FROM {SCHEMA}.store WHERE account_id = a.id LIMIT 1) s"
            " WHERE a.slug = 'bench-0'"
        ).fetchone()
        connection.execute(
            f"UPDATE {SCHEMA}.user_session SET last_seen_at = now() + interval '1 hour', expires_at = now() + interval '1 day'"
        )
    values = {"bot_id": bot, "dialog_id": dialog, "store_id": store}
    return Bench("bench-0", account, bot, restaurant), {key: str(value) for key, value in values.items()}


@contextmanager
def _database(superuser_url: str | None, name: str, *, keep: bool = False) -> Iterator[tuple[str, bool]]:
    """A migrated database, and whether it is a new one."""
    if superuser_url is None:
        with database() as server:
            yield server.superuser_url("getinn"), True
        return
    with psycopg.connect(superuser_url, autocommit=True) as server:
        address = f"/{name}?host={server.info.host}&port={server.info.port}"
        is_new = not keep or not _exists(server, "pg_database WHERE datname", name)
        if is_new:
            server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            if not _exists(server, "pg_roles WHERE rolname", ROLE):
                server.execute(f"CREATE ROLE {ROLE} LOGIN")
            server.execute(f"CREATE DATABASE {name} OWNER {ROLE}")
        configure(f"postgresql://{ROLE}@{address}")
        migrate()
        yield f"postgresql://{server.info.user}@{address}", is_new
        if not keep:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _exists(server: psycopg.Connection, where: str, name: str) -> bool:
    return server.execute(f"SELECT true FROM {where} = %s", (name,)).fetchone() is not None


def _pages(app: Any, values: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """Name, address and the token of whoever asks, for every list, its searches, filters and orders, and every export."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.endpoint):
        kind = rule.endpoint.rpartition(".")[2]
        if "GET" not in rule.methods or kind not in ("index", "export") or rule.endpoint in LEFT_OUT:
            continue
        missing = rule.arguments - set(values)
        if missing & BELOW:
            continue
        if missing:
            raise SystemExit(f"{rule.endpoint} takes {missing}: give it a value, or say why it is left out")
        token = TOKEN if rule.endpoint.startswith("account.") else SUPERUSER_TOKEN
        with app.test_request_context():
            url = rule.build({key: values[key] for key in rule.arguments})[1]
        yield rule.endpoint, url, token
        if kind == "index":
            for name, query in _queries(app, url, token):
                yield f"{rule.endpoint} ?{name}", f"{url}?{query}", token


def _queries(app: Any, url: str, token: str) -> Iterator[tuple[str, str]]:
    """What a page offers to be asked for: its last page, choices of its filters and orders, and words.

    Each comes with its name: an id is another one in every database, so rows are called by their place.
    """
    client = app.test_client()
    client.set_cookie("portal", token)
    text = client.get(url).text
    for select in re.finditer(r'<select[^>]* name="(\w+)">(.*?)</select>', text, re.S):
        options = [html.unescape(value) for value in re.findall(r'<option value="([^"]+)"', select[2])]
        ids = [value for value in options if ID.fullmatch(value)]
        yield from (
            (f"{select[1]}=row {place}", f"{select[1]}={value}") for place, value in enumerate(ids[:MOST_ROWS], 1)
        )
        yield from ((f"{select[1]}={value}",) * 2 for value in options[:12] if value not in ids)
    if 'type="search" name="q"' in text:
        yield ("page=last",) * 2
        yield from ((f"q={quote(word)}",) * 2 for word in WORDS.values())


def _ask(client: Any, url: str) -> Figures:
    """The medians of the last times that an address is asked."""
    figures = []
    with _watched() as database:
        for _ in range(ASKED):
            database.reset()
            started = time.thread_time()
            answer = client.get(url, buffered=False)
            next(iter(answer.response), None)
            ours, theirs = (time.thread_time() - started) * 1000, database.spent()
            figures.append((ours + theirs, theirs))
            answer.close()
            assert answer.status_code == 200, (url, answer.status)
    late = figures[WARM:]
    return Figures(statistics.median(whole for whole, _ in late), statistics.median(theirs for _, theirs in late))


class _Backend:
    """The server's process behind the connection that was waited for last, and what it used of the processor."""

    pid: int | None = None
    start = 0.0

    def reset(self) -> None:
        self.start = self.used()

    def spent(self) -> float:
        """Milliseconds since the last reset."""
        return self.used() - self.start

    def used(self) -> float:
        if self.pid is None:
            return 0.0
        return int(Path(f"/proc/{self.pid}/schedstat").read_text().split()[0]) / 1e6


@contextmanager
def _watched() -> Iterator[_Backend]:
    from portal.db.connecting import BoundedConnection

    waits, backend = BoundedConnection.wait, _Backend()

    def wait(self: Any, *arguments: Any, **options: Any) -> Any:
        backend.pid = self.info.backend_pid
        return waits(self, *arguments, **options)

    BoundedConnection.wait = wait
    try:
        yield backend
    finally:
        BoundedConnection.wait = waits


if __name__ == "__main__":
    os.environ.setdefault("LOG_LEVEL", "warning")
    main()
