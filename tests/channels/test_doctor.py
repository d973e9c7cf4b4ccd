"""The webhook's doctor: looks by itself, puts right what can be put right, and says so only where it is news."""

import threading

import pytest

from portal.channels.queries import claim_due
from portal.channels.webhook_health.jobs import look_after_platforms
from portal.db.types import utc_now
from portal.tenancy.scope import system_scope

ELSEWHERE = "https://other-tool.example/hook"


@pytest.fixture
def live(office, bot):
    """The office with a bot that is connected."""
    office.switch_off_and_on()
    office.before = len(office.timeline)
    return office


def news(office):
    return office.timeline[office.before :]


def last_checked(office):
    return office.credential.webhook_last_checked


def forget_the_last_check(office):
    office.sql("UPDATE getinn_ops.bot_platform_credential SET webhook_last_checked = NULL")


def test_a_healthy_webhook_is_looked_at_when_its_time_has_come_and_nothing_is_written(live, bot):
    forget_the_last_check(live)
    live.look_after()
    assert last_checked(live) is None
    live.visit()
    assert last_checked(live) is not None
    assert news(live) == []


def test_a_stolen_webhook_is_taken_back_and_the_timeline_tells_of_it(live, bot):
    bot.steal_webhook()
    live.visit()
    assert bot.webhook.url == live.address
    assert news(live) == [("check", "taken_over", "set_webhook", "healed")]
    page = live.page()
    assert "Another program has directed" in page
    assert "other-tool.example" in page
    assert "/hook<" not in page
    live.visit()
    assert len(news(live)) == 1


def test_who_is_asked_to_come_again_in_a_moment_does_so_at_once(live, bot, fake):
    bot.steal_webhook()
    fake.faults.throttle(times=1, retry_after=1, on="set_webhook")
    live.visit()
    assert bot.webhook.url == live.address
    assert news(live) == [("check", "taken_over", "set_webhook", "healed")]


@pytest.mark.parametrize("harm", ["removed", "narrowed", "refused"])
def test_what_setting_the_webhook_again_puts_right_is_put_right(live, bot, fake, harm):
    if harm == "removed":
        bot.steal_webhook("")
    elif harm == "narrowed":
        bot.webhook.allowed = ["message"]
    else:
        bot.webhook.note_error("Wrong response from the webhook: 403 Forbidden", fake.now())
    live.visit()
    causes = {"removed": "not_set", "narrowed": "allowed_updates_differ", "refused": "secret_refused"}
    assert news(live) == [("check", causes[harm], "set_webhook", "healed")]
    assert bot.webhook.url == live.address
    assert set(bot.webhook.allowed) > {"message"}


def test_two_tools_that_steal_from_each_other_do_not_go_on_for_ever(live, bot):
    for _ in range(6):
        bot.steal_webhook()
        live.visit()
    assert bot.webhook.url == ELSEWHERE
    assert [line[3] for line in news(live)] == ["healed", "healed", "healed", "stopped"]
    assert (live.connection.state, live.connection.problem) == ("failing", "fought_over")
    page = live.press("/webhook")
    assert "Another program takes the bot" in page
    live.work()
    assert bot.webhook.url == live.address
    assert live.connection.state == "live"


def test_errors_of_our_own_are_told_and_left_to_pass(live, bot, fake):
    bot.webhook.note_error("Wrong response from the webhook: 500 Internal Server Error", fake.now())
    calls = len(fake.calls_of("set_webhook"))
    for _ in range(3):
        live.visit()
    assert news(live) == [("check", "our_errors", None, "failed")]
    assert len(fake.calls_of("set_webhook")) == calls
    assert "could not deliver messages to the portal" in live.page()
    bot.webhook.last_error_at = None
    live.visit()
    assert news(live)[1:] == [("check", "our_errors", None, "recovered")]
    assert live.connection.state == "live"


