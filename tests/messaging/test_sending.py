"""A queued message goes out once, in its chat's order, within everybody's limits; or it is known why not."""

import itertools
import threading
from uuid import uuid4

import pytest
from prometheus_client import CollectorRegistry

from portal.conversations.dead_letters.listing import retry
from portal.db.base import db
from portal.messaging import presence
from portal.messaging.backoff import MAX_TRIES, wait_after
from portal.messaging.events import InboundEvent, MessageState, Receipt
from portal.messaging.messages import BotMessage
from portal.messaging.sending.dispatcher import InHand
from portal.messaging.sending.recovery import GONE_SECONDS, Recovery
from portal.messaging.sending.retry_policy import decide
from portal.messaging.transactions import transaction
from portal.messengers.errors import (
    ChatMoved,
    CredentialsRefused,
    OutsideWindow,
    PersonBlocked,
    Rejected,
    Throttled,
    Unavailable,
    Unclear,
)
from portal.messengers.registry import PLATFORMS
from portal.telemetry.prometheus import PrometheusMetrics
from tests.messaging.conftest import limit

S = "getinn_ops"
CHAT = "1001"
numbers = itertools.count(1)


def connection(traffic, credential_id=None):
    rows = traffic.sql(
        f"SELECT * FROM {S}.bot_connection WHERE credential_id = %s", [credential_id or traffic.chain.telegram_id]
    )
    return rows[0]


def seconds_left(traffic, moment):
    [row] = traffic.sql("SELECT extract(epoch FROM %s - timezone('utc', clock_timestamp()))::float8 AS left", [moment])
    return row.left


def test_messages_of_a_chat_leave_one_after_the_other_in_their_order(traffic, messenger, queued):
    queued(3)
    assert len(traffic.dispatcher.claim().messages) == 1
    assert traffic.dispatcher.claim().messages == []
    traffic.sql(f"UPDATE {S}.bot_message SET state = 'queued' WHERE state = 'sending'")
    traffic.send()
    assert messenger.said_to(CHAT) == ["1", "2", "3"]
    assert traffic.states(CHAT) == ["sent"] * 3


def test_what_failed_is_tried_again_before_anything_later_of_its_chat(traffic, messenger, queued):
    queued(2)
    queued(1, chat="2002")
    messenger.answers = [Unavailable()]
    traffic.send()
    assert messenger.sent == [("2002", "1")]
    assert traffic.states(CHAT) == ["queued", "queued"]
    traffic.make_due()
    traffic.send()
    assert messenger.said_to(CHAT) == ["1", "2"]


@pytest.mark.parametrize("error", [Unavailable("unreachable"), Unclear()])
def test_after_five_failures_a_message_is_a_dead_letter_and_its_chat_goes_on(app, traffic, messenger, queued, error):
    # The platform takes what others are told: it is this message that it does not take.
    queued(1, chat="2002")
    traffic.send()
    queued(2)
    messenger.answers = [error] * 5
    for _ in range(5):
        traffic.make_due()
        with transaction(app):
            recovery(app).release([])
        traffic.send(1)
    [failed, second] = traffic.messages(CHAT)
    assert (failed.state, failed.attempts, failed.error) == ("failed", 5, error.code)
    traffic.make_due()
    traffic.send()
    assert messenger.said_to(CHAT) == ["2"]
    assert traffic.dialog(CHAT).state == "failed"
    assert second.state == "queued"


def test_an_outage_of_hours_costs_no_message_and_no_try_and_the_waits_end_at_five_minutes(
    app, traffic, messenger, queued
):
    queued(2)
    messenger.answers = [Unavailable()] * 30
    for minutes in range(30):
        traffic.sql(f"UPDATE {S}.bot_message SET created_at = created_at - interval '1 minute' * %s", [minutes])
        traffic.make_due()
        traffic.send(1)
    [first, second] = traffic.messages(CHAT)
    # All tries are left for what the platform does when it is back.
    assert (first.state, first.attempts, second.attempts) == ("queued", 0, 0)
    assert 290 < seconds_left(traffic, first.due_at) <= 375
    messenger.answers = [Unclear()]
    traffic.make_due()
    traffic.send(1)
    assert traffic.messages(CHAT)[0].state == "uncertain"
    traffic.make_due()
    with transaction(app):
        recovery(app).release([])
    for _ in range(2):
        traffic.make_due()
        traffic.send()
    assert messenger.said_to(CHAT) == ["1", "2"]


