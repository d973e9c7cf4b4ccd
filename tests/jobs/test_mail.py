"""Mail, received by an SMTP server on this machine."""

import re
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from config import MailServer
from portal.auth.mailing import deliver_invitation, deliver_password_reset, deliver_protection_note


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


def test_a_mail_server_that_is_down_fails_the_job_which_is_tried_again(invite, post_office):
    post_office.shutdown()
    post_office.server_close()
    with pytest.raises(OSError, match="refused"):
        invite()
    assert deliver_invitation.task.retry_strategy.max_attempts == 4


@pytest.mark.parametrize(("event", "words"), [("reset", "was reset"), ("off", "switched off")])
def test_whoever_loses_a_protection_hears_of_it_by_mail(world, run_job, post_office, event, words):
    ids = {"user_id": str(world.pelmenya.owner.id), "account_id": str(world.pelmenya.account_id)}
    run_job(deliver_protection_note, event=event, **ids)
    (mail,) = post_office.mails
    assert mail["To"] == world.pelmenya.owner.email
    assert words in mail.get_content()
