"""Attacks leave a trace: a line, a count, for known people a line of the chain's log; each of them bounded."""

import uuid
from datetime import timedelta

import pytest

from portal.attacks.counting import MAX_ADDRESSES, Tally
from portal.attacks.models import AttackKind
from portal.auth.throttle import GUESSES_PER_WINDOW
from portal.housekeeping import tell_of_attacks
from tests.jobs.conftest import run_job
from tests.messaging.receiving.conftest import connect_platform, deliver, hook_of
from tests.telemetry.conftest import lines

__all__ = ["connect_platform", "deliver", "hook_of", "lines", "run_job"]
COUNTS = "SELECT kind, chain_id, address, count FROM getinn_ops.attack_count ORDER BY kind"
LOG = "SELECT * FROM getinn_ops.audit_event WHERE action = 'sign_in_failed' ORDER BY at"


@pytest.fixture(autouse=True)
def nothing_counted(app, world, monkeypatch):
    monkeypatch.setitem(app.extensions, "attacks", Tally())
    app.extensions["guesses"].take()


@pytest.fixture
def write(app):
    """Writes down what was counted, as a process that serves does every few seconds."""
    return app.extensions["batches"].write


@pytest.fixture
def kinds(lines):
    return lambda: [line["kind"] for line in lines.of("portal.attacks")]


def guess(browser, email):
    return browser.post("/login", {"email": email, "password": "wrong"}).status_code


def test_a_failed_sign_in_leaves_a_line_with_the_chain_of_a_known_person(browse, world, lines, kinds):
    guess(browse(), world.pelmenya.owner.email)
    guess(browse(), "nobody@nowhere.example")
    known, unknown = lines.of("portal.attacks")
    assert kinds() == ["sign_in_failed"] * 2
    assert known["account_id"] == str(world.pelmenya.account_id)
    assert known["user_id"] == str(world.pelmenya.owner.id)
    assert "account_id" not in unknown
    assert known["email_hash"] != unknown["email_hash"]
    assert {known["remote_address"], unknown["remote_address"]} == {"127.0.0.1"}


def test_throttled_guesses_leave_a_line_of_their_own(browse, kinds):
    for _ in range(GUESSES_PER_WINDOW + 1):
        guess(browse(), "nobody@nowhere.example")
    assert kinds()[-1] == "sign_in_throttled"


def test_pages_that_are_refused_leave_a_line_of_their_kind(browse, world, kinds):
    chef, other = browse(world.pelmenya.chef), browse(world.vareniki.owner)
    assert chef.get(chef.account("audit")).status_code == 403
    assert other.get("/accounts/pelmenya/restaurants").status_code == 404
    assert other.get("/accounts").status_code == 404
    assert other.get(other.account(f"restaurants/{world.pelmenya.restaurant_id}")).status_code == 404
    assert kinds() == ["page_refused", "chain_refused", "page_refused", "row_refused"]


def test_dead_links_and_forms_without_proof_leave_lines(browse, world, kinds):
    owner = browse(world.pelmenya.owner)
    browse().get("/invitation/" + "S" * 43)
    browse().get("/password/" + "S" * 43)
    owner.post(owner.account("restaurants/archival"), {"ids": "x"}, csrf=False)
    assert kinds() == ["link_refused", "link_refused", "form_refused"]


def test_what_is_allowed_leaves_none(browse, world, kinds):
    owner = browse(world.pelmenya.owner)
    for path in ("", "restaurants", "audit", "users"):
        assert owner.get(owner.account(path)).status_code == 200
    browse().get("/nowhere")
    browse().get("/accounts/pelmenya/")
    assert kinds() == []


def test_a_forged_delivery_names_account_and_bot_where_the_address_is_known(app, world, hook_of, deliver, lines):
    hook = hook_of(world.pelmenya, "telegram")
    deliver(hook, hook.message(1), {"X-Telegram-Bot-Api-Secret-Token": "x" * 43})
    app.test_client().post(f"/hooks/telegram/{uuid.uuid4()}", data=b"{}", base_url="https://localhost")
    forged, unknown = lines.of("portal.attacks")
    assert (forged["kind"], forged["account_id"]) == ("webhook_forged", str(world.pelmenya.account_id))
    assert (forged["bot_id"], forged["platform"]) == (str(world.pelmenya.bot_id), "telegram")
    assert (unknown["kind"], "account_id" in unknown) == ("webhook_unknown", False)


def test_a_flood_of_forged_deliveries_leaves_a_few_lines_and_the_whole_count(
    app, world, hook_of, deliver, lines, write, superuser_sql
):
    hook = hook_of(world.pelmenya, "telegram")
    for _ in range(200):
        assert deliver(hook, hook.message(1), {"X-Telegram-Bot-Api-Secret-Token": "x" * 43}).status_code == 403
    assert len(lines.text) == 3
    write()
    [row] = superuser_sql(COUNTS)
    assert (row.kind, row.chain_id, row.count) == ("webhook_forged", world.pelmenya.account_id, 200)
    assert row.address
    assert "127.0.0.1" not in row.address
    assert app.extensions["attacks"].take() == {}


