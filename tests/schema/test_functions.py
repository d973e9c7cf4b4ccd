"""Each function of the database has one current text, and the files say the same as the database."""

import pytest
from alembic.script import ScriptDirectory
from flask_migrate import upgrade

from migrations.functions import HERE, digest, function_names, function_text
from portal.db.base import SCHEMA
from tests.database import libpq
from tests.schema.databases import connected, empty_database, portal_on

DEFINITIONS = """
    SELECT p.proname AS name, pg_get_functiondef(p.oid) AS definition, c.oid IS NOT NULL AS of_table
    FROM pg_proc p LEFT JOIN pg_class c ON c.relnamespace = p.pronamespace AND p.proname = c.relname || '_search_text'
    WHERE p.pronamespace = to_regnamespace(%s)
"""
# The fallback of 0001 where the server lacks the extension.
WITHOUT_FILE = {"uuid_generate_v4"}


def definitions(connection):
    return {row.name: row.definition for row in connection.execute(DEFINITIONS, [SCHEMA]).fetchall()}


@pytest.fixture
def migrated(any_server):
    with empty_database(any_server, "functions") as name:
        with portal_on(any_server, name):
            upgrade()
        with connected(libpq(any_server.url(name))) as connection:
            yield connection


def test_the_database_says_of_each_function_what_its_file_says(migrated):
    live = definitions(migrated)
    with migrated.transaction(force_rollback=True):
        for name in function_names():
            migrated.execute(function_text(name))
        assert definitions(migrated) == live


def test_every_function_has_a_file_but_those_made_with_their_table(migrated):
    rows = migrated.execute(DEFINITIONS, [SCHEMA]).fetchall()
    assert {row.name for row in rows if not row.of_table} - WITHOUT_FILE <= set(function_names())
    assert set(function_names()) <= {row.name for row in rows}


def test_the_newest_migration_of_each_function_loads_the_text_of_its_file():
    loaded = {}
    for script in ScriptDirectory(str(HERE.parent)).walk_revisions():
        loaded = getattr(script.module, "FUNCTIONS", {}) | loaded
    assert loaded == {name: digest(name) for name in function_names()}
