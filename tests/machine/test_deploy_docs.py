"""The operator's documents, run block by block in the order in which somebody reads them."""

import contextlib
import threading
from contextlib import contextmanager
from itertools import pairwise

import pytest
from psycopg import sql

from config import parse_credential_keys
from portal.auth.passwords import hash_password
from portal.db.secrets import Keyring
from tests.database import adapted, insertion
from tests.machine.documents import Block, Machine, blocks_of
from tests.machine.packaged import new_cluster, packaged_server
from tests.machine.programs import ROOT
from tests.machine.proxying import running_nginx
from tests.world import make_world
from tests.world_rows import PASSWORD

DOCUMENTS = ("deploy.md", "operate.md")
BLOCKS = [block for name in DOCUMENTS for block in blocks_of(ROOT / "docs" / name)]
RUN = ("sh", "sql")
# By their first line: what is not run here, and what tests it instead.
NOT_RUN = {
    "apt-get install python3-venv curl": "adds packages and a user to this machine",
    "mkdir -p /opt/getinn/releases/2026.1": "fetches packages: bin/test installs them from the same files; two releases"
    " are laid out by the test",
    "apt-get install nginx certbot": "asks an authority for a certificate: test_proxies starts nginx with that file",
    "docker compose --env-file /etc/getinn/portal.env -f deploy/compose.yaml up --build --detach": "needs Docker's"
    " daemon: test_compose starts each command of the file",
}
# A new key is in force for the next command all the same; a restart takes seconds, and is run where the portal is
# upgraded and goes back.
WITHOUT_RESTART = {
    "sed -i -E 's|^(CREDENTIAL_KEYS=[^,]+),.*|\\1|' /etc/getinn/portal.env",
    "new=$(head -c 32 /dev/urandom | base64 | tr '+/' '-_')",
    "sed -i -E 's|^CREDENTIAL_KEYS=(.*),([^,]+)$|CREDENTIAL_KEYS=\\2,\\1|' /etc/getinn/portal.env",
    "new=$(head -c 48 /dev/urandom | base64 --wrap=0 | tr '+/' '-_')",
    "sed -i '/^SECRET_KEY_FALLBACKS=/d' /etc/getinn/portal.env",
}
END = Block("end", "end", {}, "")
TYPED = f"{PASSWORD}\n{PASSWORD}\n"


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    with (
        new_cluster() as cluster,
        packaged_server(cluster) as first,
        packaged_server(cluster) as second,
        packaged_server(cluster) as third,
    ):
        machine = Machine(tmp_path_factory.mktemp("machine"), {"first": first, "second": second, "third": third})
        yield machine
        machine.end()


def test_every_block_is_run_or_has_a_reason_not_to_be():
    first_lines = {block.first_line for block in BLOCKS if block.language in RUN}
    assert set(NOT_RUN) <= first_lines
    assert {block.language for block in BLOCKS} <= {*RUN, "text", "ini"}
    assert len(first_lines - set(NOT_RUN)) > 15


def test_the_documents_lead_from_a_bare_server_to_a_portal_that_was_upgraded_and_restored(machine, tmp_path):
    with contextlib.ExitStack() as stack:
        for block, following in pairwise([*BLOCKS, END]):
            if block.language not in RUN or block.first_line in NOT_RUN:
                continue
            machine.move_to(block.options.get("server", "first"))
            PREPARATIONS.get(block.first_line, lambda _: None)(machine)
            restarting = block.restarts and block.first_line not in WITHOUT_RESTART
            with visiting(machine, stack, tmp_path) if restarting else contextlib.nullcontext():
                done = machine.run(block, TYPED if "create-superuser" in block.text else "", restarting=restarting)
            assert done.returncode == 0, f"{block.place}: {block.text}\n{done.stdout}\n{machine.logs()}"
            CHECKS.get(block.first_line, lambda _: None)(machine)
            for line in following.text.splitlines() if following.language == "text" else []:
                assert line.strip() in done.stdout, f"{following.place}: {done.stdout}"
    assert "compared" in machine.noted


