"""Receiving and reversing: what came stands in the store, counts for its order, and is compared with its invoice."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from portal.audit.models import AuditEvent
from portal.catalogue.models import InventoryItem, ItemUnit, MeasureUnit
from portal.db.base import db
from portal.db.states import MoveRefused
from portal.db.types import utc_now
from portal.deliveries.comparing import match
from portal.deliveries.models import Delivery
from portal.deliveries.queries import lines_of_deliveries, proposed_invoices
from portal.deliveries.receiving import OrderOver, link, receive, reverse
from portal.deliveries.words import RejectionReason
from portal.inventory.booking import undo
from portal.inventory.models import StockBalance

WARM = RejectionReason.WARM


def test_a_delivery_in_two_parts_fills_its_order(door):
    order = door.order("4")
    door.receive(order, "2")
    assert (order.status, door.line_of(order).received_quantity, order.delivery_date) == ("partially_received", 2, None)
    door.receive(order, "2")
    assert (order.status, door.line_of(order).received_quantity) == ("received", 4)
    assert order.delivery_date is not None
    assert door.held() == 4


def test_three_times_a_third_of_a_box_is_a_box(door):
    box, piece = (
        MeasureUnit(id=uuid4(), name=name, symbol=name, unit_category_id=door.chain.id_of("unit_category", 2))
        for name in ("bigbox", "onepiece")
    )
    item = InventoryItem(id=uuid4(), name="Eggs of this test", default_unit_id=piece.id)
    pack = {"from_unit_id": box.id, "to_unit_id": piece.id, "from_quantity": Decimal(1), "to_quantity": Decimal(12)}
    for rows in ([box, piece], [item], [ItemUnit(inventory_item_id=item.id, **pack)]):
        db.session.add_all(rows)
        db.session.flush()
    door.item_id, door.kg_id = item.id, box.id
    order = door.order("1")
    for _time in range(3):
        door.receive(order, "4", unit_id=piece.id)
    assert (door.line_of(order).received_quantity, order.status, door.held()) == (1, "received", 12)


def test_an_order_was_delivered_on_the_day_of_the_last_that_stays(door):
    order, now = door.order("4"), utc_now()
    door.receive(order, "4", received_at=now - timedelta(days=3))
    first_day = order.delivery_date
    late = door.receive(order, "1", received_at=now)
    door.receive(order, "1", received_at=now - timedelta(days=4))
    assert order.delivery_date > first_day
    reverse(late, "Another's")
    assert order.delivery_date == first_day


def test_what_was_sent_back_counts_for_nothing(door):
    order = door.order("4")
    door.receive(order, "4", rejected=Decimal(1), rejection_reason=WARM)
    assert (door.line_of(order).received_quantity, door.held(), order.status) == (3, 3, "partially_received")


def test_what_is_sent_back_as_a_whole_moves_no_stock(door):
    order = door.order("4")
    delivery = door.receive(order, "4", rejected=Decimal(4), rejection_reason=WARM)
    [line] = lines_of_deliveries([delivery.id])[delivery.id]
    assert (line.base_quantity, door.held(), order.status) == (0, 0, "sent")


def test_a_closed_order_is_opened_by_nobody_but_a_person(door):
    order = door.order("4")
    door.receive(order, "2")
    order.close("The rest is not needed")
    with pytest.raises(OrderOver, match="Open it again, or receive without it"):
        door.receive(order, "2")
    assert (order.status, door.held()) == ("closed", 2)
    receive(order, door.receipt("2"), reopening=True)
    assert (order.status, door.held()) == ("received", 4)


def test_without_an_order_it_is_as_easy(door):
    delivery = door.receive(None, "2.5", lot_number="L1", expiry_date=date(2027, 1, 2))
    assert (delivery.purchase_order_id, door.held()) == (None, Decimal("2.5"))
    query = select(StockBalance.lot_number, StockBalance.expiry_date).where(
        StockBalance.inventory_item_id == door.item_id
    )
    assert db.session.execute(query).all() == [("L1", date(2027, 1, 2))]


def test_the_same_receipt_sent_twice_is_one_delivery(door):
    order, receipt = door.order("10"), door.receipt("10")
    first = receive(order, receipt)
    assert receive(order, receipt).id == first.id
    assert receive(None, replace(receipt, note="once more")).id == first.id
    query = select(func.count()).select_from(Delivery).where(Delivery.request_key == receipt.request_key)
    assert (db.session.scalar(query), door.held(), door.line_of(order).received_quantity) == (1, 10, 10)


def test_reversing_takes_it_back_from_order_and_store_and_both_stay_in_the_log(door):
    order = door.order("10")
    delivery = door.receive(order, "10")
    reverse(delivery, "Another restaurant's")
    assert (delivery.status, order.status) == ("reversed", "sent")
    assert (door.held(), door.line_of(order).received_quantity, order.delivery_date) == (0, 0, None)
    log = select(AuditEvent.action).where(AuditEvent.entity_id == delivery.id).order_by(AuditEvent.at)
    assert db.session.scalars(log).all() == ["created", "delivery_reversed"]
    with pytest.raises(MoveRefused, match="reversed already"):
        reverse(delivery, "Once more")


def test_a_receipt_of_a_delivery_is_undone_by_nothing_but_its_reversing(door):
    delivery = door.receive(None, "10")
    with pytest.raises(MoveRefused, match="reverse that"):
        undo(delivery.id)
    assert door.held() == 10
    reverse(delivery, "Twice")
    assert door.held() == 0


def test_nothing_is_received_in_the_future_of_nothing_or_from_others(door):
    with pytest.raises(MoveRefused, match="future"):
        door.receive(None, received_at=utc_now() + timedelta(hours=1))
    with pytest.raises(MoveRefused, match="one row"):
        door.receive(None, lines=())
    with pytest.raises(MoveRefused, match="another supplier or store"):
        door.receive(door.order(), store_id=door.chain.assigned_store_id)


@pytest.mark.parametrize("name", ["supplier_id", "store_id"])
def test_what_is_another_chains_is_not_there(door, world, name):
    foreign = {"supplier_id": world.vareniki.id_of("supplier"), "store_id": world.vareniki.store_id}[name]
    with pytest.raises(NotFound):
        door.receive(None, **{name: foreign})


def test_an_item_that_is_not_there_is_not_received(door):
    line = replace(door.receipt().lines[0], item_id=uuid4())
    with pytest.raises(NotFound):
        door.receive(None, lines=(line,))


def test_a_unit_without_a_way_to_the_items_own_is_noted_and_moves_no_stock(door):
    unit = MeasureUnit(id=uuid4(), name="Tub", symbol="tub", unit_category_id=door.chain.id_of("unit_category", 1))
    db.session.add(unit)
    db.session.flush()
    delivery = door.receive(None, "3", unit_id=unit.id)
    [line] = lines_of_deliveries([delivery.id])[delivery.id]
    assert (line.base_quantity, door.held()) == (None, 0)


def test_order_delivery_and_invoice_that_do_not_agree_are_131_roubles_apart(door):
    order = door.order("10", "91.00")
    door.receive(order, "9", paper_number="УТ-77")
    invoice = door.invoice("10", "95.00", "YT-77")
    assert door.doubts(invoice) == [("over_billed", Decimal("95.00")), ("price_above_order", Decimal("36.00"))]
    assert invoice.purchase_order_id == order.id


def test_what_came_later_settles_what_was_billed_too_much(door):
    order = door.order("10", "95.00")
    door.receive(order, "9", paper_number="78")
    invoice = door.invoice("10", "95.00", "78")
    assert door.doubts(invoice) == [("over_billed", Decimal("95.00"))]
    late = door.receive(order, "1")
    assert door.doubts(invoice) == []
    reverse(late, "Never came")
    assert door.doubts(invoice) == [("over_billed", Decimal("95.00"))]


def test_a_delivery_finds_the_invoice_that_was_there_before_it(door):
    invoice = door.invoice("10", "95.00", "79")
    delivery = door.receive(None, "8", paper_number="79")
    assert delivery.invoice_id == invoice.id
    assert door.doubts(invoice) == [("over_billed", Decimal("190.00"))]


def test_what_a_cancelled_invoice_covered_is_left_to_the_other(door):
    order = door.order("10", "95.00")
    door.receive(order, "10", paper_number="80")
    yesterday = utc_now().date() - timedelta(days=1)
    first = door.invoice("10", "95.00", "80", invoice_date=yesterday)
    second = door.invoice("4", "95.00", "81")
    link(door.receive(order, "0"), second)
    assert door.doubts(second) == [("over_billed", Decimal("380.00"))]
    first.cancel("Twice")
    assert (door.doubts(first), door.doubts(second)) == ([], [])


def test_an_invoice_is_proposed_by_number_and_day_and_taken_away_again(door):
    near, far = door.invoice("10", number="90"), door.invoice("11", number="91")
    delivery = door.receive(None, "9")
    assert {row.id for row in proposed_invoices(delivery)} >= {near.id, far.id}
    link(delivery, far)
    assert door.doubts(far) == [("over_billed", Decimal("190.00"))]
    link(delivery, None)
    assert door.doubts(far) == []


def told_of(row, key):
    """What the log tells of a row under a key, the latest last."""
    query = select(AuditEvent).where(AuditEvent.entity_id == row.id, AuditEvent.after.has_key(key))
    events = db.session.scalars(query.order_by(AuditEvent.at, AuditEvent.id))
    return [((each.before or {}).get(key), each.after[key]) for each in events]


def test_tying_and_parting_is_in_the_log_of_both_whoever_does_it(door):
    order = door.order("10", "95.00")
    delivery = door.receive(order, "9", paper_number="96")
    invoice = door.invoice("10", "95.00", "96")
    assert (delivery.invoice_id, invoice.purchase_order_id) == (invoice.id, order.id)
    link(delivery, None)
    assert told_of(delivery, "invoice_id") == [(None, "96"), ("96", None)]
    assert told_of(invoice, "delivery") == [(None, "96"), ("96", None)]
    other = door.invoice("9", "95.00", "97")
    link(delivery, invoice)
    link(delivery, other)
    assert told_of(invoice, "delivery")[2:] == [(None, "96"), ("96", None)]
    assert told_of(other, "delivery") == [(None, "96")]
    assert told_of(delivery, "invoice_id")[2:] == [(None, "96"), ("96", None), (None, "97")]


def test_what_a_person_parted_is_not_tied_again_by_its_number(door):
    order = door.order("10", "95.00")
    delivery = door.receive(order, "9", paper_number="98")
    wrong = door.invoice("10", "95.00", "98")
    link(delivery, None)
    assert (delivery.invoice_id, wrong.purchase_order_id, door.doubts(wrong)) == (None, None, [])
    match([wrong.id])
    assert delivery.invoice_id is None
    wrong.cancel("Twice")
    right = door.invoice("9", "95.00", "98")
    assert (delivery.invoice_id, right.purchase_order_id) == (right.id, order.id)


def test_only_an_invoice_of_the_same_place_is_a_deliverys_paper(door):
    delivery = door.receive(None, "9")
    other = door.invoice("9", store_id=door.chain.assigned_store_id)
    with pytest.raises(MoveRefused, match="another supplier or store"):
        link(delivery, other)


def test_weighed_goods_may_be_two_per_cent_more(door):
    assert db.session.get(InventoryItem, door.item_id) is not None
    order = door.order("100", "1.00")
    door.receive(order, "102", paper_number="95")
    invoice = door.invoice("102", "1.00", "95")
    assert door.doubts(invoice) == []
    door.receive(order, "0.0001")
    assert door.doubts(invoice) == [("over_delivered", Decimal("0.00"))]
