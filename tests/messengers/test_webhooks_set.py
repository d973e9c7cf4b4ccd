"""The platform's side of the webhook, and the bot's own face there."""

import pytest

from portal.messengers.errors import CredentialsRefused, Rejected, SendFailed
from portal.messengers.results import WebhookView
from tests.messengers.conftest import SECRET


def test_a_webhook_that_was_set_is_seen_and_delivered_to(stage):
    stage.listen()
    view = stage.adapter.webhook.inspect(stage.call)
    assert (view.url, view.last_error, view.supported) == (stage.address, "", True)
    assert set(view.allowed) >= set(stage.adapter.wanted)
    stage.hear(stage.guest.says("hi"))
    assert stage.refused == []


def test_a_webhook_that_was_removed_is_gone_and_removing_it_again_is_fine(stage):
    stage.listen()
    for _ in range(2):
        stage.adapter.webhook.remove_webhook(stage.call)
        assert stage.adapter.webhook.inspect(stage.call).url == ""


def test_setting_and_removing_keeps_what_waits(telegram):
    telegram.guest.says("waiting")
    telegram.adapter.webhook.remove_webhook(telegram.call)
    assert telegram.adapter.webhook.inspect(telegram.call).pending == 2
    telegram.listen()
    calls = telegram.fake.calls_of("set_webhook") + telegram.fake.calls_of("remove_webhook")
    assert [call.values["drop_pending_updates"] for call in calls] == [False, False]
    assert calls[0].values["max_connections"] == 40
    assert calls[0].values["secret_token"] == SECRET


def test_the_platforms_errors_are_told_with_their_moment(telegram):
    telegram.listen()
    telegram.house.stop()
    event = telegram.guest.says("hi")
    telegram.fake.wait_until(lambda: event.tries)
    view = telegram.adapter.webhook.inspect(telegram.call)
    assert view.last_error
    assert view.last_error_at is not None
    assert view.pending == 1


def test_a_stolen_webhook_shows_the_other_address(stage):
    stage.listen()
    stage.fake.bot().steal_webhook("https://other-tool.example/hook")
    assert stage.adapter.webhook.inspect(stage.call).url == "https://other-tool.example/hook"


def test_an_address_that_does_not_answer_rightly_is_refused(stage):
    if stage.key == "telegram":
        with pytest.raises(Rejected):
            stage.adapter.webhook.set_webhook(stage.call, "http://plain.example/hook", SECRET)
        return
    with pytest.raises(Rejected) as refused:
        stage.adapter.webhook.set_webhook(stage.call, f"{stage.fake.base_url}/no/hook/here", SECRET)
    assert refused.value.code == "webhook_not_answering"


def test_the_apps_own_callback_counts_where_the_number_has_none(whatsapp):
    whatsapp.fake.app_callback = "https://app.example/hook"
    assert whatsapp.adapter.webhook.inspect(whatsapp.call) == WebhookView("https://app.example/hook")


def test_the_bots_face_has_name_link_and_picture(stage):
    profile = stage.adapter.setup.profile(stage.call)
    bot = stage.fake.bot()
    assert profile.name == bot.name
    assert profile.picture == bot.picture
    expected = {
        "telegram": ("100200300", f"https://t.me/{bot.username}"),
        "whatsapp": ("100000000000001", "https://wa.me/" + "".join(filter(str.isdigit, bot.username))),
        "viber": ("pa:pa-1", f"viber://pa?chatURI={bot.username}"),
    }
    assert (profile.external_id, profile.link) == expected[stage.key]


def test_a_picture_that_cannot_be_had_is_no_failure(telegram):
    telegram.fake.faults.fail(on="getFile")
    profile = telegram.adapter.setup.profile(telegram.call)
    assert (profile.external_id, profile.picture) == ("100200300", None)


def test_a_revoked_token_is_told_from_all_other_faults(stage):
    stage.listen()
    stage.fake.bot().revoke()
    for ask in (
        lambda: stage.adapter.setup.profile(stage.call),
        lambda: stage.adapter.webhook.inspect(stage.call),
        lambda: stage.adapter.webhook.set_webhook(stage.call, stage.address, SECRET),
        lambda: stage.adapter.webhook.remove_webhook(stage.call),
    ):
        with pytest.raises(CredentialsRefused) as refused:
            ask()
        assert refused.value.code == "credentials_refused"


@pytest.mark.parametrize("effect", ["fail", "cut", "throttle"])
def test_every_call_fails_in_known_ways_alone(stage, effect):
    for ask in (
        lambda: stage.adapter.setup.profile(stage.call),
        lambda: stage.adapter.webhook.inspect(stage.call),
        lambda: stage.adapter.webhook.set_webhook(stage.call, stage.address, SECRET),
        lambda: stage.adapter.webhook.remove_webhook(stage.call),
    ):
        getattr(stage.fake.faults, effect)()
        with pytest.raises(SendFailed):
            ask()
