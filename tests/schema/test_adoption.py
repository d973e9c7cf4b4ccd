"""A database that holds the seed's tables with rows is adopted, and keeps every row and value."""

import json
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from flask_migrate import downgrade, upgrade

from portal.db.base import SCHEMA
from tests.database import insertion
from tests.schema.databases import connected, empty_database, load_seed, portal_on

START = datetime.fromisoformat("2024-05-06 07:08:09")
SEED_TABLES = (
    "account", "user", "restaurant", "bot_instance", "bot_platform_credential", "bot_scenario", "bot_dialog_state",
    "account_integration_credentials",
)  # fmt: skip


def row_id(number):
    return UUID(f"5eed0000-0000-4000-8000-{number:012x}")


def seed_rows(webhooks):
    """Rows as years of older writers leave them."""
    for number, name in enumerate(("Пельменя", "Pelmenya", "pelmenya!", "New", "Ё-моё 24", "x" * 80)):
        yield "account", {"id": row_id(number), "name": name, "created_at": START + timedelta(days=number)}
    people = [("Anna@Example.com", 0, False), ("anna@example.com", 1, False), ("root@example.com", 0, True)]
    for number, (email, account, is_superuser) in enumerate(people):
        yield (
            "user",
            {
                "id": row_id(100 + number),
                "email": email,
                "hashed_password": "$2b$12$abcdefghijklmnopqrstuv",
                "account_id": row_id(account),
                "is_superuser": is_superuser,
                "created_at": START,
            },
        )
    yield "restaurant", {"id": row_id(200), "account_id": row_id(0), "name": "Тверская", "iiko_sync_status": "ODD"}
    for number in (0, 1):
        yield "bot_instance", {"id": row_id(300 + number), "account_id": row_id(number), "name": f"Бот {number}"}
    for number in range(3):
        row = {
            "id": row_id(400 + number),
            "bot_id": row_id(300),
            "platform": "telegram",
            "credentials": {"token": f"clear-{number}"},
            "is_active": number != 2,
            "updated_at": START + timedelta(days=number),
        }
        yield "bot_platform_credential", row | ({"webhook_url": f"https://hook/{number}"} if webhooks else {})
    for number in range(3):
        yield (
            "bot_scenario",
            {
                "id": row_id(500 + number),
                "bot_id": row_id(300),
                "name": "Адаптация",
                "scenario_data": {"steps": {"b": {}, "a": {}}},
                "version": str(number),
                "is_active": number < 2,
                "created_at": START + timedelta(days=number),
                "updated_at": START + timedelta(days=9 - number),
            },
        )
    for number in range(3):
        yield (
            "bot_dialog_state",
            {
                "id": row_id(600 + number),
                "bot_id": row_id(300),
                "platform": "telegram",
                "platform_chat_id": "77" if number < 2 else "78",
                "current_step": f"step {number}",
                "collected_data": [1, "a list, oddly"] if number == 2 else {"name": "Аня"},
                "last_interaction_at": START + timedelta(hours=number),
            },
        )
    yield "account_integration_credentials", {
        "id": row_id(700), "account_id": row_id(0), "integration_type": "iiko",
        "credentials": {"login": "a", "password": "clear"}, "connection_status": "a word of its own",
    }  # fmt: skip


def fill(server, name, webhooks):
    with connected(server.url(name)) as connection:
        for table, values in seed_rows(webhooks):
            cells = [json.dumps(value) if isinstance(value, dict | list) else value for value in values.values()]
            connection.execute(insertion(table, values), cells)


def contents(server, name):
    """Every value of every seed column, by table and id."""
    with connected(server.superuser_url(name)) as connection:
        return {
            (table, row.id): row._asdict()
            for table in SEED_TABLES
            for row in connection.execute(f'SELECT * FROM {SCHEMA}."{table}"').fetchall()
        }


@pytest.fixture(params=[True, False], ids=["with webhook columns", "without webhook columns"])
def adopted(request, any_server):
    with empty_database(any_server, "adopted") as name:
        load_seed(any_server, name, webhooks=request.param)
        fill(any_server, name, request.param)
        before = contents(any_server, name)
        with portal_on(any_server, name):
            upgrade()
        yield any_server, name, before, contents(any_server, name)


def test_every_row_and_every_value_of_the_seed_is_kept(adopted):
    *_, before, after = adopted
    assert set(before) == set(after)
    for key, values in before.items():
        assert {column: after[key][column] for column in values} == values, key


def test_every_account_gets_an_address_of_its_own(adopted):
    *_, after = adopted
    slugs = {key[1]: row["slug"] for key, row in after.items() if key[0] == "account"}
    assert len(set(slugs.values())) == 6
    assert slugs[row_id(1)] == "pelmenya"
    assert slugs[row_id(0)].startswith("chain-5eed0000")
    assert slugs[row_id(3)] != "new"


def test_every_account_with_people_gets_an_owner_who_is_no_superuser(adopted):
    *_, after = adopted
    roles = {key[1]: row["role"] for key, row in after.items() if key[0] == "user"}
    assert roles == {row_id(100): "owner", row_id(101): "owner", row_id(102): "manager"}


def test_of_doubled_platforms_the_newest_active_one_stays_in_use(adopted):
    *_, after = adopted
    in_use = [key[1] for key, row in after.items() if key[0] == "bot_platform_credential" and not row["superseded_at"]]
    assert in_use == [row_id(401)]


def test_of_doubled_dialogs_the_latest_stays_in_use(adopted):
    *_, after = adopted
    in_use = {key[1] for key, row in after.items() if key[0] == "bot_dialog_state" and not row["superseded_at"]}
    assert in_use == {row_id(601), row_id(602)}


def test_of_several_active_scenarios_the_last_touched_is_live(adopted):
    *_, after = adopted
    found = {key[1]: (row["number"], row["is_live"]) for key, row in after.items() if key[0] == "bot_scenario"}
    assert found == {row_id(500): (1, True), row_id(501): (2, False), row_id(502): (3, False)}


def test_every_bot_row_gets_its_bots_account(adopted):
    *_, after = adopted
    for (table, _), row in after.items():
        if table in ("bot_platform_credential", "bot_scenario", "bot_dialog_state"):
            assert row["account_id"] == row_id(0)


def test_going_back_drops_nothing_that_was_there_before(adopted):
    server, name, before, _ = adopted
    with portal_on(server, name):
        downgrade(revision="base")
    left = contents(server, name)
    assert set(left) == set(before)
    for key, values in before.items():
        assert left[key] == values, key


def test_adopted_rows_are_found_by_searching(adopted):
    server, name, *_ = adopted
    with connected(server.superuser_url(name)) as connection:
        found = connection.execute(f"SELECT content FROM {SCHEMA}.search_entry WHERE entity = 'restaurant'").fetchall()
    assert [row.content.strip() for row in found] == ["тверская"]


def test_a_table_that_lacks_a_column_of_the_seed_is_refused_before_anything_is_touched(server):
    with empty_database(server, "unlike") as name:
        load_seed(server, name)
        with connected(server.url(name)) as connection:
            connection.execute(f"ALTER TABLE {SCHEMA}.restaurant DROP phone")
        # Flask-Migrate tells the reason and ends the command.
        with portal_on(server, name), pytest.raises(SystemExit) as ended:
            upgrade()
        assert "restaurant is not the table we know: it lacks phone" in str(ended.value.__context__)
        with connected(server.url(name)) as connection:
            assert connection.execute(f"SELECT to_regclass('{SCHEMA}.store')").fetchone() == (None,)