def test_an_outage_without_an_end_is_given_up_after_half_a_day():
    waited, waits = 0.0, 0
    while (verdict := decide(Unavailable(), 1, resolves=False, waited=waited)).counts is False:
        waited, waits = waited + verdict.wait, waits + 1
    assert 12 * 3600 <= waited <= 12 * 3600 + 400
    assert 100 < waits < 200
    assert decide(Unavailable(), MAX_TRIES, resolves=False, waited=waited).state is MessageState.FAILED


@pytest.mark.parametrize("seconds", [0.0, 1.0, 30.0])
def test_however_often_a_platform_says_too_much_nothing_fails_by_it(traffic, messenger, queued, seconds):
    queued(2)
    messenger.answers = [Throttled(seconds)] * 12
    for _ in range(12):
        traffic.make_due()
        traffic.send(1)
    assert [row.state for row in traffic.messages(CHAT)] == ["queued", "queued"]
    for _ in range(2):
        traffic.make_due()
        traffic.send()
    assert messenger.said_to(CHAT) == ["1", "2"]


def test_whoever_writes_again_after_a_failed_message_is_answered(traffic, messenger):
    traffic.says(CHAT, "hello")
    traffic.drain()
    messenger.answers = [Rejected("bad_request")]
    traffic.send()
    assert (traffic.dialog(CHAT).state, traffic.dialog(CHAT).failure) == ("failed", "message_failed")
    # The question has not arrived: it is asked again before anything is taken for its answer.
    for text in ("hello?", "Anna"):
        traffic.says(CHAT, text)
        traffic.turn()
    assert messenger.said_to(CHAT) == ["zqpelmenya hello", "zqpelmenya thanks"]
    assert traffic.dialog(CHAT).collected_data["full_name"] == "Anna"
    assert (traffic.dialog(CHAT).state, traffic.dialog(CHAT).failure) == ("finished", None)


def test_a_failed_message_can_be_replayed(traffic, messenger, scoped):
    traffic.says(CHAT, "hello")
    traffic.drain()
    messenger.answers = [Rejected("bad_request")]
    traffic.send()
    [failed] = [row for row in traffic.messages(CHAT) if row.state == "failed"]
    with scoped(traffic.chain.account_id):
        assert retry(db.session.get(BotMessage, failed.id))
        db.session.commit()
    traffic.send()
    assert messenger.said_to(CHAT) == ["zqpelmenya hello"]
    assert traffic.dialog(CHAT).state == "running"


def test_retry_after_silences_that_bot_alone(traffic, messenger, queued, world):
    queued(1)
    queued(1, chat="3")
    queued(2, chat="2002", chain=world.vareniki)
    messenger.answers = [Throttled(30.0)]
    [first, *_] = messages = traffic.dispatcher.claim().messages
    throttled = next(row for row in messages if row.credential_id == traffic.chain.telegram_id)
    traffic.dispatcher.deliver(throttled, 7)
    assert 29 < seconds_left(traffic, connection(traffic).paused_until) < 32
    others = [row for row in messages if row.credential_id != throttled.credential_id]
    for row in others:
        traffic.dispatcher.deliver(row, 7)
    traffic.sql(f"UPDATE {S}.bot_message SET state = 'queued' WHERE state = 'sending'")
    traffic.send()
    assert {chat for chat, _ in messenger.sent} == {"2002"}
    assert first.id


