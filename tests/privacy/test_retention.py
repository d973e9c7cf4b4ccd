"""What an account keeps how long: its own choice, in turns with others, the log never less than a year."""

from datetime import datetime

import psycopg
import pytest

from portal.db.base import SCHEMA
from portal.privacy.expiry import expire_batch, expire_in_turns
from portal.privacy.models import months_ago

ROUTE = "settings/retention"
MESSAGES = f"SELECT count(*) AS n FROM {SCHEMA}.bot_message WHERE account_id = %s"


@pytest.fixture
def aged(superuser_sql):
    """Make everything of a chain three years old."""

    def age(chain, table, *columns):
        told = ", ".join(f"{column} = {column} - interval '3 years'" for column in columns)
        superuser_sql(f"SET session_replication_role = replica; UPDATE {SCHEMA}.{table} SET {told}"
                      f" WHERE account_id = '{chain.account_id}'; SET session_replication_role = origin")  # fmt: skip

    return age


@pytest.fixture
def decide(superuser_sql):
    def change(chain, **months):
        told = ", ".join(f"{column} = {value}" for column, value in months.items())
        superuser_sql(f"UPDATE {SCHEMA}.retention_policy SET {told} WHERE account_id = %s", [chain.account_id])

    return change


def count(superuser_sql, chain):
    return superuser_sql(MESSAGES, [chain.account_id])[0].n


def test_nothing_goes_where_nothing_was_decided(app, world, aged, superuser_sql):
    aged(world.pelmenya, "bot_message", "created_at")
    before = count(superuser_sql, world.pelmenya)
    with app.app_context():
        expire_in_turns([world.pelmenya.account_id])
    assert count(superuser_sql, world.pelmenya) == before > 0


def test_conversations_go_after_their_time_with_their_answers_and_the_neighbours_stay(
    app, world, aged, decide, superuser_sql
):
    for chain in (world.pelmenya, world.vareniki):
        aged(chain, "bot_message", "created_at")
        aged(chain, "bot_dialog_state", "last_interaction_at")
    superuser_sql(f"UPDATE {SCHEMA}.bot_message SET state = 'sent' WHERE state IN ('queued', 'sending', 'uncertain')")
    decide(world.pelmenya, conversation_months=24)
    neighbours = count(superuser_sql, world.vareniki)
    with app.app_context():
        removed = expire_in_turns([world.vareniki.account_id, world.pelmenya.account_id])
    assert removed["messages"] > 0
    assert removed["conversations"] > 0
    assert count(superuser_sql, world.pelmenya) == 0
    assert count(superuser_sql, world.vareniki) == neighbours
    lines = superuser_sql(f"SELECT after FROM {SCHEMA}.audit_event WHERE action = 'expired'")
    assert [line.after["messages"] for line in lines] == [removed["messages"]]


def test_younger_messages_and_those_on_their_way_stay(app, world, aged, decide, superuser_sql):
    aged(world.pelmenya, "bot_message", "created_at")
    superuser_sql(
        f"UPDATE {SCHEMA}.bot_message SET state = 'queued' WHERE account_id = %s", [world.pelmenya.account_id]
    )
    decide(world.pelmenya, conversation_months=24)
    decide(world.vareniki, conversation_months=24)
    before = [count(superuser_sql, chain) for chain in (world.pelmenya, world.vareniki)]
    with app.app_context():
        expire_in_turns([world.pelmenya.account_id, world.vareniki.account_id])
    assert [count(superuser_sql, chain) for chain in (world.pelmenya, world.vareniki)] == before


def test_a_received_file_goes_and_its_message_says_so(app, world, aged, decide, superuser_sql):
    aged(world.pelmenya, "bot_message", "created_at")
    superuser_sql(
        f"UPDATE {SCHEMA}.bot_message SET direction = 'in', kind = 'image', file_id = %s, file_state = 'stored'"
        " WHERE account_id = %s",
        [world.pelmenya.id_of("bot_file"), world.pelmenya.account_id],
    )
    decide(world.pelmenya, file_months=12)
    with app.app_context():
        removed = expire_in_turns([world.pelmenya.account_id])
    rows = superuser_sql(
        f"SELECT file_id, file_state FROM {SCHEMA}.bot_message WHERE account_id = %s", [world.pelmenya.account_id]
    )
    assert {tuple(row) for row in rows} == {(None, "removed")}
    assert removed["files"] == len(rows)


