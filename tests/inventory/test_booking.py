"""The journal: balances follow from it, below zero is told, what was entered is undone once."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from werkzeug.exceptions import NotFound

from portal.audit.models import Action, AuditEvent
from portal.db.base import db
from portal.db.states import MoveRefused
from portal.db.types import utc_now
from portal.inventory.booking import Movement, SentAlready, book, movements_of, undo
from portal.inventory.lots import Lot, settle, take, total_of, without
from portal.inventory.models import StockBalance, StockMovement
from portal.inventory.queries import low_items
from portal.inventory.taking import Taken, transfer, write_off
from portal.inventory.words import MovementKind, WriteOffReason
from portal.stores.models import Store
from portal.tenancy.scope import enter_account
from tests.inventory.conftest import Stock, at
from tests.world import make_world

SPOILED = WriteOffReason.SPOILED


def crossed_by(stock):
    """How much there is, and the group by which it went below zero."""
    [balance] = [each for each in stock.balances() if each.lot_number is None]
    crossing = balance.crossed_by_id
    return balance.quantity, db.session.get_one(StockMovement, crossing).group_id if crossing else None


def test_an_undone_receipt_leaves_what_was_taken_meanwhile_below_zero_and_names_the_movement(stock):
    receipt = stock.move(10, "09:00")
    taken = stock.move(-4, "10:00", MovementKind.WRITE_OFF)
    undo(receipt)
    assert crossed_by(stock) == (-4, taken)
    stock.move(8, "11:00")
    assert crossed_by(stock) == (4, None)


def test_the_movement_that_took_it_below_zero_is_the_first_by_when_it_happened_from_which_on_it_stayed_there(stock):
    stock.move(10, "08:00")
    late = stock.move(-4, "12:00", MovementKind.WRITE_OFF)
    early = stock.move(-8, "10:00", MovementKind.WRITE_OFF)
    assert crossed_by(stock) == (-2, late)
    stock.move(-1, "13:00", MovementKind.WRITE_OFF)
    assert crossed_by(stock) == (-3, late)
    stock.move(-3, "09:00", MovementKind.WRITE_OFF)
    assert crossed_by(stock) == (-6, early)
    stock.move(2, "11:00")
    assert crossed_by(stock) == (-4, late)


def test_a_movement_that_was_undone_is_not_what_took_it_below_zero(stock):
    undone = stock.move(-5, "10:00", MovementKind.WRITE_OFF)
    stands = stock.move(-3, "11:00", MovementKind.WRITE_OFF)
    assert crossed_by(stock) == (-8, undone)
    # Another lot has its own balance.
    stock.move(100, "09:00", lot="B")
    stock.move(-100, "09:30", lot="B")
    undo(undone)
    assert crossed_by(stock) == (-3, stands)


def test_what_is_entered_together_crosses_zero_by_when_it_happened(stock):
    when = {"store_id": stock.store_id, "item_id": stock.item_id}
    lines = [
        Movement(quantity=Decimal(quantity), happened_at=at(clock), **when)
        for quantity, clock in ((-5, "09:00"), (3, "10:00"), (-1, "08:00"), (2, "08:30"), (-9, "07:00"), (9, "07:30"))
    ]
    book(lines, kind=MovementKind.CORRECTION)
    [balance] = stock.balances()
    assert (balance.quantity, db.session.get_one(StockMovement, balance.crossed_by_id).happened_at) == (-1, at("09:00"))


def test_more_than_a_movement_can_hold_is_refused_and_the_sum_of_many_is_kept(stock):
    with pytest.raises(MoveRefused, match="Check the quantities"):
        stock.move(10**12)
    for _time in range(3):
        stock.move("999999999999.999999")
    assert stock.balance() == Decimal("2999999999999.999997")


def test_what_was_undone_is_not_undone_again_and_an_undoing_neither(stock):
    receipt = stock.move(10)
    undone = undo(receipt)
    with pytest.raises(MoveRefused, match="undone already"):
        undo(receipt)
    with pytest.raises(MoveRefused, match="enter it anew"):
        undo(undone)
    assert stock.balance() == 0


def test_undoing_takes_every_movement_of_the_group_back_as_of_its_own_moment(stock):
    other = stock.add_item("Sugar of this test")
    lines = [Movement(stock.store_id, stock.item_id, Decimal(3)), Movement(stock.store_id, other, Decimal(5))]
    group = book(lines, kind=MovementKind.RECEIPT, happened_at=datetime(2026, 5, 4, 9, tzinfo=UTC))
    rows = movements_of(undo(group))
    assert {row.quantity for row in rows} == {-3, -5}
    assert {row.happened_at for row in rows} == {datetime(2026, 5, 4, 9, tzinfo=UTC)}
    assert (stock.balance(), stock.balance(item_id=other)) == (0, 0)


def test_nothing_is_booked_for_the_future_and_the_past_is_open(stock):
    with pytest.raises(MoveRefused, match="future"):
        book(
            [Movement(stock.store_id, stock.item_id, Decimal(1))],
            kind=MovementKind.RECEIPT,
            happened_at=utc_now() + timedelta(hours=1),
        )
    stock.move(1, "00:01")
    assert stock.balance() == 1


def test_what_a_clock_that_is_fast_books_happened_now(stock):
    line = Movement(stock.store_id, stock.item_id, Decimal(1))
    group = book([line], kind=MovementKind.RECEIPT, happened_at=utc_now() + timedelta(seconds=40))
    [row] = movements_of(group)
    assert row.happened_at <= utc_now()


def test_an_undoing_goes_to_the_lot_and_is_told_in_the_log_with_its_reason(stock):
    receipt = stock.move(3, lot="A", expiry=date(2026, 5, 10))
    [row] = movements_of(undo(receipt, note="by mistake"))
    assert (row.lot_number, row.expiry_date, row.note) == ("A", date(2026, 5, 10), "by mistake")
    [line] = db.session.scalars(select(AuditEvent).where(AuditEvent.action == Action.STOCK_UNDONE))
    assert (line.entity_id, line.after["note"], line.after["quantity"]) == (row.id, "by mistake", "-3.000000")
    assert [each.quantity for each in stock.balances()] == [0]


def test_what_was_never_entered_is_not_undone(stock):
    with pytest.raises(NotFound):
        undo(uuid4())


def test_a_transfer_that_is_sent_twice_is_one(stock):
    key, taken = uuid4(), [Taken(stock.item_id, Decimal(2))]
    stock.move(9)
    transfer(stock.store_id, stock.other_store_id, taken, key=key)
    with pytest.raises(SentAlready) as refused:
        transfer(stock.store_id, stock.other_store_id, taken, key=key)
    assert refused.value.movement.group_id == key
    with pytest.raises(MoveRefused, match="another store"):
        transfer(stock.store_id, stock.store_id, taken)
    assert (stock.balance(), stock.balance(stock.other_store_id)) == (7, 2)


def test_a_store_that_moves_to_another_restaurant_takes_its_movements_along(stock, world):
    group, there = stock.move(3), world.pelmenya.assigned_restaurant_id
    db.session.get_one(Store, stock.store_id).restaurant_id = there
    db.session.flush()
    db.session.expire_all()
    assert {row.restaurant_id for row in movements_of(group)} == {there}
    assert {row.restaurant_id for row in stock.balances()} == {there}


def test_the_database_refuses_to_change_or_remove_a_movement(stock):
    stock.move(10)
    for change in (update(StockMovement).values(quantity=11), StockMovement.__table__.delete()):
        with pytest.raises(IntegrityError, match="added, and never changed"), db.session.begin_nested():
            db.session.execute(change)


def test_what_moves_nothing_is_left_out(stock):
    group = book([Movement(stock.store_id, stock.item_id, Decimal())], kind=MovementKind.RECEIPT)
    assert movements_of(group) == []


def test_a_write_off_takes_the_oldest_expiry_first_and_says_why(stock):
    stock.move(2, lot="B", expiry=date(2026, 6, 1))
    stock.move(3, lot="A", expiry=date(2026, 5, 10))
    stock.move(4)
    group = write_off(stock.store_id, [Taken(stock.item_id, Decimal(6))], SPOILED)
    taken = {(row.lot_number, row.quantity) for row in movements_of(group)}
    assert taken == {("A", -3), ("B", -2), (None, -1)}
    assert {row.reason for row in movements_of(group)} == {SPOILED}
    assert told_quantity(Action.WRITTEN_OFF) == "-6.000000"


def test_two_lines_of_one_item_take_what_the_first_has_left(stock):
    stock.move(2, lot="A", expiry=date(2026, 5, 10))
    stock.move(3, lot="B", expiry=date(2026, 6, 1))
    write_off(stock.store_id, [Taken(stock.item_id, Decimal(2)), Taken(stock.item_id, Decimal(2))], SPOILED)
    assert [(each.lot_number, each.quantity) for each in stock.balances()] == [("A", 0), ("B", 1)]


def test_a_chosen_lot_is_taken_whatever_is_older(stock):
    stock.move(2, lot="A", expiry=date(2026, 5, 10))
    stock.move(3, lot="B", expiry=date(2026, 6, 1))
    write_off(stock.store_id, [Taken(stock.item_id, Decimal(1), Lot("B", date(2026, 6, 1), Decimal(3)))], SPOILED)
    assert [(each.lot_number, each.quantity) for each in stock.balances()] == [("A", 2), ("B", 2)]


def test_more_than_there_is_may_be_taken_and_stands_below_zero(stock):
    stock.move(2, lot="A", expiry=date(2026, 5, 10))
    write_off(stock.store_id, [Taken(stock.item_id, Decimal(5))], SPOILED)
    assert [(each.lot_number, each.quantity) for each in stock.balances()] == [("A", 0), (None, -3)]


def test_a_transfer_brings_the_lots_to_the_other_store_and_is_undone_on_both_sides(stock):
    stock.move(3, lot="A", expiry=date(2026, 5, 10))
    group = transfer(stock.store_id, stock.other_store_id, [Taken(stock.item_id, Decimal(2))])
    assert told_quantity(Action.TRANSFERRED) == "-2.000000"
    assert stock.balance() == 1
    [there] = stock.balances(stock.other_store_id)
    assert (there.quantity, there.lot_number, there.expiry_date) == (2, "A", date(2026, 5, 10))
    undo(group)
    assert (stock.balance(), stock.balance(stock.other_store_id)) == (3, 0)


def test_whoever_sees_one_side_of_a_transfer_does_not_undo_it(stock, world):
    chain = world.pelmenya
    stock.move(3)
    group = transfer(stock.store_id, stock.other_store_id, [Taken(stock.item_id, Decimal(2))])
    db.session.flush()
    enter_account(chain.account_id, (chain.assigned_restaurant_id,))
    with pytest.raises(MoveRefused, match="not yours"):
        undo(group)


def test_stores_and_items_of_others_are_not_there(stock, world):
    other = world.vareniki
    for store, item in ((other.store_id, stock.item_id), (stock.store_id, other.id_of("inventory_item"))):
        with pytest.raises(NotFound):
            book([Movement(store, item, Decimal(1))], kind=MovementKind.RECEIPT)
    enter_account(world.pelmenya.account_id, (world.pelmenya.assigned_restaurant_id,))
    with pytest.raises(NotFound):
        stock.move(1)


def told_quantity(action):
    """What the log says of how much it was."""
    [line] = db.session.scalars(select(AuditEvent).where(AuditEvent.action == action))
    return line.after["quantity"]


QUANTITIES = st.decimals(min_value=-500, max_value=500, places=3).filter(bool)
LOTS = st.sampled_from([(None, None), ("A", date(2026, 5, 10)), ("B", None), (None, date(2026, 6, 1))])


@examples(max_examples=15)
@given(entries=st.lists(st.tuples(QUANTITIES, LOTS), min_size=1, max_size=7), data=st.data())
def test_every_balance_is_the_sum_of_its_movements_in_whichever_order_they_were_entered(app, database, entries, data):
    chain = make_world().pelmenya
    shuffled = data.draw(st.permutations(entries))
    found = []
    for order in (entries, shuffled):
        with app.app_context():
            enter_account(chain.account_id)
            stock = Stock(chain)
            groups = [stock.move(quantity, lot=lot, expiry=expiry) for quantity, (lot, expiry) in order]
            found.append({(each.lot_number, each.expiry_date): each.quantity for each in stock.balances()})
            assert found[-1] == sums(stock)
            undo(groups[0])
            assert stock.balance() == sum(q for q, _lot in order[1:])
            assert sums(stock) == {(each.lot_number, each.expiry_date): each.quantity for each in stock.balances()}
            db.session.rollback()
    assert found[0] == found[1]


def sums(stock):
    m = StockMovement
    query = select(m.lot_number, m.expiry_date, func.sum(m.quantity)).where(m.inventory_item_id == stock.item_id)
    return {
        (lot, expiry): total for lot, expiry, total in db.session.execute(query.group_by(m.lot_number, m.expiry_date))
    }


@given(
    held=st.lists(st.tuples(LOTS, QUANTITIES), max_size=4, unique_by=lambda each: each[0]),
    quantity=st.decimals(min_value="0.001", max_value=900, places=3),
)
def test_what_is_taken_comes_to_the_quantity(held, quantity):
    lots = [Lot(lot, expiry, amount) for (lot, expiry), amount in held]
    parts = take(lots, quantity)
    assert total_of(parts) == quantity
    assert all(part.quantity > 0 for part in parts)


@given(
    held=st.lists(st.tuples(LOTS, QUANTITIES), max_size=4, unique_by=lambda each: each[0]),
    counted=st.decimals(min_value=0, max_value=900, places=3),
)
def test_what_was_counted_is_what_the_lots_come_to_and_none_stays_below_zero(held, counted):
    lots = [Lot(lot, expiry, amount) for (lot, expiry), amount in held]
    left = without(lots, [Lot(part.lot_number, part.expiry_date, -part.quantity) for part in settle(lots, counted)])
    assert total_of(left) == counted
    assert all(lot.quantity >= 0 for lot in left)
    assert not any(lot.quantity > before.quantity > 0 for lot, before in zip(left, lots, strict=False)
        if not lot.is_plain)  # fmt: skip


def test_what_a_store_has_less_of_than_the_reorder_level_is_low_there_alone(stock):
    low = stock.add_item("Rice of this test", reorder_level=Decimal(5))
    stock.move(3, item_id=low, lot="A")
    stock.move(Decimal("1.999"), item_id=low)
    stock.move(9, item_id=low, store_id=stock.other_store_id)
    for item in stock.add_item("Old rice", reorder_level=Decimal(5), is_active=False), stock.add_item("Any rice"):
        stock.move(1, item_id=item)
        assert item not in {each.item_id for each in low_items(stock.store_id)}
    [row] = [each for each in low_items(stock.store_id) if each.item_id == low]
    assert (row.quantity, row.reorder_level) == (Decimal("4.999"), 5)
    assert low not in {each.item_id for each in low_items(stock.other_store_id)}
    stock.move(Decimal("0.001"), item_id=low)
    assert low not in {each.item_id for each in low_items(stock.store_id)}


def test_what_expires_first_is_taken_first_and_what_has_no_date_last():
    lots = [Lot(None, None, Decimal(9)), Lot("B", date(2026, 6, 1), Decimal(2)), Lot("A", date(2026, 5, 1), Decimal(3))]
    assert [(each.lot_number, each.quantity) for each in take(lots, Decimal(6))] == [("A", 3), ("B", 2), (None, 1)]


def test_a_balance_keeps_no_row_of_another_account(stock):
    stock.move(1)
    accounts = set(db.session.scalars(select(StockBalance.account_id)))
    assert accounts == {stock.chain.account_id}