def test_a_revoked_token_is_noticed_and_so_is_its_return(live, bot):
    bot.revoke()
    for _ in range(3):
        live.visit()
    assert news(live) == [("check", "token_revoked", None, "failed")]
    assert live.connection.state == "failing"
    bot.restore()
    live.visit()
    assert live.connection.state == "live"
    assert news(live)[-1][3] == "recovered"


def test_one_answer_that_fails_to_come_is_no_news_and_no_check(live, bot, fake):
    forget_the_last_check(live)
    fake.faults.fail(times=2)
    live.visit()
    assert (live.connection.state, news(live), last_checked(live)) == ("live", [], None)
    live.visit()
    assert live.connection.state == "failing"
    assert news(live) == [("check", "unreachable", None, "failed")]
    assert last_checked(live) is None
    live.visit()
    assert live.connection.state == "live"


def test_the_longer_it_fails_the_later_it_is_tried_again(live, bot, fake):
    bot.revoke()
    waits = []
    for _ in range(12):
        live.visit()
        waits.append(
            live.sql(
                "SELECT extract(epoch FROM due_at - timezone('utc', now()))::float AS s"
                " FROM getinn_ops.bot_connection WHERE id = %s",
                [live.connection.id],
            )[0].s
        )
    assert waits[0] <= 30
    assert waits[4] > waits[0] * 4
    assert 1100 < waits[-1] <= 1800


def test_without_automatic_refresh_nothing_is_looked_at_and_nothing_put_right(live, bot, fake):
    live.press("/refresh", "DELETE")
    bot.steal_webhook()
    live.visit()
    assert live.connection.due_at is None
    live.press("/check")
    live.work()
    assert bot.webhook.url == ELSEWHERE
    assert (live.connection.state, live.connection.problem) == ("failing", "taken_over")
    assert news(live)[-1] == ("check_asked", "taken_over", None, "failed")
    assert "Connect again" in live.page()
    live.press("/refresh")
    live.look_after()
    assert bot.webhook.url == live.address


def test_asked_to_check_the_page_follows_until_it_is_done(live, bot, fake):
    page = live.press("/check")
    assert 'hx-trigger="every 2s"' in page
    bot.name = "Renamed bot"
    live.work()
    page = live.page()
    assert 'hx-trigger="every 2s"' not in page
    assert "Renamed bot" in page
    assert "All is well" in page
    assert news(live) == [("check_asked", None, None, "healthy")]


def test_a_check_of_a_platform_that_is_off_proves_the_token_and_sets_nothing(office, bot, fake):
    office.press("/activation", "DELETE")
    office.work()
    bot.revoke()
    office.press("/check")
    office.work()
    assert office.timeline[-1] == ("check_asked", "token_revoked", None, "failed")
    assert office.connection.state == "off"
    office.visit()
    assert office.connection.state == "off"
    assert fake.calls_of("set_webhook") == []


def test_a_platform_that_an_older_program_switched_on_is_left_alone_until_somebody_asks(office, bot, superuser_sql):
    superuser_sql("DELETE FROM getinn_ops.bot_connection")
    bot.steal_webhook()
    office.look_after()
    assert bot.webhook.url == ELSEWHERE
    assert "the portal has not looked yet" in office.page()
    office.press("/check")
    office.work()
    assert bot.webhook.url == office.address
    assert office.connection.state == "live"


def test_polling_with_a_webhook_in_the_way_removes_it(office, bot, app, monkeypatch):
    monkeypatch.setitem(app.config, "PUBLIC_URL", None)
    office.switch_off_and_on()
    bot.steal_webhook()
    office.visit()
    assert bot.webhook.url == ""
    assert office.timeline[-1] == ("check", "in_the_way", "poll", "healed")


