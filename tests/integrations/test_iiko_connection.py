"""The connection to iiko: what is stored, who may touch it, and what a check finds."""

import json
import re
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.db.base import db
from portal.db.sealing import place_of, seal_account_secrets
from portal.db.secrets import Place, is_sealed
from portal.http.client import TOTAL_SECONDS
from portal.integrations.jobs import check_connection
from portal.integrations.models import CHECK_LIMIT, AccountIntegrationCredentials
from tests.integrations.iiko.test_client import PASSWORD, Answer, FakeIiko

ROW = "SELECT * FROM getinn_ops.account_integration_credentials WHERE account_id = %s"


@pytest.fixture
def iiko():
    """An iiko server on this machine."""
    server = FakeIiko()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def loopback(app, monkeypatch):
    """This machine's own addresses may be called, as in development."""
    monkeypatch.setitem(app.config, "PORTAL", replace(app.config["PORTAL"], allow_loopback_addresses=True))


@pytest.fixture
def row(world, superuser_sql):
    """Reads Pelmenya's connection as it is stored."""
    return lambda: superuser_sql(ROW, [world.pelmenya.account_id])[0]


@pytest.fixture
def queued(superuser_sql):
    """Reads the jobs that wait."""
    return lambda: superuser_sql("SELECT task_name, args FROM getinn_ops_jobs.procrastinate_jobs WHERE status = 'todo'")


@pytest.fixture
def run_check(app, world):
    """Runs the job as the worker does."""

    def run():
        with app.test_request_context():
            check_connection.function(str(world.pelmenya.integration_id), str(world.pelmenya.account_id))
            db.session.commit()

    return run


@pytest.fixture
def point_at(app, world, superuser_sql):
    """Stores an address, log-in and password past the pages."""

    def store(url, login="api", password=PASSWORD):
        place = Place(
            "account_integration_credentials", "credentials", world.pelmenya.integration_id, world.pelmenya.account_id
        )
        sealed = app.config["KEYRING"].seal({"login": login, "password": password}, place)
        superuser_sql(
            "UPDATE getinn_ops.account_integration_credentials SET base_url = %s, credentials = %s,"
            " connection_status = 'checking', connection_error = NULL, last_connected_at = NULL WHERE id = %s",
            [url, json.dumps(sealed), world.pelmenya.integration_id],
        )

    return store


def login_of(app, stored):
    place = Place("account_integration_credentials", "credentials", stored.id, stored.account_id)
    return dict(app.config["KEYRING"].open(stored.credentials, place))


def test_what_an_owner_types_is_sealed_checked_and_never_shown(app, world, browse, superuser_sql, row, queued):
    superuser_sql("DELETE FROM getinn_ops.account_integration_credentials")
    owner = browse(world.pelmenya.owner)
    typed = {"base_url": "https://chain.iiko.example:443", "login": "portal", "password": "planted-iiko-password"}
    answer = owner.post(owner.account("integrations/iiko"), typed)
    assert answer.status_code == 303
    assert is_sealed(row().credentials)
    assert login_of(app, row()) == {
        "login": "portal",
        "password": "planted-iiko-password",
        "server": "chain.iiko.example:443",
    }
    assert "word" not in json.dumps(row().credentials["hints"])
    assert (row().base_url, row().is_active, row().connection_status) == (typed["base_url"], True, "checking")
    (job,) = queued()
    assert job.task_name == "check_connection"
    assert job.args == {"integration_id": str(row().id), "account_id": str(world.pelmenya.account_id)}
    shown = owner.get(answer.location).text + owner.get(owner.account("integrations/iiko")).text
    assert "planted-iiko-password" not in shown
    assert "Being checked" in shown
    log = superuser_sql("SELECT before::text AS b, after::text AS a FROM getinn_ops.audit_event")
    assert not [line for line in log if "planted-iiko" in (line.b or "") + (line.a or "")]


