"""Mail, received by an SMTP server on this machine."""

import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from config import MailServer
from portal.auth.mailing import (
    deliver_invitation,
    deliver_password_reset,
    deliver_protection_note,
    send_protection_note,
)
from portal.db.base import db
from portal.housekeeping import forget_mails
from portal.mail.models import PAUSES
from portal.users.models import User


@pytest.fixture(autouse=True)
def configured(app, monkeypatch, post_office):
    mail = MailServer("127.0.0.1", post_office.server_address[1], "none", "GET INN <portal@getinn.example>")
    monkeypatch.setitem(app.config, "PORTAL", replace(app.config["PORTAL"], mail=mail))
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://portal.example")


@pytest.fixture
def invite(world, run_job):
    ids = {"invitation_id": str(world.pelmenya.invitation_id), "account_id": str(world.pelmenya.account_id)}
    return lambda: run_job(deliver_invitation, **ids)


@pytest.fixture
def offer_reset(world, run_job):
    ids = {"reset_id": str(world.pelmenya.reset_id), "account_id": str(world.pelmenya.account_id)}
    return lambda: run_job(deliver_password_reset, **ids)


def link_in(mail):
    return re.search(r"https://\S+", mail.get_content())[0]


def test_the_link_in_the_mail_opens_the_invitation(world, browse, invite, post_office):
    invite()
    (mail,) = post_office.mails
    assert mail["To"] == "newcomer@zqpelmenya.example"
    assert mail["From"] == "GET INN <portal@getinn.example>"
    assert world.pelmenya.name in mail.get_content()
    assert world.pelmenya.owner.full_name in mail.get_content()
    address = urlsplit(link_in(mail))
    assert address.netloc == "portal.example"
    page = browse().get(address.path)
    assert page.status_code == 200
    assert world.pelmenya.name in page.text


def test_the_link_in_the_mail_lets_a_person_set_a_new_password(world, browse, offer_reset, post_office):
    offer_reset()
    (mail,) = post_office.mails
    assert mail["To"] == world.pelmenya.viewer.email
    page = browse().get(urlsplit(link_in(mail)).path)
    assert page.status_code == 200
    assert 'type="password"' in page.text


@pytest.mark.parametrize(
    "change",
    [
        "accepted_at = timezone('utc', now())",
        "revoked_at = timezone('utc', now())",
        "expires_at = created_at - interval '1 s'",
    ],
)
def test_an_invitation_that_can_no_longer_be_accepted_is_not_mailed(invite, post_office, superuser_sql, change):
    superuser_sql(f"UPDATE getinn_ops.invitation SET {change}")
    invite()
    assert post_office.mails == []


def test_a_reset_that_was_used_meanwhile_is_not_mailed(offer_reset, post_office, superuser_sql):
    superuser_sql("UPDATE getinn_ops.password_reset SET used_at = timezone('utc', now())")
    offer_reset()
    assert post_office.mails == []


def test_an_invitation_of_another_chain_is_not_found(world, run_job, post_office):
    run_job(
        deliver_invitation,
        invitation_id=str(world.vareniki.invitation_id),
        account_id=str(world.pelmenya.account_id),
    )
    assert post_office.mails == []


def test_line_breaks_in_a_chains_name_make_no_headers(invite, post_office, superuser_sql):
    superuser_sql("UPDATE getinn_ops.account SET name = E'Chain\\r\\nBcc: thief@example.com' WHERE slug = 'pelmenya'")
    invite()
    (mail,) = post_office.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "You are invited to GET INN"


def test_letters_of_any_alphabet_arrive(invite, post_office, superuser_sql):
    superuser_sql("UPDATE getinn_ops.account SET name = 'Пельменья «У дома» 🥟' WHERE slug = 'pelmenya'")
    invite()
    (mail,) = post_office.mails
    assert "Пельменья «У дома» 🥟" in mail.get_content()


def test_links_work_where_only_the_trusted_hosts_are_known(app, monkeypatch, invite, post_office):
    monkeypatch.setitem(app.config, "PUBLIC_URL", None)
    monkeypatch.setitem(app.config, "TRUSTED_HOSTS", ["portal.example"])
    invite()
    assert link_in(post_office.mails[0]).startswith("https://portal.example/")


