"""Connections to iiko servers: what is stored of their log-ins, who may touch it, and how many there are."""

import json
import re

import pytest
from sqlalchemy import select

from portal.db.base import db
from portal.db.sealing import place_of, seal_account_secrets
from portal.db.secrets import Place, is_sealed
from portal.iiko.client.answers import Outcome
from portal.integrations.models import AccountIntegrationCredentials

ROWS = "SELECT * FROM getinn_ops.account_integration_credentials WHERE account_id = %s ORDER BY integration_type"
CONNECTIONS = "SELECT * FROM getinn_ops.iiko_connection WHERE account_id = %s"
TYPED = {"base_url": "https://chain.iiko.example:443", "login": "portal", "password": "planted-iiko-password"}


@pytest.fixture
def row(world, superuser_sql):
    """Reads Pelmenya's first connection as it is stored."""
    return lambda: superuser_sql(ROWS, [world.pelmenya.account_id])[0]


@pytest.fixture
def none_yet(superuser_sql):
    """No chain has a connection."""
    superuser_sql("DELETE FROM getinn_ops.account_integration_credentials")


@pytest.fixture
def edit_url(world):
    """The address of the form."""
    return f"/accounts/pelmenya/integrations/{world.pelmenya.integration_id}/edit"


@pytest.fixture
def queued(superuser_sql):
    """Reads the jobs that wait."""
    return lambda: superuser_sql("SELECT task_name, args FROM getinn_ops_jobs.procrastinate_jobs WHERE status = 'todo'")


def login_of(app, stored):
    place = Place("account_integration_credentials", "credentials", stored.id, stored.account_id)
    return dict(app.config["KEYRING"].open(stored.credentials, place))


def test_what_an_owner_types_is_sealed_checked_and_never_shown(
    app, world, browse, superuser_sql, none_yet, row, queued
):
    owner = browse(world.pelmenya.owner)
    answer = owner.post(owner.account("integrations/new"), TYPED)
    assert answer.status_code == 303
    stored = row()
    assert is_sealed(stored.credentials)
    assert login_of(app, stored) == {
        "login": "portal",
        "password": "planted-iiko-password",
        "server": "chain.iiko.example:443",
    }
    assert "word" not in json.dumps(stored.credentials["hints"])
    assert (stored.integration_type, stored.base_url, stored.is_active) == ("iiko", TYPED["base_url"], True)
    (run,) = superuser_sql("SELECT id, purpose, user_id FROM getinn_ops.iiko_run")
    assert (run.purpose, run.user_id) == ("check", world.pelmenya.owner.id)
    (job,) = queued()
    assert job.args == {"run_id": str(run.id), "account_id": str(world.pelmenya.account_id)}
    shown = owner.get(answer.location).text + owner.get(f"{answer.location}/edit").text
    assert "planted-iiko-password" not in shown
    assert "Being checked" in shown
    log = superuser_sql("SELECT before::text AS b, after::text AS a FROM getinn_ops.audit_event")
    assert not [line for line in log if "planted-iiko" in (line.b or "") + (line.a or "")]


def test_a_second_server_needs_a_word_that_tells_it_from_the_others(world, browse, superuser_sql, connection_id):
    owner = browse(world.pelmenya.owner)
    nameless = owner.post(owner.account("integrations/new"), TYPED)
    assert nameless.status_code == 422
    assert 'id="label-errors"' in nameless.text
    assert 'value="portal"' in nameless.text
    for expected in (303, 422):
        answer = owner.post(owner.account("integrations/new"), TYPED | {"label": "Казань"})
        assert answer.status_code == expected
    assert "called so already" in answer.text
    kinds = [each.integration_type for each in superuser_sql(ROWS, [world.pelmenya.account_id])]
    assert kinds == ["iiko", "iiko:Казань"]
    assert len(superuser_sql(CONNECTIONS, [world.pelmenya.account_id])) == 2
    listed = owner.get(owner.account("integrations")).text
    assert "iiko: Казань" in listed
    assert listed.index(">iiko<") < listed.index("iiko: Казань")