def test_a_portal_that_loses_or_gains_its_public_address_follows_at_once(live, bot, app, monkeypatch):
    monkeypatch.setitem(app.config, "PUBLIC_URL", None)
    live.look_after()
    assert (bot.webhook.url, live.connection.state) == ("", "polling")
    monkeypatch.setitem(app.config, "PUBLIC_URL", "https://portal.example")
    live.sql("UPDATE getinn_ops.bot_connection SET due_at = due_at + interval '10 minutes'")
    live.look_after()
    assert (bot.webhook.url, live.connection.state) == (live.address, "live")


def test_a_messenger_that_hangs_holds_up_nobody_else_and_no_transaction(live, bot, fake, superuser_sql, run_job):
    fake.faults.hang(times=1, on="inspect")
    live.make_due()
    hung = threading.Thread(target=run_job, args=[look_after_platforms])
    hung.start()
    fake.wait_until(lambda: fake.calls_of("inspect"))
    open_ones = superuser_sql(
        "SELECT query FROM pg_stat_activity WHERE state = 'idle in transaction' AND query LIKE '%%bot_connection%%'"
    )
    assert open_ones == []
    bystander = live.owner.post(live.url("/activation"), {"_method": "DELETE"})
    assert bystander.status_code == 303
    fake.faults.release()
    hung.join(20)
    assert not hung.is_alive()


def test_what_one_doctor_has_claimed_no_other_visits(live, bot, fake, monkeypatch):
    live.make_due()
    from portal.channels.webhook_health import jobs

    seen = []
    monkeypatch.setattr(jobs, "check_in_background", lambda app, *row: seen.append(row))
    live.look_after()
    live.look_after()
    assert len(seen) == 1


def test_a_visit_that_fails_does_not_take_the_round_with_it(live, bot, superuser_sql, monkeypatch, caplog):
    from portal.channels.webhook_health import jobs

    def fail(credential_id):
        raise RuntimeError("planted words")

    monkeypatch.setattr(jobs, "check_webhook", fail)
    live.visit()
    assert "planted words" not in caplog.text


def test_no_planted_token_stands_in_timeline_page_or_job(live, bot, fake, superuser_sql):
    token = live.chain.secrets[0]
    bot.webhook.note_error(f"Wrong response from the webhook {token}: 500", fake.now())
    live.press("/check")
    live.work()
    told = superuser_sql(
        "SELECT string_agg(e::text, ' ') || (SELECT string_agg(j::text, ' ') FROM getinn_ops_jobs.procrastinate_jobs j)"
        " || (SELECT string_agg(c::text, ' ') FROM getinn_ops.bot_connection c) AS text"
        " FROM getinn_ops.bot_platform_event e"
    )[0].text
    assert token not in told + live.page()


def test_a_chain_of_many_bots_does_not_stand_before_a_chain_of_one(app, world, superuser_sql):
    superuser_sql("UPDATE getinn_ops.bot_connection SET due_at = NULL")
    for chain, bots, waiting in ((world.pelmenya, 40, "2 hours"), (world.vareniki, 1, "1 minute")):
        superuser_sql(
            "WITH bots AS (INSERT INTO getinn_ops.bot_instance (account_id, name) SELECT %s, 'Bot ' || n"
            " FROM generate_series(1, %s) n RETURNING id, account_id),"
            " credentials AS (INSERT INTO getinn_ops.bot_platform_credential"
            " (account_id, bot_id, platform, credentials) SELECT account_id, id, 'telegram', '{}' FROM bots"
            " RETURNING id, account_id, bot_id)"
            " INSERT INTO getinn_ops.bot_connection (account_id, bot_id, credential_id, state, due_at)"
            " SELECT account_id, bot_id, id, 'live', timezone('utc', now()) - %s::interval FROM credentials",
            [chain.account_id, bots, waiting],
        )
    with app.app_context(), system_scope("worker"):
        claimed = [row.account_id for row in claim_due(utc_now(), 4)]
    assert sorted(map(str, claimed)) == sorted(map(str, 3 * [world.pelmenya.account_id] + [world.vareniki.account_id]))