def test_refused_credentials_pause_the_bot_and_lose_nothing(traffic, messenger, queued):
    queued(2)
    messenger.answers = [CredentialsRefused()]
    traffic.send()
    assert connection(traffic).problem == "credentials_refused"
    assert connection(traffic).paused_until is not None
    assert [(row.state, row.attempts) for row in traffic.messages(CHAT)] == [("queued", 0)] * 2
    traffic.make_due()
    traffic.send()
    assert messenger.said_to(CHAT) == ["1", "2"]
    assert connection(traffic).problem is None


def test_credentials_that_cannot_be_opened_pause_the_bot(traffic, messenger, queued, superuser_sql):
    queued(1)
    superuser_sql(
        f'UPDATE {S}.bot_platform_credential SET credentials = \'{{"v": 1, "kid": "k", "nonce": "", "ct": ""}}\''
    )
    traffic.send()
    assert connection(traffic).problem == "credentials_unreadable"
    assert traffic.states(CHAT) == ["queued"]


def test_a_person_who_blocked_the_bot_gets_nothing_more(traffic, messenger, queued):
    queued(3)
    messenger.answers = [PersonBlocked()]
    traffic.send()
    assert traffic.states(CHAT) == ["failed", "cancelled", "cancelled"]
    assert traffic.dialog(CHAT).state == "blocked"
    assert messenger.sent == []


def test_a_permanent_refusal_is_not_tried_again(traffic, messenger, queued):
    queued(2)
    messenger.answers = [OutsideWindow("outside_window", "(#131047) Re-engagement message")]
    traffic.send()
    [failed, sent] = traffic.messages(CHAT)
    assert (failed.state, failed.attempts, failed.error) == ("failed", 1, "outside_window")
    assert failed.detail == "(#131047) Re-engagement message"
    assert sent.state == "sent"


def test_a_chat_that_moved_takes_its_conversation_along(traffic, messenger, queued):
    dialog = queued(1)
    queued(1, chat="-100500")
    traffic.says(CHAT, "hello")
    messenger.answers = [ChatMoved("-100500")]
    traffic.send()
    assert traffic.dialog("-100500").id == dialog
    assert messenger.said_to("-100500").count("1") == 2
    assert [row.chat_id for row in traffic.updates()] == ["-100500"]


def test_no_error_of_an_adapter_stops_the_sender(traffic, messenger, queued):
    queued(1)
    messenger.answers = [RuntimeError("with a secret")]
    traffic.send()
    [row] = traffic.messages(CHAT)
    assert (row.state, row.error) == ("uncertain", "internal")
    assert "secret" not in row.detail


def test_of_one_bot_few_messages_are_on_their_way_at_once_and_of_a_platform_half_the_senders(traffic, queued, world):
    for chat in range(20):
        queued(1, chat=str(chat))
    queued(1, chat="other", chain=world.vareniki)
    first = traffic.dispatcher.claim().messages
    by_bot = [row.credential_id for row in first]
    assert by_bot.count(traffic.chain.telegram_id) == traffic.dispatcher.in_hand.a_bot == 4
    assert by_bot.count(world.vareniki.telegram_id) == 1
    assert traffic.dispatcher.claim().messages == []


def test_a_hung_platform_keeps_at_most_half_of_the_senders():
    in_hand = InHand(8, 8, lambda: None)
    for _ in range(4):
        in_hand.take(uuid4(), "telegram")
    assert in_hand.room().platform_room["telegram"] == 0
    assert in_hand.room().platform_room["viber"] == 4


def test_ten_thousand_queued_messages_of_one_bot_delay_nobody_else(traffic, queued, world):
    traffic.sql(
        f"INSERT INTO {S}.bot_dialog_state (account_id, bot_id, platform, platform_chat_id, current_step,"
        " last_interaction_at) SELECT %s, %s, 'telegram', 'flood-' || n, 'x', now() FROM generate_series(1, 10000) n",
        [traffic.chain.account_id, traffic.chain.bot_id],
    )
    traffic.sql(
        f"INSERT INTO {S}.bot_message (account_id, bot_id, credential_id, dialog_id, direction, author, kind, state)"
        f" SELECT account_id, bot_id, %s, id, 'out', 'bot', 'text', 'queued' FROM {S}.bot_dialog_state"
        " WHERE platform_chat_id LIKE 'flood-%%'",
        [traffic.chain.telegram_id],
    )
    queued(1, chat="other", chain=world.vareniki)
    first = traffic.dispatcher.claim().messages
    assert [row.credential_id for row in first].count(world.vareniki.telegram_id) == 1
    assert len(first) == 5