def test_an_empty_password_keeps_the_stored_one_at_the_same_server(app, world, browse, row, edit_url):
    owner = browse(world.pelmenya.owner)
    typed = {"base_url": "https://ZQPELMENYA.example/resto", "login": "another", "password": ""}
    assert owner.post(edit_url, typed).status_code == 303
    kept = {"login": "another", "password": world.pelmenya.secrets[2], "server": "zqpelmenya.example"}
    assert login_of(app, row()) == kept


def test_what_was_sealed_for_one_server_is_not_given_to_another(world, browse, scoped, superuser_sql, edit_url):
    browse(world.pelmenya.owner).post(edit_url, TYPED)
    superuser_sql("UPDATE getinn_ops.account_integration_credentials SET base_url = 'https://elsewhere.example'")
    with scoped(world.pelmenya.account_id):
        stored = db.session.scalars(select(AccountIntegrationCredentials)).one()
        assert stored.connection_parts() == ("https://elsewhere.example", "", "")


def test_the_end_of_a_stored_password_is_forgotten_when_secrets_are_sealed_anew(app, scoped, world, row):
    with scoped(world.pelmenya.account_id):
        stored = db.session.scalars(select(AccountIntegrationCredentials)).one()
        content = dict(stored.open_credentials())
        stored.credentials = app.config["KEYRING"].seal(content, place_of(stored), hinted=("password",))
        db.session.flush()
        assert stored.credentials["hints"]["password"].startswith("…")
        seal_account_secrets()
        db.session.commit()
    assert row().credentials["hints"] == {}
    assert login_of(app, row()) == content


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example",
        "https://zqpelmenya.example.elsewhere.example",
        "https://zqpelmenya.example:8443",
        "https://zqpelmenya.example@elsewhere.example",
        "https://elsewhere.example#zqpelmenya.example",
        "https://[zqpelmenya.example",
        "https://zqpelmenya.example\\@elsewhere.example",
    ],
)
def test_another_server_is_never_given_the_stored_password(world, browse, row, edit_url, address):
    before = row()
    answer = browse(world.pelmenya.owner).post(
        edit_url, {"base_url": address, "login": "zqpelmenya-login", "password": ""}
    )
    assert answer.status_code == 422
    assert 'id="password-errors"' in answer.text
    assert row() == before


@pytest.mark.parametrize(
    "address",
    [
        "",
        "chain",
        "http://chain.iiko.example",
        "https://10.0.0.1",
        "https://169.254.169.254/latest",
        "ftp://x.example",
        "https://chain.iiko.example:22",
    ],
)
def test_an_address_that_may_not_be_called_is_refused_beside_its_field(world, browse, row, edit_url, address):
    before = row()
    typed = {"base_url": address, "login": "portal", "password": "typed-password"}
    answer = browse(world.pelmenya.owner).post(edit_url, typed)
    assert answer.status_code == 422
    assert 'id="base_url-errors"' in answer.text
    assert "typed-password" not in answer.text
    assert row() == before


def test_a_server_without_tls_is_explained_and_not_just_refused(world, browse, edit_url):
    typed = {"base_url": "http://chain.iiko.example", "login": "portal", "password": "x"}
    answer = browse(world.pelmenya.owner).post(edit_url, typed)
    assert "Ask your iiko dealer to switch https on" in answer.text


def test_another_address_forgets_what_was_known_and_trusted_of_the_former(
    world, browse, superuser_sql, connection_id, edit_url
):
    superuser_sql(
        "UPDATE getinn_ops.iiko_connection SET pinned_certificate = %s, version = '8.7', corporation_id = 'c',"
        " waits_for = 'password', failures = 5 WHERE id = %s",
        ["ab" * 32, connection_id],
    )
    owner = browse(world.pelmenya.owner)
    same = {"base_url": "https://zqpelmenya.example", "login": "portal", "password": "x"}
    owner.post(edit_url, same)
    (kept,) = superuser_sql(CONNECTIONS, [world.pelmenya.account_id])
    assert (kept.pinned_certificate, kept.version, kept.waits_for, kept.failures) == ("ab" * 32, "8.7", None, 0)
    owner.post(edit_url, TYPED)
    (moved,) = superuser_sql(CONNECTIONS, [world.pelmenya.account_id])
    assert (moved.pinned_certificate, moved.version) == (None, None)
    # Of another company nothing is taken unasked.
    assert moved.corporation_id == "c"


