"""``python -m bench.files``: a long file of invoices sent, looked at, applied and taken back, as people and the worker do it.

20 000 lines of 2 000 papers, of 100 suppliers by their tax numbers and of 3 000 items by their names, into a chain that
has as many invoices. Each step in seconds by the clock, and of the processor: of the portal, of the process that reads
the file, and of the database's; and by how much the portal's memory was larger at most.
"""

import argparse
import csv
import io
import random
import re
import resource
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import psycopg

from bench.data import TOKEN, load
from bench.rooms import fill_rooms
from bench.serving import database
from portal.db.base import SCHEMA

HEADINGS = ["ИНН", "Номер", "Дата", "Наименование", "Ед. изм.", "Количество", "Цена", "НДС %", "Сумма НДС", "Сумма"]
LINES = 10
LAST_DAY = date(2026, 11, 20)
SUPPLIERS, ITEMS, RESTAURANTS = 100, 3000, 100
# By which the sum of a company's tax number is taken.
WEIGHTS = (2, 4, 10, 3, 5, 9, 4, 6, 8)


def main() -> None:
    """A line for each step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--kind", choices=("csv", "xlsx"), default="xlsx")
    told = parser.parse_args()
    # The worker's times: its jobs think longer than a page may.
    with database(DATABASE_IDLE_SECONDS="300", DATABASE_STATEMENT_SECONDS="300") as server:
        url = server.superuser_url("getinn").replace("+psycopg", "")
        data = load(url, RESTAURANTS, 10)
        fill_rooms(url, data, RESTAURANTS, told.rows // LINES)
        with psycopg.connect(url, autocommit=True) as superuser:
            _name(superuser, data.account_id)
        _measure(url, data, file_of(told.rows, told.kind), told.kind)


def _measure(url: str, data: Any, content: bytes, kind: str) -> None:
    from portal import create_app
    from portal.invoices.files.working import work_on_file

    app = create_app()
    client = app.test_client()
    client.set_cookie("portal", TOKEN)
    home = f"/accounts/{data.slug}/invoices/files"
    with psycopg.connect(url, autocommit=True) as superuser:
        query = f"SELECT id FROM {SCHEMA}.store WHERE account_id = %s ORDER BY id LIMIT 1"
        (store,) = superuser.execute(query, [data.account_id]).fetchone()
        print(f"{kind}, {len(content) / 1024**2:.1f} MB")

        def send() -> str:
            told = {"file": (io.BytesIO(content), f"papers.{kind}"), "supplier_id": "", "store_id": str(store)}
            answer = client.post(home, data=told | proof, content_type="multipart/form-data")
            assert answer.status_code == 303, answer.status
            return answer.location

        def ask(path: str, data: Any = None) -> None:
            answer = client.get(path) if data is None else client.post(path, data=data)
            assert answer.status_code in (200, 303), (path, answer.status)

        def work() -> None:
            job = SimpleNamespace(additional_context={"flask": app}, job=SimpleNamespace(id=1))
            query = f"SELECT id FROM {SCHEMA}.invoice_file WHERE account_id = %s"
            (file,) = superuser.execute(query, [data.account_id]).fetchone()
            work_on_file.task.func(job, file_id=str(file), account_id=str(data.account_id))

        found = re.search(r'name="csrf_token" value="([^"]+)"', client.get(home).text)
        assert found is not None
        proof = {"csrf_token": found[1]}
        here = _print("sent", superuser, send)
        _print("judged", superuser, work)
        _tell(superuser, data.account_id)
        for query in ("", "?tab=error", "?page=last"):
            _print(f"looked at {query}", superuser, lambda query=query: ask(here + query))
        ask(f"{here}/application", proof | {"leave_out": "y"})
        _print("applied", superuser, work)
        _tell(superuser, data.account_id)
        ask(f"{here}/application", proof | {"_method": "DELETE"})
        _print("taken back", superuser, work)
        _tell(superuser, data.account_id)


def _tell(superuser: psycopg.Connection[Any], account_id: Any) -> None:
    query = f"SELECT b.counts, f.error FROM {SCHEMA}.invoice_file f JOIN {SCHEMA}.import_batch b ON b.id = f.batch_id"
    print("    ", *superuser.execute(query).fetchone(), flush=True)


@dataclass
class Used:
    """Seconds of processors so far."""

    clock: float
    portal: float
    children: float
    database: float

    @classmethod
    def now(cls, superuser: psycopg.Connection[Any]) -> "Used":
        """As it stands; the server's own time is that of all its processes for this database."""
        query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        spent = sum(_spent(row[0]) for row in superuser.execute(query))
        child = resource.getrusage(resource.RUSAGE_CHILDREN)
        return cls(time.perf_counter(), time.process_time(), child.ru_utime + child.ru_stime, spent)