@contextmanager
def visiting(machine, stack, folder):
    """Somebody looks at a page all the time, through the proxy: every time it is there."""
    if machine.proxy is None:
        machine.proxy = stack.enter_context(running_nginx(folder, list(machine.ports.values())))
    done, statuses = threading.Event(), []

    def look():
        while not done.is_set():
            statuses.append(machine.proxy.ask("GET", "/login").status)
            done.wait(0.02)

    visitor = threading.Thread(target=look)
    visitor.start()
    try:
        yield
    finally:
        done.set()
        visitor.join()
    assert set(statuses) == {200}


def fill(machine):
    """Two chains with all that they have, their secrets under the installation's own key; no bot of theirs is on."""
    keyring = Keyring.from_keys([key.secret for key in parse_credential_keys(machine.keys)])
    with machine.servers["first"].connect("getinn") as connection, connection.transaction():
        # The cast has an operator of its own.
        connection.execute("UPDATE getinn_ops.account SET slug = 'first'")
        for table, values in make_world().rows(keyring, hash_password(PASSWORD), "a key of no matter"):
            connection.execute(insertion(table, values), [adapted(value) for value in values.values()])
        connection.execute("UPDATE getinn_ops.bot_platform_credential SET is_active = false")


def note_rows(machine):
    """What the back-up has to hold; the worker, which writes by itself, is stopped."""
    assert machine.run(Block("", "sh", {}, "systemctl stop getinn-worker")).returncode == 0
    machine.noted["rows"] = rows_of(machine.servers["first"])


def compare_rows(machine):
    """The restored server holds what the other one held."""
    assert sum(count for count, _ in machine.noted["rows"].values()) > 100
    assert rows_of(machine.servers["third"]) == machine.noted["rows"]
    machine.noted["compared"] = True


def rows_of(server):
    """Every table with the number of its rows and a sum over what they hold."""
    with server.connect("getinn") as connection:
        tables = connection.execute(
            "SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables"
            " WHERE schemaname LIKE 'getinn_ops%' ORDER BY 1"
        ).fetchall()
        summed = "SELECT count(*), md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM {} t"
        return {table: connection.execute(summed.format(table)).fetchone() for (table,) in tables}


def search_indexes(server):
    """The definition of each index that searches go by, by name."""
    with server.connect("getinn") as connection:
        found = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'getinn_ops' AND starts_with(indexname, %s)",
            ["ix_search_entry_content_"],
        ).fetchall()
    return dict(found)


def drop_indexes(machine):
    """As where pg_trgm came later."""
    machine.noted["indexes"] = search_indexes(machine.servers["first"])
    assert len(machine.noted["indexes"]) > 1
    with machine.servers["first"].connect("getinn") as connection:
        for name in machine.noted["indexes"]:
            connection.execute(sql.SQL("DROP INDEX getinn_ops.{}").format(sql.Identifier(name)))


def compare_indexes(machine):
    """They are what the migrations make where the extension is there from the beginning."""
    assert search_indexes(machine.servers["first"]) == machine.noted["indexes"]


MAKE_INDEXES = (
    "SELECT format('CREATE INDEX CONCURRENTLY IF NOT EXISTS ix_search_entry_content_%s ON getinn_ops.search_entry"
)
# What has to be so before a block, by its first line.
PREPARATIONS = {
    MAKE_INDEXES: drop_indexes,
    "new=$(head -c 32 /dev/urandom | base64 | tr '+/' '-_')": fill,
    "mkdir -p -m 700 /var/backups/getinn": note_rows,
}
# What has to be so after it.
CHECKS = {
    MAKE_INDEXES: compare_indexes,
    "systemctl stop getinn-worker getinn-web@5001 getinn-web@5002": compare_rows,
}


def test_what_a_block_needs_is_prepared_for_a_block_that_is_there():
    assert {*PREPARATIONS, *CHECKS, *WITHOUT_RESTART} <= {block.first_line for block in BLOCKS}