def test_counts_of_two_processes_are_added_up(app, browse, write, superuser_sql):
    for _ in range(2):
        browse().get("/invitation/" + "S" * 43)
        write()
    write()
    assert [row.count for row in superuser_sql(COUNTS)] == [2]


def test_very_many_addresses_become_few_rows(app, write, superuser_sql):
    tally = app.extensions["attacks"]
    for number in range(MAX_ADDRESSES + 300):
        tally.count(AttackKind.LINK_REFUSED.value, None, f"{number:016x}")
    write()
    rows = superuser_sql(COUNTS)
    assert len(rows) == MAX_ADDRESSES + 1
    assert {row.address: row.count for row in rows}[None] == 300


def test_whoever_addresses_nobody_or_lacks_the_secret_is_refused_without_reading_a_byte(app, world, hook_of):
    class Body:
        def read(self, size=-1):
            raise AssertionError("the body was read")

    environ = {"wsgi.input": Body(), "CONTENT_LENGTH": "50000", "CONTENT_TYPE": "application/json"}
    known = hook_of(world.pelmenya, "telegram").path
    for path in (
        f"/hooks/telegram/{uuid.uuid4()}",
        f"/hooks/viber/{uuid.uuid4()}",
        f"/hooks/nowhere/{uuid.uuid4()}",
        known,
    ):
        answer = app.test_client().post(path, base_url="https://localhost", environ_overrides=environ)
        assert answer.status_code == 403


def test_guesses_at_a_known_person_are_one_line_in_five_minutes_of_the_chains_log(
    browse, world, write, superuser_sql, run_job
):
    person = world.pelmenya.owner
    guess(browse(), person.email)
    write()
    for _ in range(4):
        guess(browse(), person.email)
        write()
    [line] = superuser_sql(LOG)
    assert (line.account_id, line.entity_id, line.actor_id) == (world.pelmenya.account_id, person.id, None)
    assert (line.after, str(line.ip_address)) == ({"failed_sign_ins": 1}, "127.0.0.1")
    superuser_sql("UPDATE getinn_ops.failed_sign_ins SET told_at = told_at - interval '6 minutes'")
    run_job(tell_of_attacks)
    run_job(tell_of_attacks)
    assert [row.after["failed_sign_ins"] for row in superuser_sql(LOG)] == [1, 4]


def test_the_owner_reads_of_guesses_and_the_other_chain_does_not(browse, world, write):
    guess(browse(), world.pelmenya.manager.email)
    write()
    owner, other = browse(world.pelmenya.owner), browse(world.vareniki.owner)
    page = owner.get(owner.account("audit")).text
    assert "Failed sign-ins" in page
    assert "Wrong passwords" in page
    assert world.pelmenya.manager.full_name not in other.get(other.account("audit")).text


def test_guesses_at_nobody_leave_no_row_in_any_chain(browse, write, superuser_sql):
    guess(browse(), "nobody@nowhere.example")
    write()
    assert superuser_sql(LOG) == []
    assert superuser_sql("SELECT 1 FROM getinn_ops.failed_sign_ins WHERE count > 0") == []


def test_a_guess_costs_the_database_the_same_whoever_is_guessed_at(browse, world, statements):
    counts = []
    for email in (world.pelmenya.owner.email, "nobody@nowhere.example"):
        browser = browse()
        with statements() as counted:
            guess(browser, email)
        counts.append(counted.total)
    assert counts[0] == counts[1]


def test_superusers_see_the_last_day_by_kind_chain_and_address(browse, world, write, superuser_sql):
    browse().get("/invitation/" + "S" * 43)
    guess(browse(), world.pelmenya.owner.email)
    write()
    superuser_sql(
        "INSERT INTO getinn_ops.attack_count (hour, kind, count)"
        " VALUES (timezone('utc', now()) - interval '25 hours', 'webhook_unknown', 77)"
    )
    page = browse(world.superuser).get("/attacks")
    assert page.status_code == 200
    for told in ("Failed sign-ins", "Links that are spent or invented", world.pelmenya.name):
        assert told in page.text
    assert "Deliveries to no bot" not in page.text
    assert world.vareniki.name not in page.text


def test_the_page_of_attacks_exists_for_superusers_alone(browse, world):
    assert browse(world.pelmenya.owner).get("/attacks").status_code == 404
    assert browse().get("/attacks").status_code == 302
    assert "Nothing was refused" in browse(world.superuser).get("/attacks").text


def test_old_counts_are_forgotten(superuser_sql, run_job, world):
    superuser_sql(
        "INSERT INTO getinn_ops.attack_count (hour, kind, count) SELECT timezone('utc', now()) - age, 'link_refused', 1"
        " FROM unnest(%s::interval[]) age",
        [[timedelta(days=29), timedelta(days=31)]],
    )
    run_job(tell_of_attacks)
    assert len(superuser_sql(COUNTS)) == 1
