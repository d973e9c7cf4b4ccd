"""The page of a server: how it stands in a sentence, what to do, its check, its seat, its schedule, its certificate."""

import re

import pytest

from portal.iiko.kinds import KINDS
from tests.iiko.pages.conftest import S, ago

FINGERPRINT = "0a1b" * 16


@pytest.fixture
def known(superuser_sql, connection_id, world):
    """``known(**columns)``: what is kept of Pelmenya's server."""

    def store(**values):
        told = ", ".join(f"{key} = %s" for key in values)
        superuser_sql(f"UPDATE {S}.iiko_connection SET {told} WHERE id = %s", [*values.values(), connection_id])

    return store


@pytest.fixture
def kept(superuser_sql, connection_id):
    """Reads what is kept of Pelmenya's server."""
    return lambda: superuser_sql(f"SELECT * FROM {S}.iiko_connection WHERE id = %s", [connection_id])[0]


@pytest.fixture
def runs(superuser_sql, connection_id):
    """Reads the runs over it."""
    query = f"SELECT * FROM {S}.iiko_run WHERE connection_id = %s ORDER BY created_at"
    return lambda: superuser_sql(query, [connection_id])


def state_of(page):
    """The card of the state, as text."""
    card = page.split('id="iiko-server"')[1].split("</section>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", card.split(">", 1)[1]))


@pytest.mark.parametrize(
    ("waits_for", "told"),
    [
        ("password", "Nothing more is tried until an owner types them again"),
        ("licence", "Buy it from your iiko dealer"),
        ("certificate", "compare its fingerprint"),
        ("address", "Compare it with the address in iikoOffice"),
    ],
)
def test_what_a_server_waits_for_says_what_a_person_does(world, browse, known, server_url, waits_for, told):
    known(waits_for=waits_for)
    page = browse(world.pelmenya.owner).get(server_url).text
    assert "Needs you" in state_of(page)
    assert told in state_of(page)


def test_a_check_says_of_each_kind_whether_it_may_be_read_and_what_became_of_the_seat(
    world, browse, put_run, server_url
):
    lacks = {"failure": {"right": "B_EN"}}
    old = {"failure": {"version": "3.8"}}
    put_run(
        "done", purpose="check", restaurants_seen=0, seat_opened_at=ago(minutes=3), seat_returned_at=ago(minutes=2),
        kinds={
            "departments": {"state": "done"},
            "suppliers": {"state": "failed", "failure": "not_offered", "details": old},
            "products": {"state": "failed", "failure": "no_right", "details": lacks},
        },
    )  # fmt: skip
    page = browse(world.pelmenya.owner).get(server_url).text
    told = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.split("What the last check found")[1]))
    assert "Licence seat Taken and returned" in told
    assert "Restaurants seen The iiko user sees none." in told
    assert "Restaurants Allowed" in told
    assert "Version 3.8 of this iiko server does not offer this. Not offered" in told
    assert "The iiko user lacks the right B_EN" in told
    assert "Not allowed" in told


def test_a_seat_that_did_not_come_back_is_told_with_its_hour(world, browse, put, connection_id, server_url, put_run):
    put("iiko_session", connection_id=connection_id, server_key="k", opened_at=ago(minutes=20))
    owner = browse(world.pelmenya.owner)
    assert "A licence seat of ours may be taken until" in owner.get(server_url).text
    # The one of a run under way is in use.
    put_run("reading")
    assert "A licence seat of ours may be taken until" not in owner.get(server_url).text


def test_the_page_follows_a_run_by_itself_and_stops_when_it_has_ended(
    world, browse, put_run, server_url, superuser_sql
):
    owner = browse(world.pelmenya.owner)
    run_id = put_run("waiting")
    part = owner.get(server_url, htmx=True).text.strip()
    assert part.startswith('<div class="stack" id="iiko-server"')
    assert "hx-trigger" in part.split(">")[0]
    assert "Another run is reading this server" in part
    assert "Preview the synchronisation" not in part
    superuser_sql(f"UPDATE {S}.iiko_run SET state = 'cancelled' WHERE id = %s", [run_id])
    ended = owner.get(server_url, htmx=True).text.strip()
    assert "hx-trigger" not in ended.split(">")[0]
    assert "Preview the synchronisation" in ended
    listed = owner.get(owner.account("integrations"), htmx=True).text.strip()
    assert listed.startswith('<section class="card" id="iiko-servers"')
    assert "hx-trigger" not in listed.split(">")[0]


def test_a_press_asks_for_one_check_and_begins_anew_what_waited(world, browse, known, kept, runs, server_url):
    known(waits_for="licence", failures=4)
    owner = browse(world.pelmenya.owner)
    for _ in range(2):
        assert owner.post(f"{server_url}/check").location == server_url
    assert [(run.purpose, run.user_id) for run in runs()] == [("check", world.pelmenya.owner.id)]
    assert (kept().waits_for, kept().failures) == (None, 0)


def test_a_preview_is_asked_for_and_shown(world, browse, runs, server_url):
    owner = browse(world.pelmenya.owner)
    answer = owner.post(f"{server_url}/preview")
    (run,) = runs()
    assert (run.purpose, run.kinds) == ("preview", list(KINDS))
    assert answer.location == owner.account(f"integrations/runs/{run.id}")
    assert "A run begins in a moment." in owner.get(answer.location).text


