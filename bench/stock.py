"""``python -m bench.stock``: stock as its journal grows, from 1 000 to 100 000 movements of a chain.

Twenty stores keep five hundred items; every fifth movement is of a lot with a date. Each page is asked 20 times on one
connection, the median is of the last ten: milliseconds of the processor, of the portal and of the server's process.
Then what is written: 50 lines booked at once, and a count of 500 lines posted.
"""

import argparse
import os
import statistics
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import psycopg

from bench.data import TOKEN, load
from bench.growth import _ask
from bench.serving import database
from portal.db.base import SCHEMA

STORES, ITEMS, RESTAURANTS = 20, 500, 20
ITEMS_OF = f"""
    INSERT INTO {SCHEMA}.inventory_item (account_id, name, default_unit_id, category, reorder_level)
    SELECT u.account_id, (ARRAY['Tykva', 'Butter', 'Flour', 'Beef', 'Salt'])[1 + n %% 5] || ' ' || n, u.id,
        'Category ' || n %% 8, CASE n %% 4 WHEN 0 THEN 40 END
    FROM {SCHEMA}.unit u, generate_series(1, {ITEMS}) n WHERE u.account_id = %(account)s AND u.okei_code = '166'
"""
UNITS = f"""
    WITH category AS (
        INSERT INTO {SCHEMA}.unit_category (account_id, name) VALUES (%(account)s, 'weight') RETURNING id
    )
    INSERT INTO {SCHEMA}.unit (account_id, name, symbol, unit_category_id, base_factor, okei_code)
    SELECT %(account)s, 'Kilogram', 'kg', id, 1000, '166' FROM category
"""
STORES_OF = f"""
    INSERT INTO {SCHEMA}.store (account_id, restaurant_id, name)
    SELECT account_id, id, 'Kitchen' FROM {SCHEMA}.restaurant WHERE account_id = %(account)s ORDER BY id LIMIT {STORES}
"""
MOVEMENTS = f"""
    INSERT INTO {SCHEMA}.stock_movement (account_id, restaurant_id, store_id, inventory_item_id, lot_number, expiry_date,
        quantity, kind, happened_at, group_id)
    SELECT %(account)s, s.restaurant_id, s.id, i.id, CASE n %% 5 WHEN 0 THEN 'L' || n / 5 %% 3 END,
        CASE n %% 5 WHEN 0 THEN current_date + (n / 5 %% 3) * 2 - 2 END,
        CASE n %% 3 WHEN 0 THEN -4 ELSE 3.5 END, CASE n %% 3 WHEN 0 THEN 'write_off' ELSE 'receipt' END,
        timezone('utc', now()) - n * interval '5 minutes', gen_random_uuid()
    FROM generate_series(1, %(number)s) n
    JOIN (SELECT *, row_number() OVER (ORDER BY id) AS at FROM {SCHEMA}.store WHERE account_id = %(account)s) s
        ON s.at = 1 + n %% {STORES}
    JOIN (SELECT *, row_number() OVER (ORDER BY id) AS at FROM {SCHEMA}.inventory_item WHERE account_id = %(account)s) i
        ON i.at = 1 + (n / {STORES}) %% {ITEMS}
    ORDER BY s.id, i.id
"""


