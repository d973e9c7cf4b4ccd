"""The portal's commands, as an operator runs them."""

import json
import re
import threading
from contextlib import suppress

import pytest

from config import ConfigurationError
from portal import create_app
from portal.db.base import db
from portal.db.secrets import Keyring, Place, is_sealed, key_id
from portal.development.demo.command import demo
from portal.safety import refuse_unsafe
from tests.conftest import CREDENTIAL_KEY, config_for

PASSWORD = "lanterns-over-the-frozen-canal"
NEW_KEY = b"n" * 32


@pytest.fixture
def run(app, world):
    """``run("doctor")`` runs a command."""
    return lambda *arguments, **options: app.test_cli_runner().invoke(args=arguments, **options)


def secrets_of(superuser_sql):
    """(table, id, account, envelope) of every stored secret."""
    tables = ("bot_platform_credential", "account_integration_credentials", "second_factor")
    return [
        (table, row.id, row.account_id, row.credentials)
        for table in tables
        for row in superuser_sql(f"SELECT id, account_id, credentials FROM getinn_ops.{table}")
    ]


def test_the_doctor_finds_nothing_that_keeps_the_tests_own_database_from_being_served(run):
    result = run("doctor")
    assert result.exit_code == 0, result.output
    assert result.output


def test_the_doctor_names_secrets_in_clear_and_secrets_under_a_lost_key(run, world, superuser_sql):
    superuser_sql(
        'UPDATE getinn_ops.bot_platform_credential SET credentials = \'{"token": "clear"}\' WHERE id = %s',
        [world.pelmenya.telegram_id],
    )
    superuser_sql(
        "UPDATE getinn_ops.account_integration_credentials"
        " SET credentials = jsonb_set(credentials, '{kid}', '\"lost\"')"
    )
    told = run("doctor").output
    healthy = [line for line in told.splitlines() if "clear" in line.lower() or "lost" in line.lower()]
    assert len(healthy) >= 2, told


def test_a_superuser_is_created_with_a_password_from_standard_input_and_can_sign_in(run, browse, superuser_sql):
    result = run("create-superuser", "New@Operator.example", "--password-stdin", input=PASSWORD + "\n")
    assert result.exit_code == 0, result.output
    assert PASSWORD not in result.output
    (user,) = superuser_sql('SELECT * FROM getinn_ops."user" WHERE email = %s', ["new@operator.example"])
    assert (user.is_superuser, user.is_active) == (True, True)
    answer = browse().post("/login", {"email": "new@operator.example", "password": PASSWORD})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("address", "password"),
    [
        ("owner@zqpelmenya.example", PASSWORD),
        ("OWNER@zqpelmenya.example", PASSWORD),
        ("root@zqoperator.example", PASSWORD),
        ("nobody", PASSWORD),
        ("", PASSWORD),
        ("a b@operator.example", PASSWORD),
        ("new@operator.example", "short"),
        ("new@operator.example", ""),
        ("new@operator.example", "passwordpassword"),
    ],
)
def test_no_superuser_is_created_with_a_taken_address_or_a_weak_password(run, superuser_sql, address, password):
    before = superuser_sql('SELECT count(*) AS n FROM getinn_ops."user"')[0].n
    result = run("create-superuser", address, "--password-stdin", input=password + "\n")
    assert result.exit_code == 1, result.output
    assert "Error: " in result.output
    assert "Traceback" not in result.output
    assert superuser_sql('SELECT count(*) AS n FROM getinn_ops."user"')[0].n == before


@pytest.fixture
def two_keys(app, monkeypatch):
    """A new key in front of the one that sealed everything."""
    keyring = Keyring.from_keys([NEW_KEY, CREDENTIAL_KEY.secret])
    monkeypatch.setitem(app.config, "KEYRING", keyring)
    return keyring


def test_every_secret_is_sealed_under_the_newest_key_and_opens_as_before(run, app, two_keys, superuser_sql):
    before = {
        row_id: dict(two_keys.open(value, Place(table, "credentials", row_id, account)))
        for table, row_id, account, value in secrets_of(superuser_sql)
    }
    result = run("rotate-credentials")
    assert result.exit_code == 0, result.output
    assert f"{len(before)} secrets sealed" in result.output
    only_new = Keyring.from_keys([NEW_KEY])
    for table, row_id, account, value in secrets_of(superuser_sql):
        assert value["kid"] == key_id(NEW_KEY)
        assert dict(only_new.open(value, Place(table, "credentials", row_id, account))) == before[row_id]
    assert "0 secrets sealed" in run("rotate-credentials").output


def test_while_secrets_are_sealed_anew_every_reader_can_open_them(run, two_keys, connect, superuser_sql):
    done, faults, rounds = threading.Event(), [], []

    def read():
        with connect("getinn", "postgres") as reader:
            while not (done.is_set() and rounds):
                for table in ("bot_platform_credential", "account_integration_credentials"):
                    query = f"SELECT id, account_id, credentials FROM getinn_ops.{table}"
                    for row_id, account, value in reader.execute(query).fetchall():
                        try:
                            two_keys.open(value, Place(table, "credentials", row_id, account))
                        except Exception as fault:
                            faults.append(fault)
                rounds.append(True)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for _ in range(3):
            assert run("rotate-credentials").exit_code == 0
    finally:
        done.set()
        reader.join()
    assert rounds
    assert faults == []


