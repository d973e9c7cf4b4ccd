"""Each kind is raised by what really causes it, and resolved by what really ends it."""

import threading

import pytest

from portal.db.base import db
from portal.iiko.client.answers import Outcome
from portal.iiko.models import IikoConnection, IikoRun, Purpose
from portal.iiko.sync.health import note_failure, note_success
from portal.integrations.models import AccountIntegrationCredentials
from portal.messaging.events import InboundEvent, MessageState, Receipt
from portal.messaging.sending.recovery import Recovery
from portal.messaging.transactions import transaction
from portal.messengers.errors import CredentialsRefused, OutsideWindow, PersonBlocked
from portal.messengers.registry import PLATFORMS
from tests.channels.conftest import bot, fake, office, owner  # noqa: F401
from tests.conftest import SECRET_KEY
from tests.messaging.conftest import messenger, traffic  # noqa: F401
from tests.world_rows import link_secret

CHAT = "1001"


@pytest.fixture
def run_finds(world, scoped):
    """Notes at Pelmenya's iiko what a run came to."""

    def find(outcome, purpose=Purpose.SCHEDULE, **details):
        with scoped(world.pelmenya.account_id):
            integration = db.session.get_one(AccountIntegrationCredentials, world.pelmenya.integration_id)
            connection = IikoConnection.of(integration)
            if outcome is Outcome.CONNECTED:
                note_success(connection)
            else:
                note_failure(connection, IikoRun(purpose=purpose), outcome, details)
            db.session.commit()

    return find


def test_a_connection_that_fails_again_and_again_is_told_once_and_so_is_its_recovery(notices, kinds, run_finds):
    run_finds(Outcome.CONNECTED)
    for _ in range(5):
        run_finds(Outcome.SERVER_ERROR, text="silence")
    [row] = notices()
    assert (row.kind, row.repetitions, row.permission) == ("connection_failed", 1, "integrations.see")
    assert row.entity_label == "iiko"
    assert row.parameters["reason"].endswith("silence")
    run_finds(Outcome.CONNECTED)
    assert kinds() == [("connection_failed", True), ("connection_recovered", False)]


def test_a_run_that_works_tells_nothing(kinds, run_finds):
    run_finds(Outcome.CONNECTED)
    assert kinds() == []


def test_a_connection_that_is_switched_off_worries_nobody(world, browse, kinds, run_finds):
    run_finds(Outcome.BLOCKED_MODULE)
    assert kinds() == [("connection_failed", False)]
    owner = browse(world.pelmenya.owner)  # noqa: F811
    path = owner.account(f"integrations/{world.pelmenya.integration_id}/activation")
    assert owner.delete(path).status_code == 303
    assert kinds() == [("connection_failed", True)]


def test_an_accepted_invitation_is_told_to_those_who_edit_people(world, browse, notices):
    chain = world.pelmenya
    secret = link_secret(SECRET_KEY, "invitation", chain.invitation_id)
    joining = {"full_name": "Nina New", "password": "steam-whistle-over-the-hill"}
    newcomer = browse()
    assert newcomer.post(f"/invitation/{secret}", joining).status_code == 303
    [row] = notices()
    assert (row.kind, row.permission, row.entity_label) == ("invitation_accepted", "users.edit", "Nina New")
    page = browse(chain.owner).get(f"/accounts/{chain.slug}/notices").text
    assert "Nina New has joined your chain. Role: Chef." in page
    assert notices(world.vareniki) == []


def test_a_revoked_token_is_told_once_and_so_is_its_return(office, bot, notices, kinds):  # noqa: F811
    office.switch_off_and_on()
    assert kinds() == []
    bot.revoke()
    office.visit()
    office.visit()
    [row] = notices()
    assert (row.kind, row.repetitions, row.permission) == ("platform_failing", 1, "platforms.see")
    assert row.parameters["problem"] == "token_revoked"
    page = office.owner.get(office.owner.account("notices")).text
    assert "does not work on Telegram." in page
    assert "Telegram does not accept the stored credentials." in page
    bot.restore()
    office.visit()
    assert kinds() == [("platform_failing", True), ("platform_recovered", False)]


def test_a_webhook_that_is_taken_back_is_told_as_healed_and_as_nothing_else(office, bot, notices):  # noqa: F811
    office.switch_off_and_on()
    bot.steal_webhook()
    office.visit()
    bot.steal_webhook()
    office.visit()
    [row] = notices()
    assert (row.kind, row.repetitions, row.resolved_at) == ("webhook_healed", 2, None)
    page = office.owner.get(office.owner.account("notices")).text
    assert "was connected to Telegram again." in page
    assert "Another program has directed" in page


def test_a_platform_that_is_switched_off_worries_nobody(office, bot, kinds):  # noqa: F811
    office.switch_off_and_on()
    bot.revoke()
    office.visit()
    office.press("/activation", "DELETE")
    office.work()
    assert kinds() == [("platform_failing", True)]