def test_an_empty_password_keeps_the_stored_one_at_the_same_server(app, world, browse, row):
    owner = browse(world.pelmenya.owner)
    typed = {"base_url": "https://ZQPELMENYA.example/resto", "login": "another", "password": ""}
    assert owner.post(owner.account("integrations/iiko"), typed).status_code == 303
    kept = {"login": "another", "password": world.pelmenya.secrets[2], "server": "zqpelmenya.example"}
    assert login_of(app, row()) == kept


def test_what_was_sealed_for_one_server_is_not_sent_to_another(app, world, browse, iiko, superuser_sql, row, run_check):
    owner = browse(world.pelmenya.owner)
    typed = {"base_url": "https://chain.iiko.example", "login": "portal", "password": "planted-iiko-password"}
    owner.post(owner.account("integrations/iiko"), typed)
    superuser_sql("UPDATE getinn_ops.account_integration_credentials SET base_url = %s", [iiko.url])
    run_check()
    assert "Type it again" in row().connection_error
    assert iiko.calls == []


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
def test_another_server_is_never_given_the_stored_password(world, browse, row, address):
    owner = browse(world.pelmenya.owner)
    before = row()
    answer = owner.post(
        owner.account("integrations/iiko"), {"base_url": address, "login": "zqpelmenya-login", "password": ""}
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
def test_an_address_that_may_not_be_called_is_refused_beside_its_field(world, browse, row, address):
    owner = browse(world.pelmenya.owner)
    before = row()
    answer = owner.post(
        owner.account("integrations/iiko"), {"base_url": address, "login": "portal", "password": "typed-password"}
    )
    assert answer.status_code == 422
    assert 'id="base_url-errors"' in answer.text
    assert "typed-password" not in answer.text
    assert row() == before


@pytest.mark.parametrize("role", ["manager", "assigned_manager"])
def test_managers_see_the_state_and_may_not_touch_it(world, browse, row, role):
    browser = browse(getattr(world.pelmenya, role))
    page = browser.get(browser.account("integrations"))
    assert page.status_code == 200
    assert "zqpelmenya connection error" in page.text
    assert "zqpelmenya-login" not in page.text
    before = row()
    assert browser.get(browser.account("integrations/iiko")).status_code == 403
    for path in ("iiko", "iiko/check", "iiko/activation"):
        assert browser.post(browser.account(f"integrations/{path}"), {}).status_code == 403
    assert browser.delete(browser.account("integrations/iiko/activation")).status_code == 403
    assert row() == before


@pytest.mark.parametrize("role", ["chef", "viewer"])
def test_chefs_and_viewers_do_not_come_in(world, browse, role):
    browser = browse(getattr(world.pelmenya, role))
    assert browser.get(browser.account("integrations")).status_code == 403


def test_a_superuser_on_a_visit_checks_and_switches_and_sees_or_replaces_nothing(world, browse, row, queued):
    browser = browse(world.superuser, visiting=world.pelmenya)
    page = browser.get(browser.account("integrations")).text
    assert "zqpelmenya-login" not in page
    assert "aled" not in re.sub(r"[Ss]ealed", "", page)
    assert 'href="/accounts/pelmenya/integrations/iiko"' not in page
    before = row().credentials
    assert browser.get(browser.account("integrations/iiko")).status_code == 403
    typed = {"base_url": "https://zqpelmenya.example", "login": "x", "password": "y" * 20}
    assert browser.post(browser.account("integrations/iiko"), typed).status_code == 403
    assert row().credentials == before
    assert browser.post(browser.account("integrations/iiko/check")).status_code == 303
    assert browser.delete(browser.account("integrations/iiko/activation")).status_code == 303
    assert (row().is_active, len(queued())) == (False, 1)


def test_the_switch_works_with_and_without_htmx(world, browse, row):
    owner = browse(world.pelmenya.owner)
    path = owner.account("integrations/iiko/activation")
    plain = owner.post(path, {"_method": "DELETE"})
    assert (plain.status_code, row().is_active) == (303, False)
    swapped = owner.post(path, htmx=True)
    assert (swapped.status_code, row().is_active) == (200, True)
    assert swapped.text.strip().startswith('<section class="card" id="integration-iiko"')
    assert "iiko is switched on." in swapped.text


def test_what_is_not_connected_cannot_be_switched_or_checked(world, browse, superuser_sql):
    superuser_sql("DELETE FROM getinn_ops.account_integration_credentials")
    owner = browse(world.pelmenya.owner)
    assert "iiko is not connected" in owner.get(owner.account("integrations")).text
    for path in ("iiko/check", "iiko/activation", "other/activation", "other"):
        assert owner.post(owner.account(f"integrations/{path}"), {}).status_code == 404
    manager = browse(world.pelmenya.manager)
    assert "Connect iiko" not in manager.get(manager.account("integrations")).text


def test_a_working_connection_is_found_connected_and_gives_its_seat_back(world, browse, iiko, point_at, row, run_check):
    point_at(iiko.url)
    run_check()
    assert (row().connection_status, row().connection_error) == ("connected", None)
    assert row().last_connected_at is not None
    assert iiko.seats == set()
    assert iiko.calls == ["auth", "corporation/departments", "logout"]
    owner = browse(world.pelmenya.owner)
    assert "Connected" in owner.get(owner.account("integrations")).text


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ({"auth": [Answer("Неверный пароль", 401)]}, "refused"),
        ({"auth": [Answer("License enhancement is required", 403)]}, "no_licence"),
        ({"auth": [Answer("<html>moved</html>", kind="text/html")]}, "wrong_address"),
        ({"corporation/departments": [Answer("out of order", 500)]}, "failed"),
    ],
)
def test_what_goes_wrong_is_kept_in_words_and_the_last_success_stays(
    world, browse, iiko, point_at, superuser_sql, row, run_check, script, status
):
    point_at(iiko.url)
    superuser_sql("UPDATE getinn_ops.account_integration_credentials SET last_connected_at = '2026-01-02 03:04'")
    iiko.script.update(script)
    run_check()
    assert row().connection_status == status
    assert row().connection_error
    assert PASSWORD not in row().connection_error
    assert row().last_connected_at.year == 2026
    owner = browse(world.pelmenya.owner)
    assert row().connection_error in owner.get(owner.account("integrations")).text.replace("&#39;", "'")