@pytest.fixture
def delivery(superuser_sql):
    """The state of the cast's invitation's mail."""
    found = "SELECT * FROM getinn_ops.mail_delivery WHERE kind = %s AND account_id = %s"
    return lambda world, kind="invitation": superuser_sql(found, [kind, world.pelmenya.account_id])[0]


@pytest.fixture
def told(superuser_sql):
    """What owners are told of mails."""
    return lambda: superuser_sql("SELECT entity_id, parameters FROM getinn_ops.notice WHERE kind = 'mail_failed'")


def test_a_mail_that_was_taken_is_noted_with_its_moment_and_not_sent_again(world, invite, post_office, delivery):
    invite()
    invite()
    assert len(post_office.mails) == 1
    row = delivery(world)
    assert (row.state, row.fault, row.attempts) == ("sent", None, 1)
    assert row.sent_at is not None


def test_a_mail_server_that_is_down_is_tried_again_later_and_nobody_is_alarmed(
    world, invite, post_office, delivery, told, waiting_jobs
):
    post_office.shutdown()
    post_office.server_close()
    invite()
    row = delivery(world)
    assert (row.state, row.fault, row.attempts) == ("waiting", "unreachable", 1)
    assert row.due_at is not None
    [again] = [job for job in waiting_jobs() if job.task_name == "deliver_invitation"]
    assert again.scheduled_at is not None
    assert again.args["invitation_id"] == str(world.pelmenya.invitation_id)
    assert told() == []


def test_the_last_of_many_tries_fails_and_the_owners_are_told(world, invite, post_office, delivery, told, waiting_jobs):
    post_office.shutdown()
    post_office.server_close()
    for _ in range(len(PAUSES) + 1):
        invite()
    assert (delivery(world).state, delivery(world).fault) == ("failed", "unreachable")
    assert [row.parameters for row in told()] == [{"mail": "invitation", "fault": "unreachable"}]
    jobs = len(waiting_jobs())
    invite()
    assert len(waiting_jobs()) == jobs


@pytest.mark.parametrize(
    ("verb", "code", "state", "fault"),
    [
        (b"RCPT", 550, "failed", "address_refused"),
        (b"RCPT", 450, "waiting", "busy"),
        (b"MAIL", 550, "failed", "portal_refused"),
        (b"MAIL", 421, "waiting", "busy"),
        (b"DATA", 554, "failed", "content_refused"),
        (b"DATA", 451, "waiting", "busy"),
        (b"EHLO", 550, "failed", "portal_refused"),
    ],
)
def test_what_the_server_answers_decides_at_once(world, invite, post_office, delivery, told, verb, code, state, fault):
    post_office.answers[verb] = code
    if verb == b"EHLO":
        post_office.answers[b"HELO"] = code
    invite()
    assert (delivery(world).state, delivery(world).fault) == (state, fault)
    assert [row.entity_id for row in told()] == ([world.pelmenya.invitation_id] if state == "failed" else [])


def test_the_servers_own_words_reach_no_row_and_no_line(world, invite, post_office, superuser_sql, caplog):
    post_office.answers[b"RCPT"] = 550
    invite()
    rows = superuser_sql("SELECT d::text || n::text AS told FROM getinn_ops.mail_delivery d, getinn_ops.notice n")
    assert not any("planted words" in row.told for row in rows)
    assert "planted words" not in caplog.text
    assert "address_refused" in caplog.text


def test_a_reset_that_cannot_be_mailed_tells_the_owners_of_the_person(
    world, browse, offer_reset, post_office, delivery, told
):
    post_office.answers[b"RCPT"] = 550
    offer_reset()
    assert [row.entity_id for row in told()] == [world.pelmenya.viewer.id]
    owner = browse(world.pelmenya.owner)
    assert "the mail server refused the address" in owner.get(owner.account("notices")).text
    page = owner.get(owner.account(f"users/{world.pelmenya.viewer.id}")).text
    assert f"The mail to {world.pelmenya.viewer.email} could not be sent: the mail server refused the address." in page


