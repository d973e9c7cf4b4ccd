"""Several people at one store at the same moment: every one of them in a transaction of their own."""

import threading
from datetime import UTC, date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from portal.db.base import db
from portal.db.states import MoveRefused
from portal.inventory.booking import Movement, book, hold_stores, undo
from portal.inventory.counting import CountEnded, StoreIsCounted, count_line, post_count, start_count
from portal.inventory.models import Stocktake, StocktakeItem
from portal.inventory.taking import Taken, transfer, write_off
from portal.inventory.words import MovementKind, WriteOffReason
from portal.tenancy.scope import enter_account

S = "getinn_ops"
REFUSALS = (MoveRefused, CountEnded, StoreIsCounted)


@pytest.fixture
def at_once(app, world):
    """``at_once(act, …)`` runs each in a thread and a transaction of its own; what each gave, or was refused with."""

    def run(*acts):
        barrier, found = threading.Barrier(len(acts)), [None] * len(acts)

        def work(place, act):
            with app.app_context():
                enter_account(world.pelmenya.account_id)
                barrier.wait(30)
                try:
                    found[place] = act()
                    db.session.commit()
                except Exception as error:
                    db.session.rollback()
                    found[place] = error
                db.session.remove()

        threads = [threading.Thread(target=work, args=each) for each in enumerate(acts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        faults = [each for each in found if isinstance(each, Exception) and not isinstance(each, REFUSALS)]
        assert faults == []
        return found

    return run


@pytest.fixture
def items(world, superuser_sql):
    """Four items that nobody has kept."""
    chain = world.pelmenya
    rows = superuser_sql(
        f"INSERT INTO {S}.inventory_item (account_id, name, default_unit_id)"
        " SELECT %s, 'Item of this test ' || n, %s FROM generate_series(1, 4) n RETURNING id",
        [chain.account_id, chain.id_of("unit")],
    )
    return [row.id for row in rows]


def sums_and_balances(sql, items):
    sums = sql(
        f"SELECT store_id, inventory_item_id AS item, lot_number AS lot, sum(quantity) AS q FROM {S}.stock_movement"
        " WHERE inventory_item_id = ANY(%s) GROUP BY 1, 2, 3",
        [items],
    )
    held = sql(
        f"SELECT store_id, inventory_item_id AS item, lot_number AS lot, quantity AS q FROM {S}.inventory_stock"
        " WHERE inventory_item_id = ANY(%s)",
        [items],
    )
    return [{(row.store_id, row.item, row.lot): row.q for row in rows} for rows in (sums, held)]


def test_what_many_book_in_opposite_orders_comes_to_the_sum_of_it_and_nobody_waits_in_a_circle(
    at_once, world, items, superuser_sql
):
    here, there = world.pelmenya.store_id, world.pelmenya.assigned_store_id

    def booker(order, lots, quantity):
        places = [(item, store, lot) for item in order for store, lot in zip((here, there), lots, strict=True)]
        lines = [Movement(store, item, Decimal(quantity), lot) for item, store, lot in places]
        return lambda: book(lines, kind=MovementKind.RECEIPT)

    def mover(order, source, target):
        return lambda: transfer(source, target, [Taken(item, Decimal(1)) for item in order])

    for quantity in (1, 2, 3, 4):
        orders = (items, items[::-1]) * 2
        lots = (("A", "B"), ("B", "A"), (None, "A"), ("A", None))
        at_once(*[booker(order, lot, quantity) for order, lot in zip(orders, lots, strict=True)])
    at_once(mover(items, here, there), mover(items[::-1], there, here))
    sums, balances = sums_and_balances(superuser_sql, items)
    assert sums == balances
    assert sum(balances.values()) == 4 * 4 * 2 * (1 + 2 + 3 + 4)


def test_the_oldest_lot_is_taken_once_by_two_who_take_it_at_the_same_time(at_once, world, items, superuser_sql):
    here, item = world.pelmenya.store_id, items[0]

    def receive():
        lots = [Movement(here, item, Decimal(5), lot, date(2026, 5, day)) for lot, day in (("A", 1), ("B", 2))]
        book(lots, kind=MovementKind.RECEIPT)

    at_once(receive)
    taking = [Taken(item, Decimal(5))]
    at_once(*[lambda: write_off(here, taking, WriteOffReason.SPOILED)] * 2)
    _sums, balances = sums_and_balances(superuser_sql, items)
    assert balances == {(here, item, "A"): 0, (here, item, "B"): 0}


def test_of_several_who_undo_the_same_one_does(at_once, world, items, superuser_sql):
    here = world.pelmenya.store_id
    [group] = at_once(lambda: book([Movement(here, each, Decimal(3)) for each in items], kind=MovementKind.RECEIPT))
    found = at_once(*[lambda: undo(group)] * 4)
    assert sum(isinstance(each, UUID) for each in found) == 1
    assert sum(isinstance(each, MoveRefused) for each in found) == 3
    _sums, balances = sums_and_balances(superuser_sql, items)
    assert set(balances.values()) == {0}


def test_of_several_who_begin_to_count_a_store_one_does(at_once, world, items, superuser_sql):
    here = world.pelmenya.store_id
    superuser_sql(f"UPDATE {S}.stocktake SET status = 'abandoned'")
    found = at_once(*[lambda: start_count(here, items).id] * 3)
    assert sum(isinstance(each, StoreIsCounted) for each in found) == 2


def test_what_is_booked_while_a_count_is_posted_is_counted_with_or_comes_after(at_once, world, items, superuser_sql):
    here, item = world.pelmenya.store_id, items[0]
    superuser_sql(f"UPDATE {S}.stocktake SET status = 'abandoned'")
    [count_id] = at_once(lambda: start_count(here, items).id)
    [line] = superuser_sql(
        f"UPDATE {S}.stocktake_item SET counted_quantity = 8, counted_at = timezone('utc', now())"
        " WHERE stocktake_id = %s AND inventory_item_id = %s RETURNING counted_at",
        [count_id, item],
    )
    held = threading.Event()

    def book_early():
        hold_stores([here])
        held.set()
        # Until posting has begun, and waits for the store.
        waits = "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%store%'"
        assert any(superuser_sql(waits) for _time in range(10_000))
        early = line.counted_at.replace(tzinfo=UTC) - timedelta(hours=1)
        book([Movement(here, item, Decimal(5))], kind=MovementKind.RECEIPT, happened_at=early)

    def post():
        held.wait(30)
        return post_count(db.session.get(Stocktake, count_id))

    at_once(book_early, post)
    _sums, balances = sums_and_balances(superuser_sql, items)
    assert balances == {(here, item, None): 8}


def test_a_count_is_posted_once_and_with_every_line_that_was_saved_before(at_once, world, items, superuser_sql):
    here = world.pelmenya.store_id
    superuser_sql(f"UPDATE {S}.stocktake SET status = 'abandoned'")
    [count_id] = at_once(lambda: start_count(here, items).id)
    lines = superuser_sql(f"SELECT id FROM {S}.stocktake_item WHERE stocktake_id = %s", [count_id])

    def counter(line_id):
        return lambda: count_line(
            db.session.get(Stocktake, count_id), db.session.get(StocktakeItem, line_id), Decimal(7)
        )

    def post():
        return post_count(db.session.get(Stocktake, count_id))

    found = at_once(*[counter(line.id) for line in lines], post, post)
    posted = [each for each in found[len(lines) :] if isinstance(each, UUID)]
    assert len(posted) == 1
    saved = [line.id for line, each in zip(lines, found, strict=False) if each is True]
    booked = superuser_sql(f"SELECT quantity, stocktake_item_id FROM {S}.stock_movement WHERE group_id = %s", posted)
    assert {row.stocktake_item_id for row in booked} == set(saved)
    assert all(row.quantity == 7 for row in booked)