def test_a_server_that_is_down_is_told_as_unreachable(iiko, point_at, row, run_check):
    point_at(iiko.url)
    iiko.shutdown()
    iiko.server_close()
    run_check()
    assert row().connection_status == "unreachable"


def test_a_private_address_is_not_called_where_that_is_not_allowed(app, monkeypatch, iiko, point_at, row, run_check):
    monkeypatch.setitem(app.config, "PORTAL", replace(app.config["PORTAL"], allow_loopback_addresses=False))
    point_at(iiko.url)
    run_check()
    assert (row().connection_status, iiko.calls) == ("wrong_address", [])


def test_credentials_whose_key_is_lost_are_told_as_such(world, point_at, superuser_sql, row, run_check):
    point_at("https://zqpelmenya.example")
    superuser_sql(
        "UPDATE getinn_ops.account_integration_credentials"
        " SET credentials = jsonb_set(credentials, '{kid}', '\"lost\"')"
    )
    run_check()
    assert row().connection_status == "failed"
    assert "Type it again" in row().connection_error


def test_clear_credentials_of_an_older_writer_are_checked_as_they_are(iiko, point_at, superuser_sql, row, run_check):
    point_at(iiko.url)
    superuser_sql(
        "UPDATE getinn_ops.account_integration_credentials SET credentials = %s",
        [json.dumps({"login": "api", "password": PASSWORD})],
    )
    run_check()
    assert row().connection_status == "connected"


