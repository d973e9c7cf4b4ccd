"""Switching on and off: rows and a job in one transaction, then the messenger, whatever dies in between."""

import pytest

from portal.channels.webhook_health import jobs as checks
from portal.channels.webhook_health.record import CheckRecord
from portal.messengers.registry import platform

NEW_TOKEN = "123456789:another-token-of-the-same-bot-000000000"
OTHER_BOT = "987654321:a-token-of-another-bot-altogether-0000"


def test_switching_on_sets_the_webhook_and_shows_who_the_bot_is(office, bot, superuser_sql):
    office.press("/activation", "DELETE")
    page = office.press("/activation")
    assert "Connecting" in page
    assert 'hx-trigger="every 2s"' in page
    assert bot.webhook.url == ""
    office.work()
    assert bot.webhook.url == office.address
    assert len(bot.webhook.secret) == 43
    assert office.connection.state == "live"
    assert office.connection.external_id == bot.public_id
    assert office.credential.webhook_url == office.address
    page = office.page()
    assert bot.name in page
    assert f"@{bot.username}" in page
    assert f"/files/{office.connection.picture_id}" in page
    assert 'hx-trigger="every 2s"' not in page
    picture = office.owner.get(office.owner.account(f"bots/{office.chain.bot_id}/files/{office.connection.picture_id}"))
    assert (picture.mimetype, picture.data) == ("image/png", bot.picture)
    assert office.timeline[-1] == ("switch_on", None, "set_webhook", "live")


def test_nothing_is_asked_of_the_messenger_before_the_transaction_commits(office, bot, fake, monkeypatch):
    office.press("/activation", "DELETE")
    office.work()
    before = len(fake.calls)
    monkeypatch.setattr("portal.channels.routes.toast", lambda *_: 1 / 0)
    assert office.owner.post(office.url("/activation")).status_code == 500
    office.work()
    assert len(fake.calls) == before
    assert not office.credential.is_active
    assert office.connection.state == "off"


def test_switching_off_removes_the_webhook_and_stops_what_is_queued(office, bot, superuser_sql):
    office.switch_off_and_on()
    superuser_sql("UPDATE getinn_ops.bot_message SET state = 'queued' WHERE direction = 'out'")
    page = office.press("/activation", "DELETE")
    assert "2 messages that waited were not sent" in page
    rows = superuser_sql(
        "SELECT state, error FROM getinn_ops.bot_message WHERE direction = 'out' AND credential_id = %s",
        [office.chain.telegram_id],
    )
    assert {(row.state, row.error) for row in rows} == {("cancelled", "switched_off")}
    others = superuser_sql("SELECT 1 FROM getinn_ops.bot_message WHERE state = 'queued'")
    assert len(others) == 2
    office.work()
    assert bot.webhook.url == ""
    assert office.connection.state == "off"
    assert office.credential.webhook_url is None
    assert office.timeline[-1] == ("switch_off", None, "remove_webhook", "off")


def test_pending_updates_are_never_dropped(office, bot, fake):
    office.switch_off_and_on()
    office.press("/activation", "DELETE")
    office.work()
    dropped = [call for call in fake.calls if (call.values or {}).get("drop_pending_updates") not in (None, False)]
    assert [call for call in fake.calls if call.name == "deleteWebhook"]
    assert dropped == []


def test_a_job_for_a_former_wish_does_nothing(office, bot):
    office.press("/activation", "DELETE")
    office.press("/activation")
    office.press("/activation", "DELETE")
    office.work()
    assert bot.webhook.url == ""
    assert office.connection.state == "off"
    assert [line[3] for line in office.timeline] == ["overtaken", "overtaken", "off"]


