"""Orders by mail, and late ones that people are told of once."""

from dataclasses import replace

import pytest

from config import MailServer
from portal.db.base import db
from portal.purchase_orders.mailing import deliver_order
from portal.purchase_orders.telling import tell_late, tell_late_in_turns

S = "getinn_ops"
ADDRESS = "sales@supplier.example"


@pytest.fixture
def told(scoped, world):
    """Run the round of one chain; of how many restaurants people were told."""

    def run():
        with scoped(world.pelmenya.account_id):
            count = tell_late()
            db.session.commit()
            return count

    return run


@pytest.fixture
def late(superuser_sql, world):
    """Let every order of the chain be so many days late."""
    return lambda days: superuser_sql(
        f"UPDATE {S}.purchase_order SET expected_delivery_date = current_date - %s WHERE account_id = %s",
        [days, world.pelmenya.account_id],
    )


@pytest.fixture
def notices(superuser_sql, world):
    return lambda: superuser_sql(
        f"SELECT * FROM {S}.notice WHERE kind = 'orders_late' AND account_id = %s ORDER BY opened_at",
        [world.pelmenya.account_id],
    )


def test_each_restaurant_is_told_once_that_an_order_is_late_until_it_came(told, late, notices, world, superuser_sql):
    late(2)
    assert told() == 2
    assert told() == 0
    found = {notice.entity_id: notice for notice in notices()}
    assert set(found) == {world.pelmenya.restaurant_id, world.pelmenya.assigned_restaurant_id}
    assert {notice.parameters["count"] for notice in found.values()} == {1}
    superuser_sql(
        f"UPDATE {S}.purchase_order SET status = 'received' WHERE id = %s", [world.pelmenya.id_of("purchase_order", 1)]
    )
    assert told() == 0
    assert [notice.entity_id for notice in notices() if notice.resolved_at] == [world.pelmenya.restaurant_id]


def test_what_is_to_come_or_has_ended_is_not_late(told, late, notices, superuser_sql, world):
    late(-2)
    assert told() == 0
    late(2)
    for status in ("draft", "received", "closed", "cancelled"):
        superuser_sql(f"UPDATE {S}.purchase_order SET status = %s", [status])
        assert told() == 0
    assert notices() == []


def test_the_round_goes_through_the_accounts(app, late, world):
    late(2)
    with app.app_context():
        told = dict(tell_late_in_turns([chain.account_id for chain in world.chains]))
    assert told[world.pelmenya.account_id] == 2


def test_people_read_where_an_order_is_late(told, late, owner):
    late(2)
    told()
    assert "1 order has not come on its day." in owner.get("notices").text


@pytest.fixture
def mails(app, monkeypatch):
    """What was handed to the mail server, as (address, subject, text)."""
    sent = []
    mail = MailServer("127.0.0.1", 25, "none", "GET INN <portal@getinn.example>")
    monkeypatch.setitem(app.config, "PORTAL", replace(app.config["PORTAL"], mail=mail))
    monkeypatch.setattr("portal.mail.delivering.send", lambda *letter: sent.append(letter))
    return sent


@pytest.fixture
def deliver(run_job, world):
    return lambda order_id: run_job(deliver_order, order_id=str(order_id), account_id=str(world.pelmenya.account_id))


def mailed(owner, text="Four packs\r\nof it"):
    """An order that somebody has just sent by mail; its id."""
    order_id = owner.order()
    form = {"way": "mail", "email": ADDRESS, "text": text}
    assert owner.post(f"orders/{order_id}/sending", form).status_code == 303
    return order_id


def test_an_order_is_mailed_once_as_it_was_written(mails, owner, deliver):
    order_id = mailed(owner)
    deliver(order_id)
    deliver(order_id)
    assert mails == [(ADDRESS, f"{owner.chain.name}: {owner.row(order_id).po_number}", "Four packs\nof it")]
    assert f"Mailed to {ADDRESS}" in owner.get(f"orders/{order_id}").text


def test_what_was_cancelled_before_it_was_mailed_is_not(mails, owner, deliver):
    order_id = mailed(owner)
    owner.post(f"orders/{order_id}/cancellation", {"reason": "twice"})
    deliver(order_id)
    assert mails == []


def test_a_mail_needs_an_address(mails, owner):
    order_id = owner.order()
    answer = owner.post(f"orders/{order_id}/sending", {"way": "mail", "email": "", "text": "Four"})
    assert answer.status_code == 422
    assert "Write the address" in answer.text
    assert owner.row(order_id).status == "draft"
