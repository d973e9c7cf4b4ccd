"""That money is at stake is told once a spell, of each restaurant to those who decide there."""

from decimal import Decimal

import pytest

from portal.db.base import db
from portal.invoices.telling import tell_account, tell_in_turns


@pytest.fixture
def told(scoped, world):
    """Run the round of one chain; of how many restaurants people were told."""

    def run():
        with scoped(world.pelmenya.account_id):
            count = tell_account()
            db.session.commit()
            return count

    return run


@pytest.fixture
def notices(superuser_sql, world):
    return lambda: superuser_sql(
        "SELECT * FROM getinn_ops.notice WHERE kind = 'exceptions_wait' AND account_id = %s"
        " ORDER BY opened_at, entity_id",
        [world.pelmenya.account_id],
    )


def test_each_restaurant_is_told_of_once_as_long_as_anything_waits(told, notices, world, buying):
    assert told() == 2
    invoice = world.pelmenya.id_of("invoice", 1)
    buying.add("invoice_exception", invoice_id=invoice, kind="vat", money_at_stake=Decimal(5))
    assert told() == 0
    found = {notice.entity_id: notice for notice in notices()}
    assert set(found) == {world.pelmenya.restaurant_id, world.pelmenya.assigned_restaurant_id}
    assert found[world.pelmenya.restaurant_id].parameters == {"count": 1, "stakes": {"RUB": "109.20"}}
    assert {notice.repetitions for notice in notices()} == {1}


def test_a_new_spell_begins_once_everything_was_decided(told, notices, superuser_sql, buying, world):
    told()
    superuser_sql("UPDATE getinn_ops.invoice_exception SET state = 'accepted'")
    assert told() == 0
    assert all(notice.resolved_at is not None for notice in notices())
    buying.add(
        "invoice_exception", invoice_id=world.pelmenya.id_of("invoice", 1), kind="vat", money_at_stake=Decimal(5)
    )
    assert told() == 1
    assert [notice.parameters["count"] for notice in notices() if notice.resolved_at is None] == [1]


def test_what_costs_nothing_wakes_nobody(told, superuser_sql):
    superuser_sql("UPDATE getinn_ops.invoice_exception SET money_at_stake = 0")
    assert told() == 0


def test_an_archived_restaurant_wakes_nobody(told, superuser_sql, world):
    chain = world.pelmenya
    superuser_sql("UPDATE getinn_ops.restaurant SET is_active = false WHERE account_id = %s", [chain.account_id])
    assert told() == 0


def test_those_who_decide_read_it_where_they_work(told, browse, world):
    told()
    chain = world.pelmenya
    page = browse(chain.assigned_manager).get("/accounts/pelmenya/notices").text.replace("\u00a0", " ")
    assert f"{chain.marker} on River street: 1 exception waits for a decision" in page
    assert f"{chain.marker} on Main street: 1 exception" not in page
    assert "exception waits for a decision" not in browse(chain.viewer).get("/accounts/pelmenya/notices").text


def test_the_round_goes_through_every_chain_by_itself(app, world, superuser_sql):
    with app.app_context():
        counts = dict(tell_in_turns([world.pelmenya.account_id, world.vareniki.account_id]))
    assert counts == {world.pelmenya.account_id: 2, world.vareniki.account_id: 2}
    rows = superuser_sql("SELECT account_id, entity_id FROM getinn_ops.notice WHERE kind = 'exceptions_wait'")
    chains = (world.pelmenya, world.vareniki)
    own = {chain.account_id: {chain.restaurant_id, chain.assigned_restaurant_id} for chain in chains}
    assert all(row.entity_id in own[row.account_id] for row in rows)
