"""Adopting goes on beside programs that know only the seed, can be cut off anywhere, and ends where others ended."""

import os
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from flask_migrate import upgrade

from bench.older_writer import fill, writing
from migrations.steps import stepwise
from portal.db.base import SCHEMA
from tests.database import libpq
from tests.schema.databases import HERE, connected, empty_database, load_seed, portal_on, uuid_function
from tests.schema.description import description

WRITER = "writer_of_the_seed"
ROWS_PER_SECOND = 70
MIGRATIONS = Path(__file__).parents[2] / "migrations"
BOT_CHILDREN = ("bot_platform_credential", "bot_scenario", "bot_dialog_state")


@pytest.fixture
def adoptable(server):
    """The seed's tables with rows of years, and the address of a program that knows no others."""
    with connected(server.superuser_url()) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [WRITER]).fetchone():
            server.create_role(WRITER, bypass_row_security=True)
    with empty_database(server, "beside") as name:
        load_seed(server, name)
        with connected(server.superuser_url(name)) as connection:
            connection.execute(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {WRITER}")
            connection.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {SCHEMA} TO {WRITER}")
            fill(connection, accounts=60, dialogs=6000)
        yield name


SEARCHED = {
    "restaurant": "t.name, t.address, t.phone, t.email",
    "bot_dialog_state": (
        "t.person->>'name', t.person->>'username', t.platform_chat_id, t.current_step,"
        f" {SCHEMA}.searched_answers(t.collected_data)"
    ),
}


def unfilled(server, name):
    """Tables of which a row lacks what is filled for older writers, or is found by no search."""
    with connected(server.superuser_url(name)) as connection:
        counts = {
            table: connection.execute(f'SELECT count(*) FROM {SCHEMA}."{table}" WHERE {column} IS NULL').fetchone()[0]
            for table, column in (
                ("account", "slug"),
                ("user", "role"),
                *((each, "account_id") for each in BOT_CHILDREN),
            )
        }
        for table, parts in SEARCHED.items():
            counts[f"search in {table}"] = connection.execute(
                f"SELECT count(*) FROM {SCHEMA}.{table} t LEFT JOIN {SCHEMA}.search_entry e ON e.row_id = t.id"
                f" WHERE e.content IS DISTINCT FROM {SCHEMA}.searched_text({parts}) OR t.search_text IS NULL"
            ).fetchone()[0]
        counts["activity"] = connection.execute(
            f"SELECT (SELECT sum(change) FROM {SCHEMA}.dialog_activity)"
            f" - (SELECT count(*) FROM {SCHEMA}.bot_dialog_state WHERE superseded_at IS NULL)"
        ).fetchone()[0]
    return {table for table, count in counts.items() if count}


def test_a_writer_that_knows_only_the_seed_never_fails_while_its_database_is_adopted(server, adoptable):
    with writing(libpq(server.url(adoptable, role=WRITER)), ROWS_PER_SECOND) as writers:
        before = [writer.rows for writer in writers]
        with portal_on(server, adoptable):
            upgrade()
    assert [failure for writer in writers for failure in writer.failures] == []
    assert all(writer.rows > rows for writer, rows in zip(writers, before, strict=True))
    assert unfilled(server, adoptable) == set()


def test_each_chain_gets_one_owner_and_each_scenario_its_number_however_many_come_meanwhile(server, adoptable):
    with writing(libpq(server.url(adoptable, role=WRITER)), ROWS_PER_SECOND), portal_on(server, adoptable):
        upgrade()
    with connected(server.superuser_url(adoptable)) as connection:
        owners = connection.execute(
            f"SELECT count(*) FILTER (WHERE role = 'owner') AS owners FROM {SCHEMA}.\"user\" GROUP BY account_id"
        ).fetchall()
        gaps = connection.execute(
            f"SELECT bot_id FROM {SCHEMA}.bot_scenario GROUP BY bot_id HAVING max(number) <> count(*)"
        ).fetchall()
    assert {row.owners for row in owners} == {1}
    assert gaps == []


def test_an_upgrade_that_is_killed_anywhere_is_run_again_to_the_same_end(server, adoptable):
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"]
    environment = os.environ | {"DATABASE_URL": server.url(adoptable), "ENVIRONMENT": "test"}
    for moment in (0.2, 0.7):
        process = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        assert any("Running upgrade" in line for line in process.stderr)
        time.sleep(moment)
        process.kill()
        process.communicate()
    with empty_database(server, "unhurried"):
        load_seed(server, "unhurried")
        for name in (adoptable, "unhurried"):
            with portal_on(server, name):
                upgrade()
        with connected(server.superuser_url(adoptable)) as killed, connected(server.superuser_url("unhurried")) as one:
            assert description(killed) == description(one)
    assert unfilled(server, adoptable) == set()


class Cut(BaseException):
    """The end of a run, as a lost machine ends it."""


@contextmanager
def cut_at(boundary):
    """Let an upgrade end at the n-th border of its rows of steps: where one begins, or when all of it was taken."""
    passed = 0

    def reach():
        nonlocal passed
        passed += 1
        if passed == boundary:
            raise Cut

    @contextmanager
    def cut_stepwise(op):
        with stepwise(op) as steps:
            reach()
            yield steps
            reach()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("migrations.steps.stepwise", cut_stepwise)
        yield


def upgrade_with_cuts():
    """Bring the database in scope to its head in runs each of which comes one border farther; how many were cut."""
    cuts = 0
    head = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    for revision in reversed([each.revision for each in head]):
        for boundary in count(1):
            try:
                with cut_at(boundary):
                    upgrade(revision=revision)
                break
            except Cut:
                cuts += 1
    return cuts


def test_an_upgrade_cut_off_before_or_after_any_row_of_steps_is_run_again_to_the_same_end(server):
    with empty_database(server, "cut") as cut, empty_database(server, "unhurried") as unhurried:
        for name, run in ((cut, upgrade_with_cuts), (unhurried, upgrade)):
            load_seed(server, name)
            with portal_on(server, name):
                cuts = run()
            assert name == unhurried or cuts >= 20
        with connected(server.superuser_url(cut)) as one, connected(server.superuser_url(unhurried)) as other:
            assert description(one) == description(other)


def test_an_index_that_was_left_half_built_is_made_again(server):
    with empty_database(server, "half_built") as name, portal_on(server, name):
        load_seed(server, name)
        with connected(server.superuser_url(name)) as connection:
            upgrade(revision="0002")
            connection.execute(f"CREATE INDEX ix_account_name ON {SCHEMA}.account(created_at)")
            connection.execute(
                f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{SCHEMA}.ix_account_name'::regclass"
            )
            upgrade(revision="0003")
            found = connection.execute(
                "SELECT indisvalid AS valid, pg_get_indexdef(indexrelid) AS definition FROM pg_index"
                f" WHERE indexrelid = '{SCHEMA}.ix_account_name'::regclass"
            ).fetchone()
    assert found.valid is True
    assert found.definition.endswith("(name, id)")


def test_databases_of_every_origin_end_in_the_same_schema(any_server):
    found = {}
    for name, prepare in (("landed", load_landed), ("fresh", load_uuid), ("adopted", load_seed)):
        with empty_database(any_server, name):
            prepare(any_server, name)
            with portal_on(any_server, name):
                upgrade()
            with connected(any_server.superuser_url(name)) as connection:
                found[name] = description(connection)
    assert found["landed"] ^ found["fresh"] == set()
    assert found["adopted"] ^ found["fresh"] == set()


def load_uuid(server, name):
    with connected(server.superuser_url(name)) as connection:
        connection.execute(uuid_function(connection))


def load_landed(server, name):
    """A database as the migrations up to 0011 left it while they still took each table whole."""
    load_uuid(server, name)
    script = (HERE / "landed_0011.sql").read_text("utf-8")
    with connected(server.superuser_url(name)) as connection:
        has_trigrams = connection.execute("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'").fetchone()
        for extension in ("pg_trgm", "btree_gin") if has_trigrams else ():
            connection.execute(f"CREATE EXTENSION {extension} SCHEMA public")
        kept = "" if has_trigrams else "|.*gin_trgm_ops"
        script = re.sub(rf"(?m)^(CREATE EXTENSION|COMMENT ON EXTENSION{kept}).*$", "", script)
        connection.execute("SET ROLE getinn")
        connection.execute(script)
        connection.execute(f"INSERT INTO {SCHEMA}.alembic_version VALUES ('0011')")


@pytest.mark.parametrize("revision", ["0003", "0009"], ids=["in steps", "in one transaction"])
def test_where_somebody_holds_a_table_it_is_asked_for_again(server, revision):
    with empty_database(server, "held") as name, portal_on(server, name):
        upgrade(revision=f"{int(revision) - 1:04}")
        with connected(server.superuser_url(name)) as holder, ThreadPoolExecutor() as pool:
            holder.execute("BEGIN")
            holder.execute(f"LOCK TABLE {SCHEMA}.account IN ROW EXCLUSIVE MODE")
            released = pool.submit(release_once_waited_for, server.superuser_url(name), holder)
            upgrade(revision=revision)
            assert released.result() > 1
        with connected(server.url(name)) as connection:
            assert connection.execute(f"SELECT version_num FROM {SCHEMA}.alembic_version").fetchone() == (revision,)


def release_once_waited_for(url, holder):
    """Let go once the table was asked for a second time; how often it was."""
    waits, give_up_at = set(), time.monotonic() + 60
    with connected(url) as watcher:
        while len(waits) < 2 and time.monotonic() < give_up_at:
            waits |= {
                row.began
                for row in watcher.execute(
                    "SELECT waitstart AS began FROM pg_locks WHERE NOT granted AND locktype = 'relation'"
                    " AND waitstart IS NOT NULL"
                ).fetchall()
            }
    holder.execute("COMMIT")
    return len(waits)
