"""A count fixes the balance at the moment of counting."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from portal.audit.models import Action, AuditEvent
from portal.catalogue.models import InventoryItem
from portal.db.base import db
from portal.db.states import MoveRefused
from portal.inventory import counting
from portal.inventory.booking import movements_of, undo
from portal.inventory.counting import (
    CountEnded,
    StoreIsCounted,
    abandon_count,
    add_line,
    count_line,
    counting_of,
    differences,
    post_count,
    start_count,
)
from portal.inventory.models import StocktakeItem
from portal.inventory.queries import counted_since, kept_items
from portal.inventory.words import MovementKind, StocktakeStatus
from portal.stores.models import Store
from tests.inventory.conftest import at


@pytest.fixture
def counted(stock):
    """``counted("8", "10:00")`` is a count in which the item was counted then; the store's other count is given up."""

    def count(quantity, clock, item_id=None):
        if (other := counting_of(stock.store_id)) is not None:
            abandon_count(other)
        made = start_count(stock.store_id, [item_id or stock.item_id])
        [line] = db.session.scalars(select(StocktakeItem).where(StocktakeItem.stocktake_id == made.id))
        if quantity is not None:
            count_line(made, line, Decimal(quantity))
            line.counted_at = at(clock)
            db.session.flush()
        return made, line

    return count


def test_a_delivery_after_the_counting_is_not_lost_when_the_count_is_posted(stock, counted):
    stock.move(10, "08:00")
    count, line = counted("8", "10:00")
    stock.move(5, "10:30")
    post_count(count)
    assert (line.expected_quantity, line.difference) == (10, -2)
    assert stock.balance() == 13


def test_a_sale_before_the_counting_entered_afterwards_leaves_the_same_balance(stock, counted):
    stock.move(10, "08:00")
    count, line = counted("8", "10:00")
    stock.move(5, "10:30")
    stock.move(-1, "09:50", MovementKind.SALE)
    post_count(count)
    assert (line.expected_quantity, line.difference) == (9, -1)
    assert stock.balance() == 13


def test_the_difference_is_booked_at_the_moment_of_counting(stock, counted):
    stock.move(10, "08:00")
    count, _line = counted("8", "10:00")
    [movement] = movements_of(post_count(count))
    assert (movement.kind, movement.quantity, movement.happened_at) == (MovementKind.COUNT, -2, at("10:00"))


def test_what_was_not_counted_stays_and_zero_is_a_count(stock, counted):
    stock.move(10, "08:00")
    count, line = counted(None, "10:00")
    assert movements_of(post_count(count)) == []
    assert (stock.balance(), line.difference) == (10, None)
    count, line = counted("0", "10:00")
    post_count(count)
    assert (stock.balance(), line.difference) == (0, -10)


def test_a_count_that_agrees_moves_nothing_and_says_so(stock, counted):
    stock.move(10, "08:00")
    count, line = counted("10", "10:00")
    assert movements_of(post_count(count)) == []
    assert line.difference == 0


def test_what_is_missing_is_missing_of_the_oldest_lot_and_what_is_too_much_makes_up_what_was_below_zero(stock, counted):
    stock.move(3, "08:00", lot="A", expiry=date(2026, 5, 10))
    stock.move(4, "08:00", lot="B", expiry=date(2026, 6, 1))
    count, _line = counted("2", "10:00")
    post_count(count)
    assert [(each.lot_number, each.quantity) for each in stock.balances()] == [("A", 0), ("B", 2)]
    stock.move(-3, "11:00", MovementKind.WRITE_OFF, lot="A", expiry=date(2026, 5, 10))
    count, _line = counted("6", "12:00")
    post_count(count)
    assert [(each.lot_number, each.quantity) for each in stock.balances()] == [("A", 0), ("B", 2), (None, 4)]


def test_after_a_count_no_lot_is_below_zero_whatever_the_difference_is(stock, counted):
    stock.move(-3, "07:00", MovementKind.SALE)
    stock.move(10, "08:00", lot="B", expiry=date(2026, 6, 1))
    count, line = counted("7", "10:00")
    group = post_count(count)
    assert line.difference == 0
    assert [(each.lot_number, each.quantity) for each in stock.balances()] == [("B", 7), (None, 0)]
    assert [row.stocktake_item_id for row in movements_of(group)] == [line.id, line.id]
    stock.move(-4, "11:00", MovementKind.SALE)
    count, _line = counted("0", "12:00")
    post_count(count)
    assert {each.quantity for each in stock.balances()} == {0}


def test_a_posted_count_is_not_posted_again_nor_counted_further(stock, counted):
    count, line = counted("8", "10:00")
    post_count(count)
    for change in (
        lambda: post_count(count),
        lambda: count_line(count, line, Decimal(9)),
        lambda: add_line(count, stock.item_id),
        lambda: abandon_count(count),
    ):
        with pytest.raises(CountEnded):
            change()
    assert stock.balance() == 8


