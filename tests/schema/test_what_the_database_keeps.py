"""What holds whoever writes: the log stays as it is, dates move, keys keep rows in their account."""

import psycopg
import pytest

from portal.db.base import SCHEMA
from tests.rules.site.targets import tenant_tables
from tests.world_rows import TABLE_NUMBERS

UNDATED = {"audit_event"}


@pytest.mark.parametrize(
    "change",
    [
        f"UPDATE {SCHEMA}.audit_event SET action = 'nothing'",
        f"DELETE FROM {SCHEMA}.audit_event",
        f"TRUNCATE {SCHEMA}.audit_event",
    ],
    ids=["update", "delete", "truncate"],
)
@pytest.mark.parametrize("role", ["getinn", "postgres"])
def test_nobody_changes_the_log(world, connect, change, role):
    with connect(role=role) as connection, connection.transaction(force_rollback=True):
        connection.execute("SELECT set_config('getinn.account_id', %s, true)", [str(world.pelmenya.account_id)])
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="never changed"):
            connection.execute(change)


@pytest.mark.parametrize("table", sorted(set(TABLE_NUMBERS) - UNDATED))
def test_updated_at_moves_whoever_writes(world, superuser_sql, table):
    old = "timezone('utc', now()) - interval '3 days'"
    superuser_sql(f'UPDATE {SCHEMA}."{table}" SET updated_at = {old}')
    found = superuser_sql(
        f"SELECT bool_and(updated_at > timezone('utc', now()) - interval '1 minute') AS moved FROM {SCHEMA}.\"{table}\""
    )
    assert found[0].moved is True


def test_every_table_with_the_column_moves_it(superuser_sql):
    found = superuser_sql(
        "SELECT table_name AS name FROM information_schema.columns"
        " WHERE table_schema = %s AND column_name = 'updated_at' ORDER BY 1",
        [SCHEMA],
    )
    assert {row.name for row in found} - UNDATED == set(TABLE_NUMBERS) - UNDATED


def test_a_row_cannot_be_tied_to_another_accounts_bot(world, superuser_sql):
    for table in ("bot_platform_credential", "bot_scenario", "bot_dialog_state"):
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            superuser_sql(
                f"UPDATE {SCHEMA}.{table} SET account_id = %s WHERE bot_id = %s",
                [world.pelmenya.account_id, world.vareniki.bot_id],
            )


def test_the_portals_role_sees_nothing_before_it_enters_an_account(world, connect, superuser_sql):
    with connect() as connection:
        for table in [*tenant_tables(superuser_sql), "account"]:
            if table == "search_entry":
                continue
            found = connection.execute(f'SELECT count(*) FROM {SCHEMA}."{table}"').fetchone()
            assert found == (0,), table


def test_the_portals_role_sees_one_accounts_rows_alone(world, connect, superuser_sql):
    with connect() as connection, connection.transaction():
        connection.execute("SELECT set_config('getinn.account_id', %s, true)", [str(world.pelmenya.account_id)])
        for table in tenant_tables(superuser_sql):
            if table == "search_entry":
                continue
            found = connection.execute(f'SELECT DISTINCT account_id FROM {SCHEMA}."{table}"').fetchall()
            assert found == [(world.pelmenya.account_id,)], table


def test_the_portals_role_cannot_write_into_another_account(world, connect):
    with connect() as connection, connection.transaction(force_rollback=True):
        connection.execute("SELECT set_config('getinn.account_id', %s, true)", [str(world.pelmenya.account_id)])
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
            connection.execute(
                f"INSERT INTO {SCHEMA}.restaurant (account_id, name) VALUES (%s, 'x')", [world.vareniki.account_id]
            )


def test_a_door_that_does_not_exist_opens_nothing(world, connect):
    with connect() as connection, connection.transaction():
        connection.execute("SELECT set_config('getinn.door', 'cellar', true)")
        assert connection.execute(f"SELECT count(*) FROM {SCHEMA}.account").fetchone() == (0,)


def test_searching_finds_nothing_before_an_account_is_entered(world, connect):
    with connect() as connection:
        found = connection.execute(
            f"SELECT {SCHEMA}.search_ids('restaurant', ARRAY['%%zq%%'], 10, false)",
        ).fetchone()
    assert found == ([],)
