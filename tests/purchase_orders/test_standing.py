"""How far an order comes: numbers of its own, what the supplier was told, what came, ended and opened again."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from werkzeug.exceptions import NotFound

from portal.audit.models import AuditEvent
from portal.catalogue.settings import SupplySettings
from portal.db.base import db
from portal.db.states import MoveRefused
from portal.db.types import utc_now
from portal.purchase_orders.queries import expected_on, last_order, note_received
from portal.purchase_orders.words import OrderStatus

DAY = date(2026, 5, 4)


def test_four_ordered_two_and_then_two_received_is_received_on_the_day_of_the_last(orders):
    order = orders.sent()
    orders.come(order, 2)
    assert note_received(order.id, DAY).status is OrderStatus.PARTIALLY_RECEIVED
    assert order.delivery_date is None
    orders.come(order, 4)
    note_received(order.id, DAY)
    assert (order.status, order.delivery_date) == (OrderStatus.RECEIVED, DAY)


def test_four_ordered_two_received_and_closed_stays_closed_whatever_comes_until_somebody_opens_it(orders):
    order = orders.sent()
    orders.come(order, 2)
    note_received(order.id, DAY)
    assert order.close("The season is over")
    orders.come(order, 4)
    assert note_received(order.id, DAY).status is OrderStatus.CLOSED
    assert order.closed_reason == "The season is over"
    assert order.reopen()
    assert (order.status, order.closed_reason) == (OrderStatus.RECEIVED, None)


def test_a_reversed_delivery_takes_the_order_back_to_where_it_was(orders):
    order, untold = orders.sent(), orders.open()
    for each, status in ((order, OrderStatus.SENT), (untold, OrderStatus.DRAFT)):
        orders.come(each, 4)
        assert note_received(each.id, DAY).status is OrderStatus.RECEIVED
        orders.come(each, 0)
        assert note_received(each.id, DAY).status is status
        assert each.delivery_date is None


@pytest.mark.parametrize(
    ("unit", "came", "status"),
    [
        ("pack", "9.8", OrderStatus.PARTIALLY_RECEIVED),
        ("kg", "9.8", OrderStatus.RECEIVED),
        ("kg", "9.79", OrderStatus.PARTIALLY_RECEIVED),
    ],
)
def test_weighed_goods_have_come_when_all_but_two_per_cent_have_and_counted_ones_to_the_last(
    orders, unit, came, status
):
    unit_id = {"pack": orders.chain.id_of("unit", 3), "kg": orders.chain.id_of("unit")}[unit]
    order = orders.sent(orders.line(10, unit_id=unit_id))
    orders.come(order, came)
    assert note_received(order.id, DAY).status is status


def test_numbers_follow_each_other_whoever_orders(orders):
    before = db.session.scalar(select(func.max(SupplySettings.last_order_number)))
    numbers = [orders.open().po_number, orders.open(store_id=orders.chain.assigned_store_id).po_number]
    assert numbers == [f"PO-{(before or 0) + place:04d}" for place in (1, 2)]


def test_what_was_sent_stays_in_the_log_and_a_change_asks_to_be_sent_anew(orders):
    order = orders.open(orders.line(4, 91))
    order.send("Four packs", "sales@example.com")
    assert (order.status, order.sent_to, order.needs_sending) == (OrderStatus.SENT, "sales@example.com", False)
    filled = [(line.id, orders.line(4, 91)[1]) for line in order.lines]
    order.change(filled, notes=None)
    assert not order.needs_sending
    order.change([(order.lines[0].id, orders.line(5, 91)[1])])
    assert order.needs_sending
    order.send("Five packs")
    told = select(AuditEvent.after).where(AuditEvent.entity_id == order.id, AuditEvent.action == "order_sent")
    sent = db.session.scalars(told.order_by(AuditEvent.at)).all()
    assert [each["sent_text"] for each in sent] == ["Four packs", "Five packs"]
    assert not order.needs_sending


def test_lines_know_their_base_quantity_where_a_conversion_leads_there(orders):
    other = orders.add_item("Counted by nobody")
    order = orders.open(orders.line(12, 91), orders.line(1, item_id=other, unit_id=orders.add_unit("crate")))
    assert [line.base_quantity for line in order.lines] == [Decimal("10.92"), None]


def test_what_has_come_in_part_is_changed_no_more_and_only_closed(orders):
    order = orders.sent()
    orders.come(order, 1)
    note_received(order.id, DAY)
    with pytest.raises(MoveRefused, match="stays as it is"):
        order.change([orders.line(1)])
    with pytest.raises(MoveRefused, match="no way leads"):
        order.cancel("late")
    order.expect(DAY)
    assert order.expected_delivery_date == DAY


def test_a_cancelled_order_comes_back_as_it_was(orders):
    draft, sent = orders.open(), orders.sent()
    for order, status in ((draft, OrderStatus.DRAFT), (sent, OrderStatus.SENT)):
        assert order.cancel("twice")
        assert not order.cancel("twice")
        with pytest.raises(MoveRefused, match="not sent any more"):
            order.send("again")
        assert order.reopen()
        assert (order.status, order.closed_reason) == (status, None)
        assert not order.reopen()


def test_nothing_is_ordered_of_another_chain_nor_for_one(orders, world):
    other = world.vareniki
    for told in ({"store_id": other.store_id}, {"supplier_id": other.id_of("supplier")}):
        with pytest.raises(NotFound):
            orders.open(**told)
    with pytest.raises(NotFound):
        orders.open(orders.line(1, item_id=other.id_of("inventory_item")))


def test_expected_is_what_was_sent_and_has_not_come_by_that_day_the_undated_last(orders):
    day = utc_now().date() + timedelta(days=40)
    late, today = orders.sent(expected_delivery_date=day - timedelta(days=1)), orders.sent(expected_delivery_date=day)
    undated = orders.sent()
    out = [orders.sent(expected_delivery_date=day + timedelta(days=1)), orders.open(expected_delivery_date=day)]
    out.append(orders.sent(expected_delivery_date=day))
    out[-1].close("no more")
    rows = {row.id: row for row in expected_on(day, store_id=orders.store_id)}
    assert [each for each in rows if each in (late.id, today.id, undated.id)] == [late.id, today.id, undated.id]
    assert not rows.keys() & {each.id for each in out}
    assert [rows[each.id].is_late for each in (late, today, undated)] == [True, False, False]
    assert rows[today.id].lines == 1


def test_last_time_is_the_latest_order_for_that_store_that_was_not_cancelled(orders):
    first = orders.open(store_id=orders.chain.assigned_store_id)
    here = orders.open()
    orders.open().cancel("no")
    assert last_order(orders.supplier_id, orders.store_id).id == here.id
    assert last_order(orders.supplier_id, orders.chain.assigned_store_id).id == first.id
