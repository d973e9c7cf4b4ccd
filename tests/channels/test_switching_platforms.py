"""Switching a bot's platforms on and off."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from portal.channels.models import BotPlatformCredential
from portal.db.base import db


def switch_url(browser, chain, platform="telegram", what="activation"):
    return browser.account(f"bots/{chain.bot_id}/platforms/{platform}/{what}")


def is_on(superuser_sql, row_id):
    return superuser_sql("SELECT is_active FROM getinn_ops.bot_platform_credential WHERE id = %s", [row_id])[
        0
    ].is_active


def actions(superuser_sql, row_id):
    log = superuser_sql("SELECT action FROM getinn_ops.audit_event WHERE entity_id = %s ORDER BY at", [row_id])
    return [row.action for row in log]


def test_one_click_switches_off_and_on_and_the_answer_is_the_switch_with_a_toast(browse, world, superuser_sql):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    off = owner.post(switch_url(owner, chain), {"_method": "DELETE"}, htmx=True)
    assert off.status_code == 200
    assert off.text.lstrip().startswith(f'<div class="platform" id="platform-{chain.bot_id}-telegram">')
    assert 'aria-checked="false"' in off.text
    assert "is silent on Telegram" in off.text
    assert not is_on(superuser_sql, chain.telegram_id)
    on = owner.post(switch_url(owner, chain), htmx=True)
    assert 'aria-checked="true"' in on.text
    assert is_on(superuser_sql, chain.telegram_id)
    assert actions(superuser_sql, chain.telegram_id) == ["deactivated", "activated"]


def test_without_javascript_the_switch_leads_back_to_the_page_it_stands_on(browse, world):
    owner = browse(world.pelmenya.owner)
    here = owner.account("bots?q=bot")
    answer = owner.post(
        switch_url(owner, world.pelmenya), {"_method": "DELETE"}, headers={"Referer": f"https://localhost{here}"}
    )
    assert (answer.status_code, answer.location) == (303, here)
    assert "is silent on Telegram" in owner.get(here).text


def test_the_page_and_the_answer_show_the_very_same_switch(browse, world):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    fragment = owner.post(switch_url(owner, chain), htmx=True).text.partition("<hx-partial")[0].strip()
    shape = fragment.partition('name="csrf_token"')[0]
    assert shape in owner.get(owner.account("bots")).text
    assert shape in owner.get(owner.account(f"bots/{chain.bot_id}")).text


def test_a_switch_costs_seven_statements_at_most(browse, world, statements):
    owner = browse(world.pelmenya.owner)
    for verb in (owner.delete, owner.post):
        with statements() as counted:
            assert verb(switch_url(owner, world.pelmenya), htmx=True).status_code == 200
        assert counted.total <= 7, counted.statements


def test_switching_on_twice_is_one_change(browse, world, superuser_sql):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    for _ in range(2):
        assert owner.post(switch_url(owner, chain, "viber"), htmx=True).status_code == 200
    assert actions(superuser_sql, chain.viber_id) == ["activated"]


def test_who_switches_at_the_same_moment_waits_and_sees_the_true_state(browse, world, connect, superuser_sql):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    with connect() as other, ThreadPoolExecutor(1) as background:
        with other.transaction():
            other.execute("SELECT set_config('getinn.account_id', %s, true)", [str(chain.account_id)])
            other.execute(
                "UPDATE getinn_ops.bot_platform_credential SET is_active = false WHERE id = %s", [chain.telegram_id]
            )
            answer = background.submit(owner.delete, switch_url(owner, chain), htmx=True)
            while not superuser_sql("SELECT 1 FROM pg_locks WHERE NOT granted"):
                assert not answer.done()
        assert 'aria-checked="false"' in answer.result().text
    assert actions(superuser_sql, chain.telegram_id) == []


def test_a_platform_that_is_not_connected_is_not_switched(browse, world):
    owner = browse(world.pelmenya.owner)
    for answer in (
        owner.post(switch_url(owner, world.pelmenya, "whatsapp"), htmx=True),
        owner.post(switch_url(owner, world.pelmenya, "whatsapp")),
    ):
        assert answer.status_code == 409
        assert "no credentials yet" in answer.text


@pytest.mark.parametrize(
    ("credentials", "reason"),
    [
        ("{}", "no credentials yet"),
        ("[]", "cannot be read"),
        ('{"auth_token": "445da6az1s345z78-dazcczb2542zv51a-e0vc5fva17480im9"}', "not complete"),
        ('{"v": 1, "kid": "lost", "nonce": "AAAA", "ct": "AAAA", "hints": {}, "set_at": ""}', "cannot be read"),
    ],
)
def test_credentials_that_cannot_work_are_not_switched_on(browse, world, superuser_sql, credentials, reason):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    superuser_sql(
        "UPDATE getinn_ops.bot_platform_credential SET credentials = %s::jsonb WHERE id = %s",
        [credentials, chain.viber_id],
    )
    answer = owner.post(switch_url(owner, chain, "viber"), htmx=True)
    assert answer.status_code == 409
    assert reason in answer.text
    assert not is_on(superuser_sql, chain.viber_id)
    assert owner.get(owner.account(f"bots/{chain.bot_id}")).status_code == 200


def test_clear_credentials_of_an_older_program_can_be_switched_on(browse, world, superuser_sql):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    superuser_sql(
        "UPDATE getinn_ops.bot_platform_credential SET is_active = false,"
        """ credentials = '{"token": "123456789:AAEhBOweik6ad9r_QXMENQjcrGbqCr4K-bc"}' WHERE id = %s""",
        [chain.telegram_id],
    )
    assert owner.post(switch_url(owner, chain), htmx=True).status_code == 200
    assert is_on(superuser_sql, chain.telegram_id)


@pytest.mark.parametrize("platform", ["icq", "telegram2", "0"])
def test_an_unknown_platform_is_nowhere(browse, world, platform):
    owner = browse(world.pelmenya.owner)
    for what in ("activation", "refresh"):
        assert owner.post(switch_url(owner, world.pelmenya, platform, what)).status_code == 404
    assert owner.get(owner.account(f"bots/{world.pelmenya.bot_id}/platforms/{platform}")).status_code == 404


def test_an_unknown_platform_in_the_database_is_shown_as_it_is_without_a_switch(browse, world, superuser_sql):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    superuser_sql(
        "INSERT INTO getinn_ops.bot_platform_credential (bot_id, platform, credentials)"
        """ VALUES (%s, 'ICQ <b>"99', '{"uin": "planted-uin"}')""",
        [chain.bot_id],
    )
    for path in ("bots", f"bots/{chain.bot_id}"):
        page = owner.get(owner.account(path)).text
        assert "ICQ &lt;b&gt;&#34;99" in page
        assert "planted-uin" not in page
        assert page.count('aria-label="Telegram, ') == 1
        assert 'aria-label="ICQ' not in page


def test_an_archived_bot_is_silent_and_its_switches_wait_for_it(browse, world, superuser_sql, scoped):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    owner.post(owner.account("bots/archival"), {"ids": str(chain.bot_id), "sure": "1"})
    page = owner.get(owner.account(f"bots/{chain.bot_id}")).text
    assert "archived, so it answers nowhere" in owner.get(owner.account(f"bots/{chain.bot_id}/platforms/telegram")).text
    assert f'id="platform-{chain.bot_id}-telegram"' not in page
    with scoped(chain.account_id):
        telegram = db.session.get(BotPlatformCredential, chain.telegram_id)
        assert (telegram.is_active, telegram.is_live) == (True, False)
    refused = owner.post(switch_url(owner, chain, "viber"), htmx=True)
    assert refused.status_code == 409
    assert "Restore the bot first" in refused.text
    owner.delete(owner.account("bots/archival"), {"ids": str(chain.bot_id)})
    with scoped(chain.account_id):
        assert db.session.get(BotPlatformCredential, chain.telegram_id).is_live
        assert not db.session.get(BotPlatformCredential, chain.viber_id).is_live


def test_automatic_refresh_is_a_switch_of_its_own(browse, world, superuser_sql):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    off = owner.delete(switch_url(owner, chain, what="refresh"), htmx=True)
    assert off.text.lstrip().startswith('<div class="split" id="platform-panel"')
    assert 'aria-checked="false" title="Automatic refresh of Telegram"' in off.text
    owner.post(switch_url(owner, chain, what="refresh"))
    log = superuser_sql(
        "SELECT before, after FROM getinn_ops.audit_event WHERE entity_id = %s ORDER BY at", [chain.telegram_id]
    )
    assert [row.after for row in log] == [{"webhook_auto_refresh": False}, {"webhook_auto_refresh": True}]


def test_a_bot_of_another_chain_is_not_switched(browse, world, superuser_sql):
    owner, foreign = browse(world.pelmenya.owner), world.vareniki
    for platform in ("telegram", "viber", "whatsapp"):
        for what in ("activation", "refresh"):
            assert owner.post(switch_url(owner, foreign, platform, what)).status_code == 404
            assert owner.delete(switch_url(owner, foreign, platform, what)).status_code == 404
        assert owner.delete(owner.account(f"bots/{foreign.bot_id}/platforms/{platform}")).status_code == 404
    absent = owner.account(f"bots/{uuid4()}/platforms/telegram/activation")
    assert owner.post(absent).status_code == 404
    assert is_on(superuser_sql, foreign.telegram_id)
    assert not is_on(superuser_sql, foreign.viber_id)


def test_a_bot_without_the_platform_does_not_reach_for_its_neighbours(browse, world, superuser_sql):
    owner, chain = browse(world.pelmenya.owner), world.pelmenya
    answer = owner.delete(owner.account(f"bots/{chain.archived_bot_id}/platforms/telegram/activation"))
    assert answer.status_code == 409
    assert is_on(superuser_sql, chain.telegram_id)


def test_a_visiting_superuser_switches_and_the_log_says_who_it_was(browse, world, superuser_sql):
    guest = browse(world.superuser, visiting=world.pelmenya)
    assert guest.delete(switch_url(guest, world.pelmenya), htmx=True).status_code == 200
    event = superuser_sql(
        "SELECT as_superuser, actor_email, visit_id, entity_label FROM getinn_ops.audit_event WHERE entity_id = %s",
        [world.pelmenya.telegram_id],
    )[0]
    assert event.as_superuser
    assert event.visit_id
    assert event.actor_email == world.superuser.email
    assert event.entity_label == "zqpelmenya bot 1: Telegram"