def test_what_is_switched_off_is_not_read_and_can_be_switched_on(world, browse, known, runs, server_url, superuser_sql):
    owner = browse(world.pelmenya.owner)
    assert owner.post(f"{server_url}/activation", {"_method": "DELETE"}).location == server_url
    page = owner.get(server_url).text
    assert "Switched off: nothing is read, and nothing is changed." in state_of(page)
    assert "Preview the synchronisation" not in page
    assert owner.post(f"{server_url}/preview").status_code == 409
    assert runs() == []
    assert owner.post(f"{server_url}/activation").status_code == 303
    (row,) = superuser_sql(
        f"SELECT is_active FROM {S}.account_integration_credentials WHERE id = %s", [world.pelmenya.integration_id]
    )
    assert row.is_active


def test_the_schedule_is_saved_and_a_bad_time_is_refused_beside_its_field(
    world, browse, kept, server_url, superuser_sql, connection_id
):
    owner = browse(world.pelmenya.owner)
    form = owner.get(f"{server_url}/schedule").text
    assert 'value="04:00"' in form
    bad = owner.post(f"{server_url}/schedule", {"is_scheduled": "y", "night_at": "25:99", "timezone": "Asia/Omsk"})
    assert bad.status_code == 422
    assert 'id="night_at-errors"' in bad.text
    assert "Write a time such as 04:00." in bad.text
    assert 'value="25:99"' in bad.text
    owner.post(f"{server_url}/schedule", {"night_at": "03:30", "timezone": "Asia/Omsk"})
    assert (kept().is_scheduled, str(kept().night_at), kept().timezone) == (False, "03:30:00", "Asia/Omsk")
    (line,) = superuser_sql(
        "SELECT before, after FROM getinn_ops.audit_event WHERE entity_id = %s AND action = 'edited'", [connection_id]
    )
    assert line.after == {"is_scheduled": False, "night_at": "03:30:00", "timezone": "Asia/Omsk"}
    assert "only when somebody asks for a preview" in owner.get(server_url).text


def test_a_server_of_an_older_writer_works_without_anything_kept_of_it(
    world, browse, connection_id, superuser_sql, server_url
):
    superuser_sql(f"DELETE FROM {S}.iiko_connection WHERE id = %s", [connection_id])
    owner = browse(world.pelmenya.owner)
    for path in ("", "/schedule", "/runs", "/edit"):
        assert owner.get(f"{server_url}{path}").status_code == 200
    assert owner.post(f"{server_url}/check").status_code == 303
    (row,) = superuser_sql(
        f"SELECT id FROM {S}.iiko_connection WHERE integration_id = %s", [world.pelmenya.integration_id]
    )
    assert row.id != connection_id


def test_an_owner_compares_and_trusts_the_certificate_that_was_shown_and_no_other(
    world, browse, known, kept, runs, server_url, superuser_sql, connection_id
):
    known(shown_certificate=FINGERPRINT, waits_for="certificate")
    owner = browse(world.pelmenya.owner)
    page = owner.get(server_url).text
    assert "0A:1B:0A:1B" in page.replace("<wbr>", "")
    owner.post(f"{server_url}/certificate", {"fingerprint": "ff" * 32})
    assert kept().pinned_certificate is None
    owner.post(f"{server_url}/certificate", {"fingerprint": FINGERPRINT})
    assert (kept().pinned_certificate, kept().waits_for) == (FINGERPRINT, None)
    assert [run.purpose for run in runs()] == ["check"]
    told = superuser_sql(
        "SELECT after FROM getinn_ops.audit_event WHERE entity_id = %s AND action = 'edited'", [connection_id]
    )
    assert [line.after for line in told] == [{"pinned_certificate": FINGERPRINT}]
    assert "only while it shows the certificate" in owner.get(server_url).text
    owner.delete(f"{server_url}/certificate")
    assert kept().pinned_certificate is None


def test_whoever_was_signed_in_long_ago_proves_themselves_before_a_certificate_is_trusted(
    world, browse, known, kept, server_url, superuser_sql
):
    known(shown_certificate=FINGERPRINT)
    owner = browse(world.pelmenya.owner)
    superuser_sql("UPDATE getinn_ops.user_session SET confirmed_at = timezone('utc', now()) - interval '11 minutes'")
    answer = owner.post(f"{server_url}/certificate", {"fingerprint": FINGERPRINT})
    assert 'id="proof"' in answer.text
    assert kept().pinned_certificate is None


def test_what_a_server_says_is_shown_as_text(world, browse, known, put_run, server_url):
    known(server_name="<script>alert(1)</script>", version="<b>8</b>")
    put_run("failed", failure="business", details={"failure": {"text": "<img src=x>\nsecond line"}})
    page = browse(world.pelmenya.owner).get(server_url).text
    assert "<script>alert" not in page
    assert "<b>8" not in page
    assert "<img src=x" not in page
    assert "second line" in page


def test_owners_are_told_what_to_prepare_in_iiko(world, browse, server_url):
    page = browse(world.pelmenya.owner).get(f"{server_url}/edit").text
    assert "A user of its own for the portal" in page
    assert "B_EN for products and recipes" in page
    assert "One seat of the API licence" in page


def test_pages_of_a_server_keep_to_their_number_of_statements(
    world, browse, statements, put_run, server_url, superuser_sql
):
    owner = browse(world.pelmenya.owner)

    def cost():
        owner.get(server_url)
        with statements() as counted:
            owner.get(server_url)
        return counted.total

    put_run("done", purpose="check", kinds={"departments": {"state": "done"}})
    few = cost()
    for _ in range(12):
        put_run("done", kinds={"departments": {"state": "done"}})
    assert cost() == few <= 9
