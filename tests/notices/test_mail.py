"""Notices by mail: to those who asked for the kind, may still be told of it, and once."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from config import MailServer
from portal.notices.jobs import MAIL_LIMIT, deliver_notice, forget_old_notices, mail_new_notices


@pytest.fixture
def mails(app, monkeypatch, notices):
    """What was handed to the mail server, as (address, subject, text); there is no notice to begin with."""
    sent = []
    mail = MailServer("127.0.0.1", 25, "none", "GET INN <portal@getinn.example>")
    monkeypatch.setitem(app.config, "PORTAL", replace(app.config["PORTAL"], mail=mail))
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://portal.example")
    monkeypatch.setattr("portal.mail.delivering.send", lambda *letter: sent.append(letter))
    return sent


@pytest.fixture
def work(run_job, waiting_jobs):
    """Lets a minute pass: who gets what is decided, and delivered."""
    done = set()

    def minute():
        run_job(mail_new_notices)
        for row in waiting_jobs():
            if row.task_name == "deliver_notice" and row.id not in done:
                done.add(row.id)
                run_job(deliver_notice, **row.args)

    return minute


@pytest.fixture
def wants(world, browse):
    """``wants(person, "kind")``: chosen on the page, as people do."""

    def choose(person, *kinds):
        assert browse(person).post("/profile/notices", {"kinds": list(kinds)}).status_code == 303

    return choose


def test_a_new_notice_is_mailed_once_in_the_readers_language_with_a_link(
    world, wants, put_notice, work, mails, superuser_sql
):
    chain = world.pelmenya
    wants(chain.owner)
    wants(chain.manager, "connection_failed")
    superuser_sql("UPDATE getinn_ops.\"user\" SET locale = 'ru' WHERE id = %s", [chain.manager.id])
    put_notice(parameters={"reason": "zq reason"}, entity_label="iiko")
    work()
    work()
    [(address, subject, text)] = mails
    assert address == chain.manager.email
    assert subject == f"{chain.name}: Соединение с iiko не работает."
    assert "zq reason" in text
    assert f"https://portal.example/accounts/{chain.slug}/integrations\n" in text
    assert "https://portal.example/profile/notices" in text


def test_who_chose_nothing_gets_nothing(world, wants, put_notice, work, mails, superuser_sql):
    superuser_sql("DELETE FROM getinn_ops.notice_reader")
    put_notice()
    wants(world.pelmenya.owner, "invitation_accepted")
    work()
    assert mails == []


def test_repetitions_are_not_mailed(world, wants, put_notice, work, mails, superuser_sql):
    wants(world.pelmenya.owner, "connection_failed")
    put_notice()
    work()
    superuser_sql("UPDATE getinn_ops.notice SET repetitions = 2, at = timezone('utc', clock_timestamp())")
    work()
    assert len(mails) == 1


def test_what_healed_within_the_minute_is_not_mailed(world, wants, put_notice, work, mails, superuser_sql):
    wants(world.pelmenya.owner, "connection_failed")
    put_notice()
    superuser_sql("UPDATE getinn_ops.notice SET resolved_at = timezone('utc', clock_timestamp())")
    work()
    assert mails == []


@pytest.mark.parametrize(
    "change",
    [
        """UPDATE getinn_ops."user" SET is_active = false WHERE id = %(manager)s""",
        """UPDATE getinn_ops."user" SET role = 'viewer' WHERE id = %(manager)s""",
        "UPDATE getinn_ops.account SET is_active = false WHERE id = %(account)s",
        "UPDATE getinn_ops.notice SET resolved_at = timezone('utc', now())",
        "UPDATE getinn_ops.notice_reader SET mailed_kinds = '{}'",
        "DELETE FROM getinn_ops.notice",
        """INSERT INTO getinn_ops.user_restaurant (account_id, user_id, restaurant_id)
           VALUES (%(account)s, %(manager)s, %(other)s)""",
    ],
)
def test_whoever_may_not_be_told_any_more_gets_no_mail_that_was_queued(
    world,
    wants,
    put_notice,
    run_job,
    waiting_jobs,
    mails,
    superuser_sql,
    change,
):
    chain = world.pelmenya
    superuser_sql("DELETE FROM getinn_ops.notice_reader")
    wants(chain.manager, "connection_failed")
    put_notice(restaurant_id=chain.restaurant_id)
    run_job(mail_new_notices)
    [job] = [row for row in waiting_jobs() if row.task_name == "deliver_notice"]
    superuser_sql(
        change, {"account": chain.account_id, "manager": chain.manager.id, "other": chain.assigned_restaurant_id}
    )
    run_job(deliver_notice, **job.args)
    assert mails == []


def test_a_manager_of_other_restaurants_gets_no_mail(world, wants, put_notice, work, mails):
    chain = world.pelmenya
    wants(chain.owner)
    wants(chain.assigned_manager, "connection_failed")
    put_notice(restaurant_id=chain.restaurant_id)
    work()
    assert mails == []
    put_notice(restaurant_id=chain.assigned_restaurant_id)
    work()
    assert [letter[0] for letter in mails] == [chain.assigned_manager.email]


def test_what_happens_in_one_chain_is_mailed_to_nobody_of_another(world, wants, put_notice, work, mails):
    wants(world.vareniki.owner, "connection_failed")
    wants(world.pelmenya.owner)
    put_notice()
    work()
    assert mails == []


def test_what_began_long_ago_is_not_mailed(world, wants, put_notice, work, mails, superuser_sql):
    wants(world.pelmenya.owner, "connection_failed")
    put_notice()
    superuser_sql("UPDATE getinn_ops.notice SET opened_at = opened_at - %s", [MAIL_LIMIT])
    work()
    assert mails == []


def test_without_a_mail_server_nothing_is_decided(app, world, wants, put_notice, work, mails, monkeypatch, notices):
    wants(world.pelmenya.owner, "connection_failed")
    put_notice()
    monkeypatch.setitem(app.config, "PORTAL", replace(app.config["PORTAL"], mail=None))
    work()
    assert [row.mailed_at for row in notices()] == [None]


def test_people_are_offered_the_kinds_that_they_are_told_of(world, browse, superuser_sql):
    manager = browse(world.pelmenya.manager)
    page = manager.get("/profile/notices").text
    assert 'value="connection_failed"' in page
    assert 'value="invitation_accepted"' not in page
    refused = manager.post("/profile/notices", {"kinds": ["invitation_accepted"]})
    assert refused.status_code == 422
    assert manager.post("/profile/notices", {"kinds": ["connection_failed", "webhook_healed"]}).status_code == 303
    [row] = superuser_sql("SELECT * FROM getinn_ops.notice_reader WHERE user_id = %s", [world.pelmenya.manager.id])
    assert row.mailed_kinds == ["connection_failed", "webhook_healed"]
    page = manager.get("/profile/notices").text
    assert page.count("checked") == 2


def test_choosing_mails_reads_nothing(world, browse, put_notice, superuser_sql):
    put_notice()
    manager = browse(world.pelmenya.manager)
    manager.post("/profile/notices", {"kinds": ["connection_failed"]})
    assert 'class="bell__count"' in manager.get(manager.account("notices")).text


def test_superusers_have_no_mails_to_choose(world, browse):
    assert browse(world.superuser).get("/profile/notices").status_code == 404


def test_what_is_over_for_three_months_is_forgotten_and_what_is_open_stays(
    world,
    put_notice,
    notices,
    run_job,
    superuser_sql,
):
    now = datetime.now(UTC).replace(tzinfo=None)
    old, young = now - timedelta(days=91), now - timedelta(days=89)
    for kind, resolved, age in (
        ("connection_failed", True, old),
        ("connection_failed", True, young),
        ("connection_failed", False, old),
        ("invitation_accepted", False, old),
        ("invitation_accepted", False, young),
    ):
        told = {"age": "old" if age is old else "young"}
        put_notice(kind, parameters=told, updated_at=age, resolved_at=age if resolved else None)
    run_job(forget_old_notices)
    left = {(row.kind, row.resolved_at is not None, row.parameters["age"]) for row in notices()}
    assert left == {
        ("connection_failed", True, "young"),
        ("connection_failed", False, "old"),
        ("invitation_accepted", False, "young"),
    }


def test_so_much_is_forgotten_at_a_time(world, put_notice, notices, run_job, superuser_sql, monkeypatch):
    long_ago = datetime(2020, 1, 1)  # noqa: DTZ001
    for _ in range(3):
        put_notice(updated_at=long_ago, resolved_at=long_ago)
    monkeypatch.setattr("portal.notices.jobs.MAX_FORGOTTEN", 2)
    run_job(forget_old_notices)
    assert len(notices()) == 1