def test_a_bots_bucket_lets_a_burst_through_and_then_its_rate(traffic, messenger, queued, monkeypatch):
    limit(monkeypatch, PLATFORMS["telegram"], burst=3.0, rate=0.001)
    for chat in range(6):
        queued(1, chat=str(chat))
    claims = traffic.dispatcher.claim()
    assert len(claims.messages) == 3
    assert claims.again_after is not None
    assert traffic.dispatcher.claim().messages == []
    for message in claims.messages:
        traffic.dispatcher.deliver(message, 7)
    traffic.sql(f"UPDATE {S}.bot_connection SET allowance_at = allowance_at - interval '2000 s'")
    assert len(traffic.dispatcher.claim().messages) == 2


def test_a_chats_bucket_puts_its_next_message_off_and_no_other_chats(traffic, messenger, queued, monkeypatch):
    limit(monkeypatch, PLATFORMS["telegram"], chat_rate=0.1, chat_burst=2.0)
    queued(3)
    queued(1, chat="2002")
    traffic.send(4)
    assert messenger.said_to(CHAT) == ["1", "2"]
    assert messenger.said_to("2002") == ["1"]
    [third] = [row for row in traffic.messages(CHAT) if row.state == "queued"]
    assert 5 < seconds_left(traffic, third.due_at) <= 10
    assert third.attempts == 0


def test_what_a_dead_worker_had_in_hand_is_sent_again_and_marked(app, traffic, messenger, queued):
    queued(2)
    [claimed] = traffic.dispatcher.claim().messages
    sweep = recovery(app)
    sweep.sweep()
    assert traffic.states(CHAT) == ["sending", "queued"]
    sweep._gone_since = {worker: since - GONE_SECONDS for worker, since in sweep._gone_since.items()}
    sweep.sweep()
    traffic.send()
    [first, second] = traffic.messages(CHAT)
    assert (first.id, first.state, first.maybe_twice) == (claimed.id, "sent", True)
    assert (second.state, second.maybe_twice) == ("sent", False)
    assert messenger.said_to(CHAT) == ["1", "2"]


def test_a_living_worker_keeps_what_it_has_in_hand(app, traffic, queued, connect):
    queued(1)
    traffic.dispatcher.claim()
    alive = connect()
    alive.execute("SELECT pg_advisory_lock(%s, 7)", [presence.LOCK_CLASS])
    sweep = recovery(app)
    sweep.sweep()
    assert sweep._gone_since == {}
    alive.close()


def test_where_a_receipt_will_tell_it_is_waited_for_and_nothing_is_sent_twice(
    app, traffic, messenger, queued, monkeypatch
):
    monkeypatch.setattr(PLATFORMS["telegram"], "resolves_uncertain", True)
    queued(1)
    [claimed] = traffic.dispatcher.claim().messages
    with transaction(app):
        assert recovery(app).release([7]) == 0
    assert traffic.states(CHAT) == ["uncertain"]
    give_receipt(traffic, monkeypatch, "delivered", row_id=str(claimed.id))
    assert traffic.states(CHAT) == ["delivered"]
    traffic.make_due()
    with transaction(app):
        assert recovery(app).release([]) == 0
    assert messenger.sent == []


def test_without_the_receipt_it_is_sent_again_after_a_minute(app, traffic, messenger, queued, monkeypatch):
    monkeypatch.setattr(PLATFORMS["telegram"], "resolves_uncertain", True)
    queued(1)
    messenger.answers = [Unclear()]
    traffic.send()
    [row] = traffic.messages(CHAT)
    assert row.state == "uncertain"
    assert 58 < seconds_left(traffic, row.due_at) <= 60
    traffic.make_due()
    with transaction(app):
        assert recovery(app).release([]) == 1
    traffic.send()
    [row] = traffic.messages(CHAT)
    assert (row.state, row.maybe_twice) == ("sent", True)


