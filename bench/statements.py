"""``python -m bench.statements``: a long statement compared with invoices and written down, as the worker does it.

2 000 rows against 20 000 invoices of one quarter: nine of ten rows are ours; none of them is; all say the very same.
"""

import argparse
import random
import time
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

import psutil
import psycopg
from sqlalchemy import text

from bench.serving import database
from portal.db.base import SCHEMA, db

SPACE = UUID("5e000000-0000-4000-8000-000000000001")
FIRST = date(2026, 1, 1)
DAYS = 90
HEADINGS = ["Дата", "Документ", "Дебет", "Кредит"]


def main() -> None:
    """Print a line for each kind of statement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2000)
    parser.add_argument("--invoices", type=int, default=20_000)
    told = parser.parse_args()
    with database() as server:
        for kind in ("ours", "foreign", "alike"):
            _measure(server.superuser_url("getinn").replace("+psycopg", ""), kind, told.rows, told.invoices)


def _measure(url: str, kind: str, rows: int, invoices: int) -> None:
    from portal import create_app
    from portal.reconciliations.opening import Upload, open_statement
    from portal.suppliers.models import Supplier
    from portal.tenancy.scope import enter_account

    draw = random.Random(kind)
    account_id = uuid5(SPACE, kind)
    papers = [_paper(draw, kind, number) for number in range(invoices)]
    with psycopg.connect(url, autocommit=True) as superuser:
        supplier_id = _chain(superuser, account_id, papers)
    with create_app().app_context():
        enter_account(account_id)
        supplier = db.session.get_one(Supplier, supplier_id)
        cells = [HEADINGS, *_rows(draw, kind, papers, rows)]
        upload = Upload(list(enumerate(cells, 1)), supplier, None, (FIRST, FIRST + timedelta(DAYS)))
        backend = psutil.Process(db.session.scalar(text("SELECT pg_backend_pid()")))
        statement = open_statement(upload)
        first = _compared(statement, backend)
        enter_account(account_id)
        again = _compared(db.session.merge(statement), backend)
    for called, took in (("first", first), ("anew", again)):
        print(kind.ljust(8), called.ljust(6), "in all {:6.2f} s, portal {:6.2f} s, database {:6.2f} s".format(*took))


def _compared(statement: Any, backend: psutil.Process) -> tuple[float, float, float]:
    """Compare and commit: seconds by the clock, and of the processor in this process and in the database's."""
    from portal.reconciliations.running import StatementComparison

    began, own, its = time.perf_counter(), time.process_time(), sum(backend.cpu_times()[:2])
    StatementComparison(statement).run()
    db.session.commit()
    return time.perf_counter() - began, time.process_time() - own, sum(backend.cpu_times()[:2]) - its


def _paper(draw: random.Random, kind: str, number: int) -> tuple[str, date, Decimal]:
    amount = Decimal("100.00") if kind == "alike" else Decimal(draw.randint(1000, 9_999_999)).scaleb(-2)
    return ("" if kind == "alike" else f"УТ-{number:06}"), FIRST + timedelta(draw.randint(0, DAYS)), amount


def _rows(draw: random.Random, kind: str, papers: list[tuple[str, date, Decimal]], count: int) -> Iterable[list[str]]:
    for number, day, amount in draw.sample(papers, count):
        is_ours = kind == "ours" and draw.random() < 0.9
        named = f"Продажа ({number} от {day:%d.%m.%Y})" if is_ours else "Продажа"
        told = amount if is_ours or kind == "alike" else Decimal(draw.randint(1000, 9_999_999)).scaleb(-2)
        yield [f"{day:%d.%m.%Y}", named, f"{told}", ""]


def _chain(sql: psycopg.Connection[Any], account_id: UUID, papers: list[tuple[str, date, Decimal]]) -> UUID:
    """An account with a restaurant, a store, a supplier and its invoices; each has one line."""
    ids = {name: uuid5(account_id, name) for name in ("restaurant", "store", "supplier")}
    named = {"account_id": account_id, "name": str(account_id)[:8]}
    sql.execute(f"INSERT INTO {SCHEMA}.account (id, name, slug) VALUES (%(account_id)s, %(name)s, %(name)s)", named)
    for table, more in (("restaurant", {}), ("store", {"restaurant_id": ids["restaurant"]}), ("supplier", {})):
        row = {"id": ids[table], **named, **more}
        sql.execute(
            f"INSERT INTO {SCHEMA}.{table} ({', '.join(row)}) VALUES ({', '.join(f'%({name})s' for name in row)})", row
        )
    with sql.transaction(), sql.cursor() as cursor:
        place = (account_id, ids["supplier"], ids["restaurant"], ids["store"])
        with cursor.copy(
            f"COPY {SCHEMA}.invoice (id, account_id, supplier_id, restaurant_id, store_id, status, currency,"
            " invoice_number, invoice_date, total_amount) FROM STDIN"
        ) as copy:
            for place_of, (number, day, amount) in enumerate(papers):
                copy.write_row((uuid5(account_id, f"paper {place_of}"), *place, "active", "RUB", number, day, amount))
        cursor.execute(
            f"INSERT INTO {SCHEMA}.invoice_item (account_id, invoice_id, position, description, quantity, unit_price,"
            f" line_total) SELECT account_id, id, 1, 'x', 1, total_amount, total_amount FROM {SCHEMA}.invoice"
            " WHERE account_id = %s",
            [account_id],
        )
    sql.execute(f"ANALYZE {SCHEMA}.invoice")
    return ids["supplier"]


if __name__ == "__main__":
    main()