def test_the_portal_reads_secrets_while_another_process_seals_them_anew(app, world, browse, run, two_keys):
    owner = browse(world.pelmenya.owner)
    assert owner.get(owner.account(f"integrations/{world.pelmenya.integration_id}/edit")).status_code == 200
    run("rotate-credentials")
    assert "zqpelmenya-login" in owner.get(owner.account(f"integrations/{world.pelmenya.integration_id}/edit")).text


def test_a_secret_that_no_key_opens_is_named_and_the_others_are_sealed(run, two_keys, world, superuser_sql):
    superuser_sql(
        "UPDATE getinn_ops.bot_platform_credential SET credentials = jsonb_set(credentials, '{kid}', '\"lost\"')"
        " WHERE id = %s",
        [world.pelmenya.telegram_id],
    )
    result = run("rotate-credentials")
    assert result.exit_code == 1
    assert str(world.pelmenya.telegram_id) in result.output
    kids = [value["kid"] for _, _, _, value in secrets_of(superuser_sql)]
    assert sorted(kids) == sorted([*[key_id(NEW_KEY)] * 7, "lost"])


@pytest.fixture
def other_app(server):
    """Makes the portal for another role or database, and lets go of its connections."""
    made = []

    def make(url):
        other = create_app(config_for(url))
        made.append(other)
        return other

    yield make
    for other in made:
        with other.app_context():
            db.engine.dispose()


def test_the_portal_starts_on_a_database_that_is_as_it_should_be(app, world):
    refuse_unsafe(app)


def test_the_portal_refuses_a_role_that_row_security_does_not_bind(server, world, superuser_sql, other_app):
    with suppress(Exception):
        server.create_role("unbound", bypass_row_security=True)
    superuser_sql("GRANT USAGE ON SCHEMA getinn_ops TO unbound")
    superuser_sql("GRANT SELECT ON ALL TABLES IN SCHEMA getinn_ops TO unbound")
    with pytest.raises(ConfigurationError, match=r"(?i)row security|BYPASSRLS"):
        refuse_unsafe(other_app(server.url("getinn", "unbound")))


def test_the_portal_refuses_a_superuser_of_the_database(server, world, other_app):
    with pytest.raises(ConfigurationError, match=r"(?i)superuser"):
        refuse_unsafe(other_app(server.url("getinn", "postgres")))


def test_the_portal_refuses_a_database_behind_the_migrations(app, world, superuser_sql):
    (former,) = superuser_sql("SELECT version_num FROM getinn_ops.alembic_version")
    superuser_sql("UPDATE getinn_ops.alembic_version SET version_num = '0005'")
    try:
        with pytest.raises(ConfigurationError, match="flask db upgrade"):
            refuse_unsafe(app)
    finally:
        superuser_sql("UPDATE getinn_ops.alembic_version SET version_num = %s", [former.version_num])


def test_the_portal_refuses_an_empty_database(server, world, other_app):
    server.create_database("bare")
    try:
        other = other_app(server.url("bare"))
        with pytest.raises(ConfigurationError, match="flask db upgrade"):
            refuse_unsafe(other)
    finally:
        server.drop_database("bare")


def test_the_portal_refuses_a_table_whose_row_security_was_taken_off(app, world, superuser_sql):
    superuser_sql("ALTER TABLE getinn_ops.store NO FORCE ROW LEVEL SECURITY")
    try:
        with pytest.raises(ConfigurationError, match="store"):
            refuse_unsafe(app)
    finally:
        superuser_sql("ALTER TABLE getinn_ops.store FORCE ROW LEVEL SECURITY")


def test_demo_data_are_refused_where_there_are_accounts(app, world, superuser_sql):
    before = superuser_sql("SELECT count(*) AS n FROM getinn_ops.restaurant")[0].n
    result = app.test_cli_runner().invoke(demo)
    assert result.exit_code == 1
    assert "empty" in result.output
    assert app.test_cli_runner().invoke(demo, ["--if-empty"]).exit_code == 0
    assert superuser_sql("SELECT count(*) AS n FROM getinn_ops.restaurant")[0].n == before


def test_clear_secrets_become_sealed_by_the_same_command(run, world, superuser_sql):
    superuser_sql(
        "UPDATE getinn_ops.bot_platform_credential SET credentials = %s WHERE id = %s",
        [json.dumps({"token": "clear"}), world.pelmenya.telegram_id],
    )
    assert "1 secrets sealed" in run("rotate-credentials").output
    assert all(is_sealed(value) for *_, value in secrets_of(superuser_sql))


def test_a_reset_link_from_the_command_line_opens_the_form_of_a_new_password(app, world, browse):
    answer = app.test_cli_runner().invoke(args=["reset-link", world.pelmenya.owner.email.upper()])
    path = re.search(r"/password/\S+", answer.output).group(0)
    assert browse().get(path).status_code == 200
    refused = app.test_cli_runner().invoke(args=["reset-link", "nobody@example.com"])
    assert refused.exit_code != 0