def _spent(pid: int) -> float:
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    except FileNotFoundError:
        return 0.0


def _print(name: str, superuser: psycopg.Connection[Any], act: Callable[[], Any]) -> Any:
    before, watching = Used.now(superuser), _Watching()
    found = act()
    more, after = watching.end(), Used.now(superuser)
    spent = {key: getattr(after, key) - getattr(before, key) for key in vars(after)}
    processor = spent["portal"] + spent["children"] + spent["database"]
    print(
        f"{name:<20} clock {spent['clock']:6.2f} s, processors {processor:6.2f} s (portal {spent['portal']:6.2f},"
        f" reader {spent['children']:5.2f}, database {spent['database']:6.2f}), memory +{more:.0f} MiB,"
        f" load {psutil.getloadavg()[0]:.1f}",
        flush=True,
    )
    return found


class _Watching:
    """How large this process becomes meanwhile."""

    def __init__(self) -> None:
        self.process, self.ended = psutil.Process(), threading.Event()
        self.before = self.most = self.process.memory_info().rss
        self.thread = threading.Thread(target=self._watch, daemon=True)
        self.thread.start()

    def _watch(self) -> None:
        while not self.ended.wait(0.05):
            self.most = max(self.most, self.process.memory_info().rss)

    def end(self) -> float:
        """MiB more than before, at most."""
        self.ended.set()
        self.thread.join()
        return (self.most - self.before) / 1024**2


def tax_id(number: int) -> str:
    """A company's, with the digit that its sum asks for."""
    digits = f"77{number:07}"
    return digits + str(sum(int(digit) * weight for digit, weight in zip(digits, WEIGHTS, strict=True)) % 11 % 10)


def _name(superuser: psycopg.Connection[Any], account_id: Any) -> None:
    """Suppliers and items as the file calls them."""
    superuser.execute(
        f"INSERT INTO {SCHEMA}.supplier (account_id, name, tax_id) SELECT %s, 'Named ' || t, t FROM unnest(%s::text[]) t",
        (account_id, [tax_id(number) for number in range(SUPPLIERS)]),
    )
    superuser.execute(
        f"INSERT INTO {SCHEMA}.inventory_item (account_id, name, default_unit_id) SELECT %s, 'Товар ' || n, u.id"
        f" FROM {SCHEMA}.unit u, generate_series(0, {ITEMS - 1}) n WHERE u.account_id = %s AND u.symbol = 'bench kg'",
        (account_id, account_id),
    )
    superuser.execute("VACUUM ANALYZE")


def file_of(count: int, kind: str) -> bytes:
    """So many lines; one in two thousand holds a word where a number belongs."""
    draw = random.Random(count)
    rows = [HEADINGS, *(_row(draw, number) for number in range(count))]
    return _csv(rows) if kind == "csv" else _xlsx(rows)


def _row(draw: random.Random, number: int) -> list[str]:
    paper = number // LINES
    quantity, price = draw.randint(1, 40), draw.randint(1000, 90_000)
    total = quantity * price
    vat = round(total / 11)
    day = LAST_DAY - timedelta(days=paper % 60)
    told = "много" if number % 2000 == 1999 else str(quantity)
    return [
        tax_id(paper % SUPPLIERS), f"УТ-{paper:06}", f"{day:%d.%m.%Y}", f"Товар {(number * 7) % ITEMS}", "bench kg", told,
        f"{price / 100:.2f}", "10", f"{vat / 100:.2f}", f"{total / 100:.2f}",
    ]  # fmt: skip


def _csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows(rows)
    return text.getvalue().encode("windows-1251")


def _xlsx(rows: list[list[str]]) -> bytes:
    from tests.importing.spreadsheets import xlsx_file

    return xlsx_file(rows)


if __name__ == "__main__":
    main()
