"""How many conversations were last active when is counted as they move, and never by reading them again."""

from datetime import UTC, datetime

import pytest

from portal.conversations.activity import DialogActivity
from portal.db.base import db
from portal.tenancy.scope import enter_account

MOVE = "UPDATE getinn_ops.bot_dialog_state SET last_interaction_at = %s WHERE id = %s"
DAY = [datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)]


@pytest.fixture
def counted(app, world):
    """``counted()`` are the conversations of two days in March."""

    def read():
        with app.test_request_context():
            enter_account(world.pelmenya.account_id)
            return DialogActivity.count_by_span(DAY)

    return read


@pytest.fixture
def changes(world, superuser_sql):
    """``changes()`` is the number of rows that were noted for the chain."""

    def count():
        query = "SELECT count(*) AS n FROM getinn_ops.dialog_activity WHERE account_id = %s"
        return superuser_sql(query, [world.pelmenya.account_id])[0].n

    return count


def test_a_conversation_that_goes_on_is_counted_where_it_is_now(world, superuser_sql, counted):
    superuser_sql(MOVE, ["2026-03-01 10:00", world.pelmenya.dialog_id])
    assert counted() == [1, 0]
    superuser_sql(MOVE, ["2026-03-02 00:00", world.pelmenya.dialog_id])
    assert counted() == [0, 1]


def test_what_goes_on_within_a_quarter_of_an_hour_writes_nothing(world, superuser_sql, changes):
    superuser_sql(MOVE, ["2026-03-01 10:01", world.pelmenya.dialog_id])
    before = changes()
    superuser_sql(MOVE, ["2026-03-01 10:14", world.pelmenya.dialog_id])
    assert changes() == before
    superuser_sql(MOVE, ["2026-03-01 10:15", world.pelmenya.dialog_id])
    assert changes() == before + 2


def test_older_copies_and_removed_conversations_are_not_counted(world, superuser_sql, counted):
    superuser_sql(MOVE, ["2026-03-01 10:00", world.pelmenya.dialog_id])
    superuser_sql("UPDATE getinn_ops.bot_dialog_state SET superseded_at = now()")
    assert counted() == [0, 0]
    superuser_sql("UPDATE getinn_ops.bot_dialog_state SET superseded_at = NULL")
    assert counted() == [1, 0]
    superuser_sql(
        "INSERT INTO getinn_ops.bot_dialog_state"
        " (bot_id, platform, platform_chat_id, current_step, last_interaction_at)"
        " VALUES (%s, 'telegram', 'gone', 'a', '2026-03-02 12:00')",
        [world.pelmenya.bot_id],
    )
    assert counted() == [1, 1]
    superuser_sql("DELETE FROM getinn_ops.bot_dialog_state WHERE platform_chat_id = 'gone'")
    assert counted() == [1, 0]


def test_many_notes_of_a_quarter_become_one_and_old_ones_none(app, world, superuser_sql, counted, changes):
    now = superuser_sql("SELECT timezone('utc', now()) AS at")[0].at
    for hour in range(5):
        superuser_sql(MOVE, [now.replace(hour=hour), world.pelmenya.dialog_id])
    superuser_sql(
        "INSERT INTO getinn_ops.dialog_activity (account_id, quarter, change) VALUES (%s, '2024-01-01', 7)",
        [world.pelmenya.account_id],
    )
    with app.test_request_context():
        enter_account(world.pelmenya.account_id)
        DialogActivity.sum_up()
        db.session.commit()
    rows = superuser_sql(
        "SELECT quarter, change FROM getinn_ops.dialog_activity WHERE account_id = %s", [world.pelmenya.account_id]
    )
    assert [row.change for row in rows] == [1]
    assert rows[0].quarter.hour == 4


def test_the_counts_of_another_chain_are_left_alone(app, world, superuser_sql):
    query = "SELECT quarter, change FROM getinn_ops.dialog_activity WHERE account_id = %s"
    superuser_sql(MOVE, ["2026-03-01 10:00", world.vareniki.dialog_id])
    before = superuser_sql(query, [world.vareniki.account_id])
    with app.test_request_context():
        enter_account(world.pelmenya.account_id)
        DialogActivity.sum_up()
        db.session.commit()
    assert superuser_sql(query, [world.vareniki.account_id]) == before