@pytest.mark.parametrize("role", ["manager", "assigned_manager"])
def test_managers_see_the_state_and_may_not_touch_it(world, browse, row, role, edit_url, connection_id):
    browser = browse(getattr(world.pelmenya, role))
    server = edit_url.removesuffix("/edit")
    page = browser.get(browser.account("integrations"))
    assert page.status_code == 200
    assert "zqpelmenya connection error" in page.text
    assert "zqpelmenya-login" not in page.text + browser.get(server).text
    before = row()
    assert browser.get(edit_url).status_code == 403
    assert browser.get(browser.account("integrations/new")).status_code == 403
    for path in ("edit", "check", "preview", "activation", "schedule", "certificate"):
        assert browser.post(f"{server}/{path}", {}).status_code == 403
    for path in ("activation", "certificate"):
        assert browser.delete(f"{server}/{path}").status_code == 403
    assert row() == before


@pytest.mark.parametrize("role", ["chef", "viewer"])
def test_chefs_and_viewers_do_not_come_in(world, browse, role, edit_url):
    browser = browse(getattr(world.pelmenya, role))
    assert browser.get(browser.account("integrations")).status_code == 403
    assert browser.get(edit_url.removesuffix("/edit")).status_code == 403


def test_a_superuser_on_a_visit_checks_and_switches_and_sees_or_replaces_nothing(
    world, browse, row, superuser_sql, edit_url, connection_id
):
    browser = browse(world.superuser, visiting=world.pelmenya)
    server = edit_url.removesuffix("/edit")
    page = browser.get(server).text
    assert "zqpelmenya-login" not in page
    assert "aled" not in re.sub(r"[Ss]ealed", "", page)
    assert f'href="{edit_url}"' not in page
    before = row().credentials
    assert browser.get(edit_url).status_code == 403
    assert browser.post(edit_url, TYPED).status_code == 403
    assert browser.post(f"{server}/certificate", {"fingerprint": "ab" * 32}).status_code == 403
    assert row().credentials == before
    assert browser.post(f"{server}/check").status_code == 303
    (run,) = superuser_sql("SELECT purpose, user_id FROM getinn_ops.iiko_run WHERE connection_id = %s", [connection_id])
    # Nobody of the chain: the visit stands in the log.
    assert (run.purpose, run.user_id) == ("check", None)
    assert browser.delete(f"{server}/activation").status_code == 303
    assert row().is_active is False


def test_a_chain_without_a_connection_is_told_who_connects_it(world, browse, none_yet):
    owner = browse(world.pelmenya.owner)
    listed = owner.get(owner.account("integrations")).text
    assert "iiko is not connected" in listed
    assert "integrations/new" in listed
    manager = browse(world.pelmenya.manager)
    assert "Connect iiko" not in manager.get(manager.account("integrations")).text
    # Of the first server there is no need to say which it is.
    assert 'name="label"' not in owner.get(owner.account("integrations/new")).text


def test_a_chain_with_the_cloud_alone_is_told_what_cannot_come(world, browse, none_yet):
    owner = browse(world.pelmenya.owner)
    told = owner.get(owner.account("integrations")).text
    for missing in ("suppliers", "invoices", "stores", "recipes", "costs"):
        assert missing in told


def test_how_a_server_answered_is_kept_in_english_and_told_in_the_readers_language(app, world, scoped, row, browse):
    with scoped(world.pelmenya.account_id):
        stored = db.session.scalars(select(AccountIntegrationCredentials)).one()
        stored.note_outcome(Outcome.REFUSED)
        db.session.commit()
    assert row().connection_status == "refused"
    assert row().connection_error.isascii()
    assert row().last_connected_at is not None, "the last success stays"
    owner = browse(world.pelmenya.owner)
    overview = owner.get(owner.account(""), headers={"Accept-Language": "ru"}).text
    assert "Log-in refused" not in overview


def test_pages_keep_to_their_number_of_statements(world, browse, statements, edit_url, connection_id):
    owner = browse(world.pelmenya.owner)
    for path, most in ((owner.account("integrations"), 3), (edit_url, 3), (owner.account("integrations/new"), 3)):
        owner.get(path)
        with statements() as counted:
            assert owner.get(path).status_code == 200
        assert counted.total <= most, counted.statements