def test_odd_credentials_of_an_older_writer_end_the_check(iiko, point_at, superuser_sql, row, run_check):
    for odd in ({"login": ["a"], "password": 7}, {"token": "x"}, {}, [], "text"):
        point_at(iiko.url)
        superuser_sql(
            "UPDATE getinn_ops.account_integration_credentials SET credentials = %s::jsonb", [json.dumps(odd)]
        )
        run_check()
        assert row().connection_status in ("failed", "refused"), odd


def test_an_answer_about_a_former_log_in_is_not_kept(iiko, point_at, row, run_check):
    point_at(iiko.url)

    def replaced_meanwhile(given):
        point_at(iiko.url, login="another")
        return Answer("Неверный пароль", 401)

    iiko.do_auth = replaced_meanwhile
    run_check()
    assert row().connection_status == "checking"


def test_a_second_press_asks_for_no_second_check(world, browse, queued, row):
    owner = browse(world.pelmenya.owner)
    for _ in range(2):
        assert owner.post(owner.account("integrations/iiko/check")).status_code == 303
    assert row().connection_status == "checking"
    assert len(queued()) == 1


def test_a_check_that_never_answered_can_be_asked_for_again(world, browse, queued, superuser_sql):
    superuser_sql(
        "SET session_replication_role = replica;"
        "UPDATE getinn_ops.account_integration_credentials SET connection_status = 'checking',"
        " updated_at = timezone('utc', now()) - interval '1 hour'; SET session_replication_role = DEFAULT"
    )
    owner = browse(world.pelmenya.owner)
    page = owner.get(owner.account("integrations")).text
    assert 'hx-trigger="every' not in page
    owner.post(owner.account("integrations/iiko/check"))
    assert len(queued()) == 1


def test_the_card_follows_a_check_by_itself_and_stops_when_it_has_ended(world, browse, iiko, point_at, run_check):
    point_at(iiko.url)
    owner = browse(world.pelmenya.owner)
    waiting = owner.get(owner.account("integrations"), htmx=True)
    assert waiting.text.strip().startswith('<section class="card" id="integration-iiko"')
    assert "hx-trigger" in waiting.text.split(">")[0]
    run_check()
    ended = owner.get(owner.account("integrations"), htmx=True)
    assert "hx-trigger" not in ended.text.split(">")[0]
    assert "Connected" in ended.text


def test_a_reader_of_russian_is_told_the_error_in_russian(world, browse, iiko, point_at, run_check, row, monkeypatch):
    point_at(iiko.url)
    iiko.script["auth"] = [Answer("Неверный пароль", 401)]
    run_check()
    assert row().connection_error.isascii()
    asked = []
    monkeypatch.setattr("portal.integrations.models._", lambda text: asked.append(text) or "по-русски")
    owner = browse(world.pelmenya.owner)
    assert "по-русски" in owner.get(owner.account("integrations")).text
    assert row().connection_error in asked


def test_no_transaction_is_open_while_iiko_is_asked(iiko, point_at, superuser_sql, run_check):
    point_at(iiko.url)
    open_ones = []

    def look(given):
        open_ones.extend(
            superuser_sql(
                "SELECT query FROM pg_stat_activity WHERE state LIKE 'idle in transaction%%'"
                " AND datname = current_database()"
            )
        )
        return Answer("Неверный пароль", 401)

    iiko.do_auth = look
    run_check()
    assert iiko.calls
    assert open_ones == []


def test_pages_keep_to_their_number_of_statements(world, browse, statements):
    owner = browse(world.pelmenya.owner)
    for path in ("integrations", "integrations/iiko"):
        with statements() as counted:
            assert owner.get(owner.account(path)).status_code == 200
        assert counted.total <= 4, counted.statements


def test_the_limit_of_a_check_is_longer_than_its_calls_may_take():
    # Log in, look, log out; once more where the token has expired.
    assert timedelta(seconds=6 * TOTAL_SECONDS) < CHECK_LIMIT
