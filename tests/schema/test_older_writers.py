"""A writer that knows only the seed's columns goes on beside the portal."""

from datetime import datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.types.json import Jsonb

from portal.db.base import SCHEMA
from tests.database import insertion

OLDER_WRITER = "older_writer"
LONG_AGO = datetime.fromisoformat("2020-01-02 03:04:05")
ACCOUNT, USER, RESTAURANT, BOT = (uuid4() for _ in range(4))

# Plain inserts as the seed's DDL allows: the columns without a default, and some that have one.
ROWS = {
    "account": {"id": ACCOUNT, "name": "Сеть старого писателя"},
    "user": {"id": USER, "email": "old@writer.example", "hashed_password": "$2b$12$x", "account_id": ACCOUNT},
    "restaurant": {"id": RESTAURANT, "account_id": ACCOUNT, "name": "Old place", "iiko_id": "42"},
    "bot_instance": {"id": BOT, "account_id": ACCOUNT, "name": "Old bot"},
    "bot_platform_credential": {"bot_id": BOT, "platform": "telegram", "credentials": {"token": "clear"}},
    "bot_scenario": {"bot_id": BOT, "name": "Old", "scenario_data": {"steps": {}}, "version": "1"},
    "bot_dialog_state": {
        "bot_id": BOT,
        "platform": "telegram",
        "platform_chat_id": "77",
        "current_step": "a",
        "last_interaction_at": LONG_AGO,
    },
    "account_integration_credentials": {"account_id": ACCOUNT, "integration_type": "iiko", "credentials": {}},
}
CHANGES = {
    "account": ("description", "new"),
    "user": ("full_name", "new"),
    "restaurant": ("iiko_sync_status", "a word of its own"),
    "bot_instance": ("description", "new"),
    "bot_platform_credential": ("webhook_url", "https://new.example"),
    "bot_scenario": ("description", "new"),
    "bot_dialog_state": ("current_step", "b"),
    "account_integration_credentials": ("connection_status", "a word of its own"),
}


@pytest.fixture
def writer(world, server, superuser_sql):
    if not superuser_sql("SELECT 1 FROM pg_roles WHERE rolname = %s", [OLDER_WRITER]):
        server.create_role(OLDER_WRITER, bypass_row_security=True)
        superuser_sql(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {OLDER_WRITER}")
        for table in ROWS:
            superuser_sql(f'GRANT SELECT, INSERT, UPDATE, DELETE ON {SCHEMA}."{table}" TO {OLDER_WRITER}')
    url = server.url(role=OLDER_WRITER).replace("+psycopg", "")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def written(writer):
    for table, values in ROWS.items():
        cells = [Jsonb(value) if isinstance(value, dict) else value for value in values.values()]
        writer.execute(insertion(table, values), cells)
    return writer


def test_it_inserts_into_every_table_of_the_seed_by_the_seeds_columns(written):
    for table in ROWS:
        key = "id" if table == "account" else "account_id"
        found = written.execute(f'SELECT count(*) FROM {SCHEMA}."{table}" WHERE {key} = %s', [ACCOUNT]).fetchone()
        assert found == (1,), table


def test_what_it_leaves_out_is_filled_in(written, superuser_sql):
    [account] = superuser_sql(f"SELECT slug, is_operator FROM {SCHEMA}.account WHERE id = %s", [ACCOUNT])
    assert account.slug == f"chain-{str(ACCOUNT)[:8]}"
    assert account.is_operator is False
    [user] = superuser_sql(f'SELECT role FROM {SCHEMA}."user" WHERE id = %s', [USER])
    assert user.role == "owner"
    [scenario] = superuser_sql(f"SELECT number, is_live FROM {SCHEMA}.bot_scenario WHERE bot_id = %s", [BOT])
    assert (scenario.number, scenario.is_live) == (1, False)


def test_a_second_person_of_an_account_is_no_owner(written, superuser_sql):
    values = ROWS["user"] | {"id": uuid4(), "email": "second@writer.example"}
    written.execute(insertion("user", values), list(values.values()))
    [user] = superuser_sql(f'SELECT role FROM {SCHEMA}."user" WHERE email = %s', [values["email"]])
    assert user.role == "viewer"


@pytest.mark.parametrize("table", ROWS)
def test_updated_at_moves_when_it_updates(written, superuser_sql, table):
    column, value = CHANGES[table]
    key = "id" if table == "account" else "account_id"
    written.execute(f'UPDATE {SCHEMA}."{table}" SET {column} = %s, updated_at = %s', [value, LONG_AGO])
    rows = superuser_sql(
        f"SELECT updated_at > timezone('utc', now()) - interval '1 minute' AS moved, \"{column}\" AS told"
        f' FROM {SCHEMA}."{table}" WHERE {key} = %s',
        [ACCOUNT],
    )
    assert [tuple(row) for row in rows] == [(True, value)]


def test_it_moves_a_bot_row_to_another_bot_and_the_account_follows(written, world, superuser_sql):
    written.execute(
        f"UPDATE {SCHEMA}.bot_dialog_state SET bot_id = %s WHERE bot_id = %s", [world.vareniki.archived_bot_id, BOT]
    )
    [row] = superuser_sql(f"SELECT account_id FROM {SCHEMA}.bot_dialog_state WHERE platform_chat_id = '77'")
    assert row.account_id == world.vareniki.account_id


def test_it_deletes_what_it_wrote(written):
    for table in reversed(ROWS):
        key = "id" if table == "account" else "account_id"
        assert written.execute(f'DELETE FROM {SCHEMA}."{table}" WHERE {key} = %s', [ACCOUNT]).rowcount == 1, table


def test_the_portal_shows_what_it_wrote(written, world, browse, superuser_sql):
    values = {"account_id": world.pelmenya.account_id, "name": "Quite another writer's place"}
    written.execute(insertion("restaurant", values), list(values.values()))
    browser = browse(world.pelmenya.owner)
    assert "Quite another writer" in browser.get(browser.account("restaurants")).text
    assert "Quite another writer" in browser.get(browser.account("restaurants?q=quite+another")).text


def test_the_defaults_are_those_of_the_seed(written):
    found = written.execute(f"SELECT id, collected_data FROM {SCHEMA}.bot_dialog_state WHERE bot_id = %s", [BOT])
    [(row_id, collected)] = found.fetchall()
    assert isinstance(row_id, UUID)
    assert collected == {}