def test_a_platform_that_refuses_a_message_is_told_once_until_one_goes_out(traffic, messenger, notices, kinds):  # noqa: F811
    traffic.says(CHAT, "hello")
    traffic.drain()
    messenger.answers = [CredentialsRefused(), CredentialsRefused()]
    traffic.send()
    traffic.make_due()
    traffic.send()
    [row] = notices()
    assert (row.kind, row.repetitions, row.entity_id) == ("platform_failing", 1, traffic.chain.telegram_id)
    traffic.make_due()
    traffic.send()
    assert messenger.said_to(CHAT) == ["zqpelmenya hello"]
    assert kinds() == [("platform_failing", True), ("platform_recovered", False)]


def test_a_message_that_is_not_delivered_is_told_until_somebody_has_dealt_with_it(
    traffic,  # noqa: F811
    messenger,  # noqa: F811
    world,
    browse,
    notices,
    superuser_sql,
):
    superuser_sql("DELETE FROM getinn_ops.bot_message")
    messenger.answers = [OutsideWindow("outside_window"), OutsideWindow("outside_window")]
    for chat in (CHAT, "1002"):
        traffic.says(chat, "hello")
        traffic.turn()
    [row] = notices()
    assert (row.kind, row.repetitions, row.entity_id) == ("messages_undelivered", 2, world.pelmenya.bot_id)
    manager = browse(world.pelmenya.manager)
    page = manager.get(manager.account("notices")).text
    assert "were not delivered." in page
    assert "The guest last wrote more than 24 hours ago" in page
    attention = manager.account(f"bots/{world.pelmenya.bot_id}/attention")
    first, second = [row.id for row in superuser_sql("SELECT id FROM getinn_ops.bot_message WHERE state = 'failed'")]
    manager.post(f"{attention}/dismissal", {"ids": first})
    assert [each.resolved_at for each in notices()] == [None]
    manager.post(f"{attention}/replay", {"ids": second})
    [row] = notices()
    assert row.resolved_at is not None


def test_nobody_must_act_where_a_guest_blocked_the_bot(traffic, messenger, kinds):  # noqa: F811
    messenger.answers = [PersonBlocked()]
    traffic.says(CHAT, "hello")
    traffic.turn()
    assert kinds() == []


def test_a_message_that_a_receipt_calls_failed_is_told(traffic, messenger, notices):  # noqa: F811
    traffic.says(CHAT, "hello")
    traffic.turn()
    inbound = PLATFORMS["telegram"].inbound
    receipt = InboundEvent(Receipt("ref-1000", MessageState.FAILED, error="undeliverable"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(inbound, "read_event", lambda payload, kind: receipt)
        traffic.receives("receipt", {})
        traffic.drain()
    [row] = notices()
    assert (row.kind, row.parameters["error"]) == ("messages_undelivered", "undeliverable")


def test_a_message_whose_fate_stays_unknown_is_told_when_it_is_given_up(app, traffic, messenger, notices):  # noqa: F811
    traffic.says(CHAT, "hello")
    traffic.drain()
    traffic.sql("UPDATE getinn_ops.bot_message SET state = 'uncertain', attempts = 5 WHERE state = 'queued'")
    with transaction(app):
        Recovery(app, threading.Event()).release([])
    [row] = notices()
    assert (row.kind, row.parameters["error"]) == ("messages_undelivered", "unclear")


def test_a_dead_letter_is_told_until_somebody_has_dealt_with_it(traffic, world, browse, notices, monkeypatch):  # noqa: F811
    with monkeypatch.context() as broken:
        broken.setattr(PLATFORMS["telegram"].inbound, "read_event", lambda payload, kind: 1 / 0)
        traffic.says(CHAT, "poison")
        for _ in range(4):
            traffic.drain()
            traffic.make_due()
        assert notices() == []
        traffic.drain()
    [row] = notices()
    assert (row.kind, row.entity_id, row.permission) == (
        "updates_unprocessed",
        world.pelmenya.bot_id,
        "dialogs.take_over",
    )
    manager = browse(world.pelmenya.manager)
    dead = traffic.sql(
        "SELECT id FROM getinn_ops.bot_inbound_update WHERE state = 'dead' AND bot_id = %s", [world.pelmenya.bot_id]
    )
    ids = ",".join(str(each.id) for each in dead)
    attention = manager.account(f"bots/{world.pelmenya.bot_id}/attention/updates")
    assert manager.post(f"{attention}/dismissal", {"ids": ids}).status_code == 303
    [row] = notices()
    assert row.resolved_at is not None


def test_an_answered_message_writes_no_notice_statement(traffic, messenger, statements):  # noqa: F811
    traffic.says(CHAT, "hello")
    with statements() as counted:
        traffic.turn()
    assert messenger.said_to(CHAT)
    assert [told for told in counted.statements if "notice" in told] == []
