"""Two phones at one back door at the same moment, each in a transaction of its own."""

import threading
from decimal import Decimal
from uuid import uuid4

from portal.db.base import db
from portal.deliveries.receipt import Receipt, ReceivedLine
from portal.deliveries.receiving import receive
from portal.purchase_orders.models import PurchaseOrder
from portal.tenancy.scope import enter_account

S = "getinn_ops"


def test_a_receipt_that_two_send_at_the_same_moment_is_one_delivery(app, world, superuser_sql):
    chain = world.pelmenya
    order_id, line_id = chain.id_of("purchase_order"), chain.id_of("purchase_order_item")
    line = ReceivedLine(chain.id_of("inventory_item"), Decimal(2), chain.id_of("unit", 3), line_id)
    receipt = Receipt(chain.id_of("supplier"), chain.store_id, uuid4(), (line,))
    barrier, found = threading.Barrier(2), []

    def send():
        with app.app_context():
            enter_account(chain.account_id)
            order = db.session.get(PurchaseOrder, order_id)
            barrier.wait(30)
            found.append(receive(order, receipt).id)
            db.session.commit()
            db.session.remove()

    threads = [threading.Thread(target=send) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(found) == 2
    assert len(set(found)) == 1
    [row] = superuser_sql(f"SELECT received_quantity FROM {S}.purchase_order_item WHERE id = %s", [line_id])
    assert row.received_quantity == 6