def test_whoever_asks_for_a_reset_learns_nothing_of_its_mail(world, browse, post_office, offer_reset):
    post_office.answers[b"RCPT"] = 550
    offer_reset()
    answers = []
    for address in (world.pelmenya.viewer.email, "nobody@nowhere.example"):
        answer = browse().post("/password", {"email": address})
        # Each form has its own proof.
        answers.append((answer.status_code, re.sub(r'value="[^"]*"', "", answer.text).replace(address, "")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 200
    assert "refused" not in answers[0][1]


def test_the_pages_say_waiting_then_sent_and_never_mailed_before_it_was(world, browse, invite, post_office):
    owner = browse(world.pelmenya.owner)
    page = f"users/invitations/{world.pelmenya.invitation_id}"
    before = owner.get(owner.account(page)).text
    assert "waits to be sent" in before
    assert "Mailed to" not in before
    assert "Mail is on its way" in owner.get(owner.account("users")).text
    invite()
    assert "Mailed to newcomer@" in owner.get(owner.account(page)).text
    assert "Mail is on its way" not in owner.get(owner.account("users")).text


def test_the_pages_say_why_a_mail_failed_and_offer_to_send_it_again(world, browse, invite, post_office, superuser_sql):
    post_office.answers[b"RCPT"] = 550
    invite()
    owner = browse(world.pelmenya.owner)
    listed = owner.get(owner.account("users")).text
    assert "Mail failed" in listed
    assert "Send again" in listed
    page = owner.get(owner.account(f"users/invitations/{world.pelmenya.invitation_id}")).text
    assert "could not be sent: the mail server refused the address." in page
    again = owner.post(owner.account(f"users/invitations/{world.pelmenya.invitation_id}/renewal"))
    assert again.status_code == 303
    states = superuser_sql("SELECT state FROM getinn_ops.mail_delivery WHERE account_id = %s", [owner.chain.account_id])
    assert sorted(row.state for row in states) == ["failed", "waiting"]


def test_a_mail_that_nobody_needs_any_more_waits_no_longer(world, invite, superuser_sql):
    superuser_sql("UPDATE getinn_ops.invitation SET revoked_at = timezone('utc', now())")
    invite()
    left = superuser_sql("SELECT account_id FROM getinn_ops.mail_delivery")
    assert [row.account_id for row in left] == [world.vareniki.account_id]


def test_what_became_of_old_mails_is_forgotten_and_what_waits_is_not(world, run_job, superuser_sql):
    superuser_sql(
        "SET session_replication_role = replica; UPDATE getinn_ops.mail_delivery SET"
        " updated_at = timezone('utc', now()) - interval '31 days',"
        f" state = CASE WHEN account_id = '{world.pelmenya.account_id}' THEN 'sent' ELSE 'waiting' END;"
        " SET session_replication_role = DEFAULT"
    )
    run_job(forget_mails)
    assert [row.account_id for row in superuser_sql("SELECT account_id FROM getinn_ops.mail_delivery")] == [
        world.vareniki.account_id
    ]


@pytest.mark.parametrize(("event", "words"), [("reset", "was reset"), ("off", "switched off")])
def test_whoever_loses_a_protection_hears_of_it_by_mail(world, run_job, post_office, event, words):
    ids = {"user_id": str(world.pelmenya.owner.id), "account_id": str(world.pelmenya.account_id)}
    run_job(deliver_protection_note, event=event, **ids)
    (mail,) = post_office.mails
    assert mail["To"] == world.pelmenya.owner.email
    assert words in mail.get_content()


def test_a_note_on_sign_in_protection_has_a_row_that_tells_what_became_of_it(
    world, app, run_job, post_office, waiting_jobs, scoped, superuser_sql
):
    kept = "SELECT kind, email, state FROM getinn_ops.mail_delivery WHERE kind = 'protection' ORDER BY created_at"
    with scoped(world.pelmenya.account_id):
        for _time in range(2):
            send_protection_note(db.session.get(User, world.pelmenya.owner.id), "off")
        db.session.commit()
    waiting = [row for row in waiting_jobs() if row.task_name == deliver_protection_note.task.name]
    assert [row.state for row in superuser_sql(kept)] == ["waiting", "waiting"]
    for row in waiting:
        run_job(deliver_protection_note, **row.args)
        run_job(deliver_protection_note, **row.args)
    assert superuser_sql(kept) == [("protection", world.pelmenya.owner.email, "sent")] * 2
    assert len(post_office.mails) == 2
