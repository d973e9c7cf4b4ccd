"""The migrations end in the seed's tables to the letter, come and go, and leave nothing to generate."""

import re

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import check, downgrade, upgrade

from portal.db.base import SCHEMA, db
from portal.web.listing.search import FUNCTIONAL_INDEXES
from tests.schema.databases import connected, empty_database, load_seed, portal_on

COLUMNS = """
    SELECT table_name, column_name, data_type, udt_name, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema = %s
"""
CONSTRAINTS = """
    SELECT conrelid::regclass::text AS table_name, conname, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint WHERE connamespace = to_regnamespace(%s) AND contype IN ('p', 'u', 'f')
"""
INDEXES = "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = %s"
EVERYTHING = """
    SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid)
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = to_regnamespace(%s) AND c.relkind IN ('r', 'p', 'i')
    UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), true, NULL
    FROM pg_constraint WHERE connamespace = to_regnamespace(%s)
    UNION ALL SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(t.oid), true, NULL
    FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
    WHERE c.relnamespace = to_regnamespace(%s) AND NOT tgisinternal
    UNION ALL SELECT tablename, policyname, concat(cmd, qual, with_check), true, NULL
    FROM pg_policies WHERE schemaname = %s
    UNION ALL SELECT proname, pg_get_function_identity_arguments(oid), prosrc, prosecdef, NULL
    FROM pg_proc WHERE pronamespace = to_regnamespace(%s)
"""


def facts(connection, query):
    rows = connection.execute(query, [SCHEMA] * query.count("%s")).fetchall()
    return {tuple(row) for row in rows}


@pytest.mark.parametrize("query", [COLUMNS, CONSTRAINTS, INDEXES], ids=["columns", "constraints", "indexes"])
def test_the_migrations_make_the_seeds_tables_to_the_letter(any_server, query):
    with empty_database(any_server, "seeded"), empty_database(any_server, "migrated"):
        load_seed(any_server, "seeded")
        with portal_on(any_server, "migrated"):
            upgrade()
        found = []
        for name in ("seeded", "migrated"):
            with connected(any_server.superuser_url(name)) as connection:
                connection.execute("SET search_path TO nowhere")
                found.append({alike(row) for row in facts(connection, query)})
    assert found[0] - found[1] == set()


def alike(row):
    """Without the schema that the function behind the default stands in."""
    return tuple(re.sub(rf"\b({SCHEMA}|public)\.uuid_generate", "uuid_generate", str(value)) for value in row)


def test_the_webhook_columns_come_and_go_in_a_migration_of_their_own(server):
    columns = {"webhook_url", "webhook_last_checked", "webhook_auto_refresh"}
    with empty_database(server, "webhooks"), portal_on(server, "webhooks"):
        seen = []
        for step in ("0001", "0002"):
            upgrade(revision=step)
            with connected(server.url("webhooks")) as connection:
                seen.append({row[1] for row in facts(connection, COLUMNS) if row[0] == "bot_platform_credential"})
        downgrade(revision="0001")
        with connected(server.url("webhooks")) as connection:
            seen.append({row[1] for row in facts(connection, COLUMNS) if row[0] == "bot_platform_credential"})
    assert [step & columns for step in seen] == [set(), columns, set()]
    assert seen[1] - seen[0] == columns


def test_up_down_and_up_again_gives_the_same_schema(any_server):
    with empty_database(any_server, "updown"), portal_on(any_server, "updown"):
        upgrade()
        with connected(any_server.url("updown")) as connection:
            first = facts(connection, EVERYTHING)
        downgrade(revision="base")
        with connected(any_server.url("updown")) as connection:
            left = {row[0] for row in facts(connection, EVERYTHING)}
        upgrade()
        with connected(any_server.url("updown")) as connection:
            second = facts(connection, EVERYTHING)
    assert {name for name in left if "alembic_version" not in name} == set()
    assert first == second


def test_there_is_nothing_to_generate(any_server):
    with empty_database(any_server, "checked"), portal_on(any_server, "checked"):
        upgrade()
        check()
        with db.engine.connect() as connection:
            options = {
                "include_schemas": True,
                "include_name": lambda name, kind, parents: kind != "schema" or name == SCHEMA,
                "version_table_schema": SCHEMA,
                "compare_type": True,
            }
            found = compare_metadata(MigrationContext.configure(connection, opts=options), db.metadata)
    assert [each for each in found if not any(name in str(each) for name in FUNCTIONAL_INDEXES)] == []


def test_the_portals_role_needs_nothing_but_its_database(server, superuser_sql):
    [role] = superuser_sql("SELECT rolsuper, rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = 'getinn'")
    assert tuple(role) == (False, False, False)
