"""Migrations block nobody: what they say to the database is judged as they say it, on tables that have rows.

The chain runs on a database of the seed's tables, one revision after the other. A table that was there before a
revision counts as filled and in use: whoever locks it for as long as it takes to look through it, or to write it anew,
stops everybody.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace

import psycopg
import pytest
from alembic.script import ScriptDirectory
from flask_migrate import upgrade

from migrations.compatibility import least_compatible, note
from migrations.functions import HERE
from migrations.steps import LOCK_TIMEOUT
from portal.db.base import SCHEMA, db
from tests.schema.databases import connected, empty_database, load_seed, portal_on

LANDED = HERE.parent / "landed.txt"
# What is harmless on the tables it concerns, by revision and the beginning of the rule, and why.
HARMLESS = {
    ("0011", "a CHECK or key"): "accounts are few, and the column is new: looking through them takes milliseconds",
}
TABLE = rf'(?:{SCHEMA}\.)?"?(\w+)"?'
VOLATILE = r"uuid_generate|gen_random_uuid|clock_timestamp|random\(|nextval"
# Each rule: what it is called, and the pattern of what breaks it; the first group names the table.
RULES = {
    "an index that is not built CONCURRENTLY": rf"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY).*? ON {TABLE}",
    "an index that is not dropped CONCURRENTLY": r"DROP INDEX (?!CONCURRENTLY)(?:IF EXISTS )?()",
    "a required column without a constant default": (
        rf"ALTER TABLE (?:IF EXISTS )?{TABLE}.*\bADD (?:COLUMN )?(?:IF NOT EXISTS )?(?!CONSTRAINT|UNIQUE|CHECK|FOREIGN)"
        r"\w+ (?:(?!DEFAULT|,|\bADD\b).)*NOT NULL(?:(?!DEFAULT|, ADD).)*(?:,|$)"
    ),
    "a default that differs from row to row": rf"ALTER TABLE {TABLE}.*\bADD .*DEFAULT [^,]*(?:{VOLATILE})",
    "a column that writes the table anew": (
        rf"ALTER TABLE {TABLE}.*(?:GENERATED (?:ALWAYS|BY DEFAULT) AS (?:\(|IDENTITY)|\bSERIAL\b|"
        r"ALTER (?:COLUMN )?\w+ (?:SET DATA )?TYPE\b)"
    ),
    "a unique or primary key without USING INDEX": (
        rf"ALTER TABLE {TABLE}.*\bADD (?:CONSTRAINT \w+ )?(?:UNIQUE|PRIMARY KEY)(?! USING INDEX)"
    ),
    "a CHECK or key that is not NOT VALID": rf"ALTER TABLE {TABLE}.*\b(?:CHECK|REFERENCES)\b(?!.*NOT VALID)",
    "a renaming": rf"ALTER TABLE {TABLE}.*\bRENAME\b",
    "a table locked as a whole": rf"(?:LOCK TABLE|VACUUM FULL|CLUSTER|REINDEX(?! .*CONCURRENTLY)).*?{TABLE}",
    "all rows changed at once": rf"^(?!.*(?:= ANY|LIMIT \d))(?:WITH .*)?(?:UPDATE|DELETE FROM) {TABLE}",
}
# What only the last of three steps may do (expand, deploy, contract): no version that uses it may serve any more.
CONTRACTING = (
    rf"ALTER TABLE {TABLE}.*\bDROP (?:COLUMN )?(?!CONSTRAINT|EXPRESSION|DEFAULT|NOT NULL)\w|DROP TABLE {TABLE}"
)


@dataclass(frozen=True)
class Said:
    """One statement of a revision, and which tables were there before the revision."""

    revision: str
    text: str
    tables: frozenset[str]
    validated: frozenset[str]

    def broken(self) -> Iterator[str]:
        """The rules that it breaks."""
        for rule, pattern in RULES.items():
            found = re.search(pattern, self.text, re.IGNORECASE)
            if found and (not found[1] or found[1] in self.tables):
                yield rule
        required = re.search(rf"ALTER TABLE {TABLE}.* (\w+) SET NOT NULL", self.text)
        if required and required[1] in self.tables and f"{required[1]}_{required[2]}_filled" not in self.validated:
            yield "NOT NULL without a validated CHECK"


def statements_of(text: str) -> list[str]:
    """The statements of a script in one line each; what functions do when they are called is no statement of it."""
    without_bodies = re.sub(r"\$(\w*)\$.*?\$\1\$", "''", text, flags=re.DOTALL)
    return [line for each in without_bodies.split(";") if (line := " ".join(re.sub(r"--.*", "", each).split()))]


class Chain:
    """Runs the revisions on a database and notes what they say."""

    def __init__(self, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.url, self.said, self.timeouts = url, [], set()
        self.revision, self.tables, self.validated = "", frozenset(), set()
        execute = psycopg.Cursor.execute

        def noting(cursor, query, *arguments, **options):
            text = query.decode() if isinstance(query, bytes) else str(query)
            for statement in statements_of(text):
                self.note(statement)
            return execute(cursor, query, *arguments, **options)

        self.monkeypatch, self.noting = monkeypatch, noting

    def note(self, statement: str) -> None:
        """Keep what was said, and which constraints were looked through by then."""
        self.timeouts |= set(re.findall(r"SET (?:LOCAL )?lock_timeout = '(\w+)'", statement))
        self.validated |= set(re.findall(r"VALIDATE CONSTRAINT (\w+)", statement))
        self.said.append(Said(self.revision, statement, self.tables, frozenset(self.validated)))

    def run(self) -> None:
        """Every revision, one after the other."""
        scripts = list(ScriptDirectory(str(HERE.parent)).walk_revisions())[::-1]
        for script in scripts:
            with connected(self.url) as connection:
                found = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [SCHEMA]).fetchall()
            self.revision, self.tables = (
                script.revision,
                frozenset({row.tablename for row in found} - {"alembic_version"}),
            )
            with self.monkeypatch.context() as patched:
                patched.setattr(psycopg.Cursor, "execute", self.noting)
                upgrade(revision=script.revision)


@pytest.fixture(scope="module")
def chain(server):
    with pytest.MonkeyPatch.context() as monkeypatch, empty_database(server, "linted") as name:
        load_seed(server, name)
        found = Chain(server.superuser_url(name), monkeypatch)
        with portal_on(server, name):
            found.run()
        return found


def test_no_migration_holds_up_whoever_uses_a_table_that_was_there_before(chain):
    broken = [
        f"{said.revision}: {rule}: {said.text[:160]}"
        for said in chain.said
        for rule in said.broken()
        if not any(said.revision == revision and rule.startswith(begin) for revision, begin in HARMLESS)
    ]
    assert broken == []


def test_what_is_called_harmless_is_still_said(chain):
    found = {(said.revision, rule) for said in chain.said for rule in said.broken()}
    for revision, begin in HARMLESS:
        assert any(each == revision and rule.startswith(begin) for each, rule in found), (revision, begin)


def test_migrations_wait_for_locks_for_less_than_a_server_looks_for_deadlocks(chain):
    assert LOCK_TIMEOUT == "500ms"
    assert LOCK_TIMEOUT in chain.timeouts


def test_who_takes_something_away_says_which_versions_may_still_serve(chain):
    declared = {script.revision: getattr(script.module, "least_compatible", None) for script in revisions()}
    for said in chain.said:
        found = re.search(CONTRACTING, said.text)
        table = found and (found[1] or found[2])
        if table in said.tables:
            assert declared[said.revision] == said.revision, said.text[:160]


def test_a_least_compatible_revision_is_one_of_the_chain_and_never_goes_back():
    known = sorted(script.revision for script in revisions())
    declared = [script.module.least_compatible for script in revisions() if hasattr(script.module, "least_compatible")]
    assert set(declared) <= set(known)
    assert declared == sorted(declared)


def test_what_has_landed_stays_as_it_is():
    for line in LANDED.read_text("utf-8").splitlines():
        digest, name = line.split()
        found = hashlib.sha256((HERE.parent / "versions" / name).read_bytes()).hexdigest()
        assert found.startswith(digest), f"{name} has landed: write a new migration instead"


def revisions():
    """The chain from its beginning."""
    return list(ScriptDirectory(str(HERE.parent)).walk_revisions())[::-1]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("CREATE INDEX ix ON getinn_ops.filled(a)", "an index that is not built"),
        ("CREATE UNIQUE INDEX ix ON filled(a)", "an index that is not built"),
        ('ALTER TABLE getinn_ops."filled" ADD a VARCHAR NOT NULL', "a required column"),
        ("ALTER TABLE filled ADD COLUMN b INTEGER, ADD COLUMN a VARCHAR NOT NULL", "a required column"),
        ("ALTER TABLE filled ADD a UUID DEFAULT gen_random_uuid()", "a default that differs"),
        ("ALTER TABLE filled ADD a TEXT GENERATED ALWAYS AS (lower(b)) STORED", "a column that writes"),
        ("ALTER TABLE filled ALTER a TYPE BIGINT", "a column that writes"),
        ("ALTER TABLE filled ADD UNIQUE (a)", "a unique or primary key"),
        ("ALTER TABLE filled ADD CONSTRAINT c CHECK (a > 0)", "a CHECK or key"),
        ("ALTER TABLE filled ADD FOREIGN KEY (a) REFERENCES other(id)", "a CHECK or key"),
        ("ALTER TABLE filled RENAME a TO b", "a renaming"),
        ("ALTER TABLE filled ALTER a SET NOT NULL", "NOT NULL without"),
        ("UPDATE filled SET a = 1", "all rows changed"),
        ("LOCK TABLE filled", "a table locked"),
    ],
)
def test_each_rule_finds_what_it_is_there_for(text, rule):
    broken = list(Said("9999", text, frozenset({"filled"}), frozenset()).broken())
    assert any(each.startswith(rule) for each in broken), broken


@pytest.mark.parametrize(
    "text",
    [
        "CREATE INDEX CONCURRENTLY ix ON getinn_ops.filled(a)",
        "CREATE INDEX ix ON getinn_ops.fresh(a)",
        "ALTER TABLE filled ADD a BOOLEAN NOT NULL DEFAULT false, ADD b TEXT",
        "ALTER TABLE filled ADD CONSTRAINT c CHECK (a > 0) NOT VALID",
        "ALTER TABLE filled ADD CONSTRAINT c UNIQUE USING INDEX c",
        "ALTER TABLE filled ALTER search_text DROP EXPRESSION IF EXISTS",
        "UPDATE filled SET a = 1 WHERE id = ANY($1)",
    ],
)
def test_no_rule_finds_what_blocks_nobody(text):
    assert list(Said("9999", text, frozenset({"filled"}), frozenset()).broken()) == []


def test_the_newest_migration_that_says_so_decides_which_versions_may_serve():
    adding, ending, older = (
        SimpleNamespace(),
        SimpleNamespace(least_compatible="0021"),
        SimpleNamespace(least_compatible="0015"),
    )
    assert least_compatible([adding, ending, adding, older]) == "0021"
    assert least_compatible([adding, adding]) is None


def test_what_it_says_is_kept_where_processes_look_before_they_start(server):
    with empty_database(server, "compatible") as name, portal_on(server, name):
        upgrade()
        with connected(server.url(name)) as connection:
            connection.execute(f"CREATE TABLE IF NOT EXISTS {SCHEMA}.deployment (least_revision VARCHAR)")
            connection.execute(f"DELETE FROM {SCHEMA}.deployment")
            connection.execute(f"INSERT INTO {SCHEMA}.deployment (least_revision) VALUES ('0012')")
            with db.engine.connect() as migrating:
                note(migrating, "0021")
            assert connection.execute(f"SELECT least_revision FROM {SCHEMA}.deployment").fetchall() == [("0021",)]