@pytest.mark.parametrize(
    ("told", "comes_to"),
    [
        (["delivered"], "delivered"),
        (["delivered", "sent"], "delivered"),
        (["read", "delivered", "sent"], "read"),
        (["failed"], "failed"),
        (["delivered", "failed"], "delivered"),
        (["failed", "delivered"], "delivered"),
    ],
)
def test_receipts_in_any_order_never_take_a_message_back(traffic, messenger, queued, monkeypatch, told, comes_to):
    queued(1)
    traffic.send()
    for state in told:
        give_receipt(traffic, monkeypatch, state, ref="ref-1000")
    [row] = traffic.messages(CHAT)
    assert row.state == comes_to
    assert (row.read_at is not None) == (comes_to == "read")
    assert (row.error is not None) == (comes_to == "failed")
    assert {update.state for update in traffic.updates()} == {"done"}


def test_a_receipt_that_overtakes_the_note_is_tried_again(traffic, messenger, queued, monkeypatch):
    queued(1)
    [claimed] = traffic.dispatcher.claim().messages
    give_receipt(traffic, monkeypatch, "read", ref="ref-1000")
    assert [row.state for row in traffic.updates()] == ["pending"]
    traffic.dispatcher.deliver(claimed, 7)
    traffic.make_due()
    traffic.drain()
    assert traffic.states(CHAT) == ["read"]


def test_a_receipt_of_a_message_that_nobody_here_sent_is_given_up(traffic, monkeypatch):
    give_receipt(traffic, monkeypatch, "read", ref="foreign")
    for _ in range(5):
        traffic.make_due()
        traffic.drain()
    assert [(row.state, row.error) for row in traffic.updates()] == [("ignored", None)]


def test_a_receipt_while_the_note_is_on_its_way_is_not_overwritten(traffic, messenger, queued, monkeypatch):
    queued(1)
    [claimed] = traffic.dispatcher.claim().messages
    give_receipt(traffic, monkeypatch, "read", row_id=str(claimed.id))
    traffic.dispatcher.deliver(claimed, 7)
    [row] = traffic.messages(CHAT)
    assert (row.state, row.platform_message_id) == ("read", "ref-1000")


def test_waiting_grows_with_jitter_and_has_a_cap():
    assert [1 <= wait_after(1) <= 1.25, 2 <= wait_after(2) <= 2.5, 8 <= wait_after(4) <= 10] == [True] * 3
    assert 60 <= wait_after(400) <= 75
    assert len({wait_after(3) for _ in range(20)}) > 1


def give_receipt(traffic, monkeypatch, state, ref="", row_id=None):
    """A receipt as an adapter reads it, whatever platform it comes from."""
    receipt = Receipt(message_ref=ref, state=MessageState(state), row_id=row_id, error="undeliverable")
    with monkeypatch.context() as reading:
        reading.setattr(PLATFORMS["telegram"].inbound, "read_event", lambda payload, kind: InboundEvent(receipt))
        traffic.receives("receipt", {})
        traffic.drain()
    monkeypatch.setattr(PLATFORMS["telegram"].inbound, "read_event", lambda payload, kind: InboundEvent(receipt))


def recovery(app):
    return Recovery(app, threading.Event())


def test_calls_are_counted_by_the_state_that_they_brought_about(app, traffic, messenger, queued, monkeypatch):
    registry = CollectorRegistry()
    monkeypatch.setitem(app.extensions, "metrics", PrometheusMetrics(registry))
    queued(2)
    messenger.answers = [Rejected()]
    traffic.send()
    for outcome in ("failed", "sent"):
        labels = {"platform": "telegram", "outcome": outcome}
        assert registry.get_sample_value("getinn_sendings_total", labels) == 1.0, outcome