@pytest.mark.parametrize(("part", "name"), [("setup", "profile"), ("webhook", "set_webhook")])
def test_who_dies_before_a_step_of_switching_on_is_followed_by_somebody_who_finishes(
    office, bot, monkeypatch, part, name
):
    office.press("/activation", "DELETE")
    office.press("/activation")
    with monkeypatch.context() as broken:
        broken.setattr(getattr(platform("telegram"), part), name, lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            office.work()
    assert office.connection.state == "connecting"
    office.visit()
    assert bot.webhook.url == office.address
    assert office.connection.state == "live"
    assert office.timeline[-1] == ("switch_on", None, "set_webhook", "live")


@pytest.mark.parametrize("is_on", [True, False])
def test_who_dies_before_noting_what_the_messenger_did_is_followed_by_somebody_who_notes_it(
    office, bot, monkeypatch, is_on
):
    office.switch_off_and_on() if not is_on else office.press("/activation", "DELETE")
    office.press("/activation", "POST" if is_on else "DELETE")
    with monkeypatch.context() as broken:
        broken.setattr(CheckRecord, "keep", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            office.work()
    assert bot.webhook.url == (office.address if is_on else "")
    office.look_after()
    assert office.connection.state == ("connecting" if is_on else "removing"), "the job has a head start"
    office.visit()
    assert office.connection.state == ("live" if is_on else "off")
    assert bot.webhook.url == (office.address if is_on else "")


def test_who_switches_off_while_the_webhook_is_being_set_has_it_removed_in_the_end(office, bot, monkeypatch):
    office.press("/activation", "DELETE")
    office.press("/activation")
    webhook = platform("telegram").webhook
    set_webhook = webhook.set_webhook

    def slow(*arguments):
        if office.credential.is_active:
            office.press("/activation", "DELETE")
            office.work()
            assert office.connection.state == "off"
        set_webhook(*arguments)

    monkeypatch.setattr(webhook, "set_webhook", slow)
    office.work()
    assert bot.webhook.url == office.address
    office.look_after()
    assert bot.webhook.url == ""
    assert office.connection.state == "off"


def test_a_refused_token_is_said_in_words_and_not_tried_again_and_again(office, bot, fake):
    bot.revoke()
    office.switch_off_and_on()
    assert (office.connection.state, office.connection.problem) == ("failing", "token_revoked")
    page = office.page()
    assert "Telegram does not accept the stored credentials" in page
    assert "Get new ones there" in page
    assert office.chain.secrets[0] not in page
    assert office.timeline[-1] == ("switch_on", "token_revoked", None, "failed")
    assert "Token refused" in office.owner.get(office.owner.account("bots")).text


def test_a_messenger_that_is_away_is_asked_again_later(office, bot, fake):
    fake.faults.fail(times=1)
    office.press("/activation", "DELETE")
    office.press("/activation")
    office.work()
    assert (office.connection.state, office.connection.problem) == ("connecting", "unreachable")
    assert "Telegram does not answer" in office.page()
    assert office.timeline[-1] == ("switch_on", "unreachable", None, "retrying")
    office.visit()
    assert office.connection.state == "live"
    assert office.connection.problem is None
    assert office.timeline[-1] == ("settling", None, "set_webhook", "live")


def test_a_messenger_that_wants_to_be_left_alone_is_left_so_long(office, bot, fake, superuser_sql):
    fake.faults.throttle(times=1, retry_after=600)
    office.switch_off_and_on()
    assert office.connection.problem == "throttled"
    soonest = superuser_sql(
        "SELECT due_at - timezone('utc', now()) AS wait FROM getinn_ops.bot_connection WHERE credential_id = %s",
        [office.chain.telegram_id],
    )[0]
    assert soonest.wait.total_seconds() > 540


def test_without_a_public_address_a_platform_that_can_be_polled_is(office, bot, app, monkeypatch):
    office.switch_off_and_on()
    monkeypatch.setitem(app.config, "PUBLIC_URL", None)
    office.switch_off_and_on()
    assert bot.webhook.url == ""
    assert office.connection.state == "polling"
    assert "fetches messages from Telegram itself" in office.page()


def test_without_a_public_address_a_platform_that_only_delivers_says_so(office, bot, app, monkeypatch):
    monkeypatch.setitem(app.config, "PUBLIC_URL", None)
    monkeypatch.setattr(platform("telegram"), "poll", None)
    office.switch_off_and_on()
    assert (office.connection.state, office.connection.problem) == ("failing", "no_public_address")
    assert "this portal has none" in office.page()


def test_an_archived_bot_lets_its_webhook_go_and_a_restored_one_takes_it_up(office, bot):
    office.switch_off_and_on()
    ids = {"ids": str(office.chain.bot_id)}
    office.owner.post(office.owner.account("bots/archival"), {**ids, "sure": "1"})
    office.work()
    assert (bot.webhook.url, office.connection.state) == ("", "off")
    assert "The bot is archived" in office.page()
    office.owner.delete(office.owner.account("bots/archival"), ids)
    office.work()
    assert (bot.webhook.url, office.connection.state) == (office.address, "live")


def test_a_deactivated_chain_lets_its_webhooks_go_by_itself(office, bot, superuser_sql):
    office.switch_off_and_on()
    for is_active, url in ((False, ""), (True, office.address)):
        superuser_sql(
            "UPDATE getinn_ops.account SET is_active = %s WHERE id = %s", [is_active, office.chain.account_id]
        )
        office.look_after()
        assert bot.webhook.url == url


def test_another_token_of_the_same_bot_keeps_row_conversations_and_webhook(office, bot, superuser_sql):
    office.switch_off_and_on()
    bot.accepts(NEW_TOKEN)
    answer = office.owner.post(office.url("/credentials"), {"token": NEW_TOKEN})
    assert answer.location == office.url()
    office.work()
    assert bot.webhook.url == office.address
    assert office.connection.state == "live"
    assert superuser_sql("SELECT 1 FROM getinn_ops.bot_message WHERE credential_id = %s", [office.chain.telegram_id])
    (former,) = formers(office)
    assert former.superseded_at
    assert not holds_anything(office, former)


def test_another_bots_token_takes_the_webhook_from_the_former_bot(office, bot, fake):
    office.switch_off_and_on()
    other = fake.bot(OTHER_BOT)
    office.owner.post(office.url("/credentials"), {"token": OTHER_BOT})
    office.work()
    assert (bot.webhook.url, other.webhook.url) == ("", office.address)
    assert office.connection.external_id == other.public_id
    assert office.connection.poll_offset is None
    assert not holds_anything(office, formers(office)[0])


def test_disconnecting_removes_the_webhook_before_the_credentials_are_forgotten(office, bot, fake, superuser_sql):
    office.switch_off_and_on()
    fake.faults.fail(times=1)
    office.owner.post(office.url(), {"_method": "DELETE"})
    assert "Connect the bot" in office.page()
    office.work()
    assert bot.webhook.url == office.address
    assert holds_anything(office, office.credential)
    office.visit()
    assert bot.webhook.url == ""
    assert not holds_anything(office, office.credential)
    assert superuser_sql("SELECT count(*) AS n FROM getinn_ops.bot_connection WHERE due_at IS NOT NULL")[0].n == 0


def test_credentials_that_nobody_uses_are_forgotten_even_if_the_messenger_stays_away(office, bot, fake):
    office.switch_off_and_on()
    fake.faults.fail(times=None)
    office.owner.post(office.url(), {"_method": "DELETE"})
    office.work()
    for _ in range(7):
        assert holds_anything(office, office.credential)
        office.visit()
    assert not holds_anything(office, office.credential)
    assert office.timeline[-1] == ("settling", "unreachable", None, "failed")


def test_a_platform_that_is_connected_anew_keeps_its_webhook(office, bot):
    office.switch_off_and_on()
    office.owner.post(office.url(), {"_method": "DELETE"})
    office.owner.post(office.url("/credentials"), {"token": office.chain.secrets[0], "switch_on": "y"})
    office.work()
    assert bot.webhook.url.startswith("https://portal.example/hooks/telegram/")
    assert bot.webhook.url != office.address


def formers(office):
    return office.sql(
        "SELECT * FROM getinn_ops.bot_platform_credential WHERE bot_id = %s AND superseded_at IS NOT NULL",
        [office.chain.bot_id],
    )


def holds_anything(office, row):
    from portal.channels.credentials import StoredCredentials
    from portal.db.secrets import Place

    place = Place("bot_platform_credential", "credentials", row.id, row.account_id)
    with office.owner.app.app_context():
        return bool(StoredCredentials(platform("telegram"), row.credentials, place).values)


def test_the_shared_connections_are_made_once(app):
    with app.app_context():
        assert checks.shared_calls() is checks.shared_calls()