def test_the_same_count_of_a_line_keeps_who_counted_first_and_when(stock, counted):
    count, line = counted("8", "10:00")
    assert count_line(count, line, Decimal("8.000")) is False
    assert line.counted_at == at("10:00")
    assert count_line(count, line, Decimal(9)) is True
    assert line.counted_at > at("10:00")
    count_line(count, line, None)
    assert (line.counted_quantity, line.counted_at) == (None, None)


def test_a_store_has_one_count_at_a_time(stock, counted):
    count, _line = counted("8", "10:00")
    with pytest.raises(StoreIsCounted) as refused:
        start_count(stock.store_id, [])
    assert refused.value.count is count
    abandon_count(count)
    assert start_count(stock.store_id, []).status is StocktakeStatus.COUNTING


def test_a_posted_count_is_undone_as_one_group(stock, counted):
    stock.move(10, "08:00")
    count, _line = counted("8", "10:00")
    undo(post_count(count))
    assert stock.balance() == 10


def test_an_item_that_was_found_is_added_once(stock, counted):
    count, line = counted("8", "10:00")
    assert add_line(count, stock.item_id) is line
    other = stock.add_item("Sugar of this test")
    found = add_line(count, other)
    count_line(count, found, Decimal(1))
    assert {each.difference for each in differences(count)} == {8, 1}


def test_a_line_of_another_count_is_not_there(stock, counted, world):
    count, _line = counted("8", "10:00")
    other = db.session.get(StocktakeItem, world.pelmenya.id_of("stocktake_item", 2))
    with pytest.raises(NotFound):
        count_line(count, other, Decimal(1))


def test_only_movements_up_to_the_moment_are_expected(stock, counted):
    stock.move(10, "10:00")
    count, line = counted("8", "10:00")
    line.counted_at = at("10:00") - timedelta(seconds=1)
    post_count(count)
    assert (line.expected_quantity, line.difference) == (0, 8)


def test_what_happened_at_the_very_moment_was_counted(stock, counted):
    stock.move(10, "10:00")
    count, line = counted("8", "10:00")
    post_count(count)
    assert (line.expected_quantity, line.difference) == (10, -2)


def test_posting_and_giving_up_are_told_in_the_log_with_the_name_of_the_store(stock, counted):
    name = db.session.get_one(Store, stock.store_id).name
    for end, action in ((post_count, Action.COUNT_POSTED), (abandon_count, Action.COUNT_ABANDONED)):
        count, _line = counted("8", "10:00")
        end(count)
        lines = db.session.scalars(select(AuditEvent).where(AuditEvent.action == action))
        assert [line.entity_label for line in lines if line.entity_id == count.id] == [name]


def test_more_items_than_a_page_can_hold_are_not_begun(stock, monkeypatch):
    abandon_count(counting_of(stock.store_id))
    monkeypatch.setattr(counting, "MAX_LINES", 1)
    with pytest.raises(MoveRefused, match="Choose a category"):
        start_count(stock.store_id, [stock.item_id, stock.add_item("Sugar of this test")])
    assert counting_of(stock.store_id) is None


def test_a_count_begins_with_what_the_store_keeps_and_with_what_is_left_of_archived_items(stock):
    kept, left, gone, never = (stock.add_item(f"{name} of this test") for name in ("Kept", "Left", "Gone", "Never"))
    for item in (kept, left, gone):
        stock.move(1, "08:00", item_id=item)
    stock.move(-1, "09:00", MovementKind.WRITE_OFF, item_id=kept)
    stock.move(-1, "09:00", MovementKind.WRITE_OFF, item_id=gone)
    for item in (left, gone):
        db.session.get_one(InventoryItem, item).is_active = False
    db.session.flush()
    assert {kept, left, gone, never} & set(kept_items(stock.store_id)) == {kept, left}


def test_only_a_posted_count_of_the_item_there_counts_as_counted_since(stock, counted):
    def since(clock, store_id=stock.store_id, item_id=stock.item_id):
        return counted_since([store_id], [item_id], at(clock))

    count, _line = counted("8", "10:00")
    assert since("09:00") is None
    post_count(count)
    assert since("09:00") == since("10:00") == at("10:00")
    assert since("10:01") is None
    assert since("09:00", store_id=stock.other_store_id) is None
    assert since("09:00", item_id=stock.add_item("Sugar of this test")) is None


def test_a_refusal_is_told_in_words(stock, counted):
    count, _line = counted("8", "10:00")
    post_count(count)
    with pytest.raises(MoveRefused, match="over"):
        post_count(count)