def test_accounts_have_their_turns_batch_by_batch(app, world, aged, decide, monkeypatch):
    for chain in (world.pelmenya, world.vareniki):
        aged(chain, "bot_message", "created_at")
        decide(chain, conversation_months=24)
    turns = []
    monkeypatch.setattr("portal.privacy.expiry.BATCH", 1)
    monkeypatch.setattr("portal.privacy.expiry.expire_batch", lambda: turns.append(current()) or expire_batch())
    with app.app_context():
        expire_in_turns([world.pelmenya.account_id, world.vareniki.account_id])
    pelmenya, vareniki = world.pelmenya.account_id, world.vareniki.account_id
    assert turns[:4] == [pelmenya, vareniki, pelmenya, vareniki]


def current():
    from portal.tenancy.scope import require_scope

    return require_scope().account_id


def test_the_log_loses_what_is_older_than_decided_and_nothing_of_the_last_year(
    app, world, aged, decide, superuser_sql, connect
):
    aged(world.pelmenya, "audit_event", "at")
    decide(world.pelmenya, log_months=24)
    query = f"SELECT count(*) AS n FROM {SCHEMA}.audit_event WHERE account_id = %s AND action <> 'expired'"
    lines = superuser_sql(query, [world.pelmenya.account_id])[0].n
    neighbours = superuser_sql(query, [world.vareniki.account_id])[0].n
    with app.app_context():
        removed = expire_in_turns([world.pelmenya.account_id])
    assert removed["lines"] == lines > 0
    assert superuser_sql(query, [world.pelmenya.account_id])[0].n == 0
    assert superuser_sql(query, [world.vareniki.account_id])[0].n == neighbours
    # The function itself holds the floor, whatever it is asked for.
    with connect() as connection, connection.transaction():
        connection.execute("SELECT set_config('getinn.account_id', %s, true)", [str(world.vareniki.account_id)])
        assert connection.execute(f"SELECT {SCHEMA}.forget_log('2100-01-01', 100)").fetchone() == (0,)


@pytest.mark.parametrize(
    ("door", "change"),
    [
        ("retention", f"DELETE FROM {SCHEMA}.audit_event"),
        ("erasure", f"UPDATE {SCHEMA}.audit_event SET actor_email = 'somebody@else.example'"),
        ("erasure", f"UPDATE {SCHEMA}.audit_event SET entity_label = 'another'"),
    ],
)
def test_even_with_a_door_open_no_young_line_goes_and_no_line_is_rewritten(world, connect, door, change):
    for role in ("getinn", "postgres"):
        with connect(role=role) as connection, connection.transaction(force_rollback=True):
            connection.execute("SELECT set_config('getinn.account_id', %s, true)", [str(world.pelmenya.account_id)])
            connection.execute("SELECT set_config('getinn.door', %s, true)", [door])
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(change)


def test_an_owner_decides_and_says_that_a_shorter_time_is_meant(world, browse, superuser_sql):
    owner = browse(world.pelmenya.owner)
    page = owner.account(ROUTE)
    choice = {"conversation_months": "24", "file_months": "ever", "log_months": "60"}
    assert owner.post(page, choice).status_code == 422
    assert owner.post(page, choice | {"is_sure": "y"}).status_code == 303
    kept = superuser_sql(
        f"SELECT conversation_months, file_months, log_months FROM {SCHEMA}.retention_policy WHERE account_id = %s",
        [world.pelmenya.account_id],
    )
    assert [tuple(row) for row in kept] == [(24, None, 60)]
    assert owner.post(page, choice | {"conversation_months": "36"}).status_code == 303


@pytest.mark.parametrize("choice", [{"log_months": "3"}, {"conversation_months": "0"}, {"file_months": "x"}])
def test_what_is_not_offered_is_refused(world, browse, choice):
    owner = browse(world.pelmenya.owner)
    given = {"conversation_months": "ever", "file_months": "ever", "log_months": "ever", "is_sure": "y"} | choice
    assert owner.post(owner.account(ROUTE), given).status_code == 422


def test_the_page_tells_what_each_choice_would_remove(world, browse, aged, superuser_sql):
    aged(world.pelmenya, "bot_message", "created_at")
    owner = browse(world.pelmenya.owner)
    shown = owner.get(owner.account(ROUTE)).text
    assert f'data-label="Messages">{count(superuser_sql, world.pelmenya)}</td>' in shown


@pytest.mark.parametrize(
    ("moment", "months", "expected"),
    [
        ("2026-03-31", 1, "2026-02-28"),
        ("2026-01-15", 1, "2025-12-15"),
        ("2024-02-29", 12, "2023-02-28"),
        ("2026-12-31", 24, "2024-12-31"),
    ],
)
def test_months_are_those_of_the_calendar(moment, months, expected):
    assert months_ago(months, datetime.fromisoformat(moment)) == datetime.fromisoformat(expected)
