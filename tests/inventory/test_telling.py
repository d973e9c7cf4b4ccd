"""Low stock, of which people are told once a day."""

import pytest

from portal.db.base import db
from portal.inventory.telling import tell_low, tell_low_in_turns

S = "getinn_ops"


@pytest.fixture
def told(scoped, world):
    """Run the round of one chain; of how many restaurants people were told."""

    def run():
        with scoped(world.pelmenya.account_id):
            count = tell_low()
            db.session.commit()
            return count

    return run


@pytest.fixture
def notices(superuser_sql, world):
    def read():
        rows = superuser_sql(
            f"SELECT * FROM {S}.notice WHERE kind = 'stock_low' AND account_id = %s", [world.pelmenya.account_id]
        )
        return {row.entity_id: row.parameters for row in rows if row.resolved_at is None}

    return read


def test_each_restaurant_is_told_how_much_is_low_and_below_zero(told, notices, superuser_sql, world, browse):
    chain = world.pelmenya
    superuser_sql(f"UPDATE {S}.inventory_stock SET quantity = -1 WHERE id = %s", [chain.id_of("inventory_stock", 1)])
    superuser_sql(f"UPDATE {S}.inventory_stock SET quantity = 9 WHERE id = %s", [chain.id_of("inventory_stock", 2)])
    assert told() == 1
    assert notices() == {chain.restaurant_id: {"low": 1, "below": 1}}
    page = browse(chain.owner).get("/accounts/pelmenya/notices").text
    assert "1 item is below its reorder level, 1 balance is below zero." in page
    assert "is below its reorder level" not in browse(chain.chef).get("/accounts/pelmenya/notices").text


def test_where_enough_is_kept_nobody_is_told(told, notices, superuser_sql):
    superuser_sql(f"UPDATE {S}.inventory_stock SET quantity = 9")
    assert (told(), notices()) == (0, {})


def test_the_round_goes_through_the_accounts(app, superuser_sql, world):
    superuser_sql(f"UPDATE {S}.inventory_stock SET quantity = -1")
    with app.app_context():
        assert dict(tell_low_in_turns([chain.account_id for chain in world.chains]))[world.pelmenya.account_id] == 2