def main() -> None:
    """One line a page: milliseconds at each size, and the largest to the smallest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--movements", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    sizes = sorted(parser.parse_args().movements)
    results = [dict(_measure(size)) for size in sizes]
    print(f"{'':<44}" + "".join(f"{size:>12,}" for size in sizes) + f"{'ratio':>8}")
    for name in results[0]:
        figures = [each[name] for each in results]
        print(f"{name:<44}" + "".join(f"{each:>12.2f}" for each in figures) + f"{figures[-1] / figures[0]:>8.2f}")


def _measure(number: int) -> Iterator[tuple[str, float]]:
    with database() as server:
        url = server.superuser_url("getinn")
        data = load(url, RESTAURANTS, 10)
        fill(url, data.account_id, number)
        from portal import create_app

        app = create_app()
        client = app.test_client()
        client.set_cookie("portal", TOKEN)
        home = f"/accounts/{data.slug}"
        for name, path in pages(url, data.account_id):
            yield name, _ask(client, f"{home}/{path}").whole
            print(number, name, file=sys.stderr, flush=True)
        yield from writing(app, data.account_id)


def fill(superuser_url: str, account: Any, number: int) -> None:
    """The chain's stock: stores, items, movements, and by the trigger the balances."""
    with psycopg.connect(superuser_url.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in (UNITS, ITEMS_OF, STORES_OF):
            connection.execute(statement, {"account": account})
        started = time.perf_counter()
        connection.execute(MOVEMENTS, {"account": account, "number": number})
        print(f"{number} movements with their balances: {time.perf_counter() - started:.1f} s", file=sys.stderr)
        connection.execute("VACUUM ANALYZE")


def pages(superuser_url: str, account: Any) -> Iterator[tuple[str, str]]:
    """Name and address of each page."""
    with psycopg.connect(superuser_url.replace("+psycopg", "")) as connection:
        row = connection.execute(
            f"SELECT id, store_id, restaurant_id FROM {SCHEMA}.inventory_stock WHERE account_id = %s"
            " ORDER BY store_id, inventory_item_id LIMIT 1",
            (account,),
        ).fetchone()
        assert row is not None
    yield "what there is", "stock"
    yield "of one restaurant", f"stock?restaurant_id={row[2]}"
    yield "below the reorder level", "stock?level=low"
    yield "below zero", "stock?level=below"
    yield "expired", "stock?expires=over"
    yield "expires soon", "stock?expires=soon"
    yield "a word", "stock?q=butter"
    yield "an item in a store", f"stock/{row[0]}"
    yield "the journal", "stock/movements"
    yield "its last page", "stock/movements?page=last"
    yield "write-offs", "stock/movements?kind=write_off"
    yield "of one store", f"stock/movements?store_id={row[1]}"
    yield "the journal: a word", "stock/movements?q=butter"
    yield "the page of a store", f"stores/{row[1]}"


def writing(app: Any, account: Any) -> Iterator[tuple[str, float]]:
    """Milliseconds of booking 50 lines, and of posting a count of all items of a store."""
    from sqlalchemy import select

    from portal.catalogue.models import InventoryItem
    from portal.db.base import db
    from portal.db.types import utc_now
    from portal.inventory.booking import Movement, book
    from portal.inventory.counting import post_count, start_count
    from portal.inventory.models import StocktakeItem
    from portal.inventory.words import MovementKind
    from portal.stores.models import Store
    from portal.tenancy.scope import enter_account

    with app.app_context():
        enter_account(uuid.UUID(str(account)))
        store = db.session.scalar(select(Store.id).order_by(Store.id).limit(1))
        items = list(db.session.scalars(select(InventoryItem.id).order_by(InventoryItem.id)))
        lines = [Movement(store, item, Decimal(1)) for item in items[:50]]
        yield "50 lines are booked", _timed(lambda: book(lines, kind=MovementKind.RECEIPT))
        count = start_count(store, items)
        now = utc_now()
        for line in db.session.scalars(select(StocktakeItem).where(StocktakeItem.stocktake_id == count.id)):
            line.counted_quantity, line.counted_at = Decimal(7), now
        db.session.flush()
        started = time.perf_counter()
        post_count(count)
        yield "a count of 500 lines is posted", (time.perf_counter() - started) * 1000
        db.session.rollback()
        db.engine.dispose()


def _timed(act: Callable[[], object]) -> float:
    figures = []
    for _ in range(9):
        started = time.perf_counter()
        act()
        figures.append((time.perf_counter() - started) * 1000)
    return statistics.median(figures)


if __name__ == "__main__":
    os.environ.setdefault("LOG_LEVEL", "warning")
    main()
