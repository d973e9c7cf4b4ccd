"""An update becomes a step of its conversation: state, history and what is to be sent, in one transaction."""

import threading
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from portal.conversations.conversation import Conversation
from portal.conversations.locking import lock_conversation
from portal.db.base import db
from portal.messaging import due
from portal.messaging.events import button_marker
from portal.messaging.inbound_updates import InboundUpdate
from portal.messaging.queries import Chat
from portal.messaging.receiving.update_processor import Step
from portal.messaging.sending.recovery import Recovery
from portal.messengers.registry import PLATFORMS
from portal.tenancy.scope import enter_account

CHAT = "1001"


def test_the_first_message_begins_the_live_version_and_is_answered(traffic, messenger, world):
    traffic.says(CHAT, "hello")
    traffic.turn()
    dialog = traffic.dialog(CHAT)
    assert dialog.scenario_id == world.pelmenya.scenario_id
    assert (dialog.state, dialog.current_step, dialog.turn) == ("running", "zqpelmenya_name", 1)
    assert messenger.said_to(CHAT) == ["zqpelmenya hello"]
    assert [(row.direction, row.author, row.kind, row.state) for row in traffic.messages(CHAT)] == [
        ("in", "guest", "text", "received"),
        ("out", "bot", "text", "sent"),
    ]
    assert [row.state for row in traffic.updates()] == ["done"]


def test_an_answer_is_kept_and_its_message_names_what_it_answered(traffic, messenger):
    for text in ("hello", "Anna"):
        traffic.says(CHAT, text)
        traffic.turn()
    dialog = traffic.dialog(CHAT)
    assert dialog.collected_data["full_name"] == "Anna"
    assert dialog.state == "finished"
    assert messenger.said_to(CHAT) == ["zqpelmenya hello", "zqpelmenya thanks"]
    named = [(row.variable, row.value) for row in traffic.messages(CHAT) if row.variable]
    assert named == [("full_name", "Anna")]


def test_a_delivery_that_is_repeated_is_applied_once(traffic, messenger):
    number = traffic.says(CHAT, "hello")
    traffic.says(CHAT, "hello", number=number)
    traffic.turn()
    traffic.says(CHAT, "hello", number=number)
    traffic.turn()
    assert len(traffic.updates()) == 1
    assert messenger.said_to(CHAT) == ["zqpelmenya hello"]


def test_updates_of_a_chat_are_applied_in_the_platforms_order_and_chats_apart(traffic, messenger):
    traffic.says(CHAT, "second", number=50)
    traffic.says("2002", "hello", number=49)
    traffic.says(CHAT, "first", number=48)
    traffic.drain()
    assert [row.text for row in traffic.messages(CHAT) if row.direction == "in"] == ["first", "second"]
    assert traffic.dialog("2002").turn == 1


def test_an_update_that_keeps_failing_is_a_dead_letter_after_five_tries_and_its_chat_goes_on(traffic, monkeypatch):
    adapter = PLATFORMS["telegram"]
    inbound = adapter.inbound.read_event

    def refuse(payload, kind):
        if payload.get("message", {}).get("text") == "poison":
            raise ValueError("it says 123456789:zqpelmenya-telegram-token-sealed-000")
        return inbound(payload, kind)

    monkeypatch.setattr(adapter.inbound, "read_event", refuse)
    traffic.says(CHAT, "poison")
    traffic.says(CHAT, "hello")
    waits = []
    for _ in range(5):
        traffic.drain()
        [poison] = [row for row in traffic.updates() if row.attempts]
        waits.append((poison.due_at - datetime.now(UTC).replace(tzinfo=None)).total_seconds())
        if poison.state == "pending":
            assert traffic.dialog(CHAT) is None
            traffic.make_due()
    assert (poison.state, poison.attempts) == ("dead", 5)
    assert poison.error.startswith("ValueError at tests/messaging/")
    assert "token" not in poison.error
    assert [round(wait) >= least for wait, least in zip(waits[:4], (1, 2, 4, 8), strict=True)] == [True] * 4
    traffic.drain()
    assert traffic.dialog(CHAT).turn == 1


def test_an_update_that_waits_for_its_next_try_holds_its_chat_back(traffic):
    traffic.says(CHAT, "hello")
    traffic.says(CHAT, "Anna")
    traffic.sql("UPDATE getinn_ops.bot_inbound_update SET due_at = due_at + interval '1 hour' WHERE position = 1")
    own = traffic.chain
    assert traffic.processor.advance(Chat(own.account_id, own.telegram_id, CHAT)) is Step.NOTHING
    assert traffic.dialog(CHAT) is None


def test_a_dead_letter_can_be_replayed(traffic, scoped, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(PLATFORMS["telegram"].inbound, "read_event", lambda payload, kind: 1 / 0)
        traffic.says(CHAT, "hello")
        for _ in range(5):
            traffic.drain()
            traffic.make_due()
    [dead] = traffic.updates("dead")
    with scoped(traffic.chain.account_id):
        assert db.session.get(InboundUpdate, dead.id).replay()
        db.session.commit()
    traffic.drain()
    assert traffic.dialog(CHAT).turn == 1


@pytest.mark.parametrize(
    "switch",
    [
        "UPDATE getinn_ops.bot_platform_credential SET is_active = false",
        "UPDATE getinn_ops.bot_instance SET is_active = false",
        "UPDATE getinn_ops.account SET is_active = false",
        "UPDATE getinn_ops.bot_platform_credential SET superseded_at = now()",
    ],
)
def test_what_waits_for_a_bot_that_is_silenced_is_ignored_and_what_it_was_to_say_is_cancelled(
    traffic, messenger, superuser_sql, switch
):
    traffic.says(CHAT, "hello")
    traffic.drain()
    traffic.says(CHAT, "Anna")
    superuser_sql(switch)
    traffic.turn()
    assert [row.state for row in traffic.updates()] == ["done", "ignored"]
    assert traffic.states(CHAT) == ["cancelled"]
    assert messenger.sent == []


def test_without_a_live_version_what_is_said_is_kept_and_not_answered(traffic, messenger, superuser_sql):
    superuser_sql("UPDATE getinn_ops.bot_scenario SET is_live = false")
    traffic.says(CHAT, "hello")
    traffic.turn()
    assert [row.text for row in traffic.messages(CHAT)] == ["hello"]
    assert traffic.dialog(CHAT).scenario_id is None
    superuser_sql("UPDATE getinn_ops.bot_scenario SET is_live = true WHERE number = 1")
    traffic.says(CHAT, "hello again")
    traffic.turn()
    assert messenger.said_to(CHAT) == ["zqpelmenya hello"]


def test_a_conversation_stays_on_its_version_until_it_begins_anew(traffic, messenger):
    traffic.says(CHAT, "hello")
    traffic.turn()
    pinned = traffic.dialog(CHAT).scenario_id
    new = traffic.publish({"fresh": {"message": "fresh", "expected_input": {"type": "text", "variable": "x"}}})
    traffic.says(CHAT, "Anna")
    traffic.turn()
    assert traffic.dialog(CHAT).scenario_id == pinned
    traffic.says(CHAT, "/start")
    traffic.turn()
    assert traffic.dialog(CHAT).scenario_id == new
    assert messenger.said_to(CHAT) == ["zqpelmenya hello", "zqpelmenya thanks", "fresh"]


def test_a_conversation_of_an_older_writer_joins_the_live_version_where_it_stands(traffic, messenger, superuser_sql):
    superuser_sql(
        "INSERT INTO getinn_ops.bot_dialog_state (bot_id, platform, platform_chat_id, current_step, collected_data,"
        " last_interaction_at) SELECT %s, 'telegram', chat, step, '{\"known\": \"yes\"}', now()"
        " FROM (VALUES ('1', 'zqpelmenya_name'), ('2', 'gone')) AS old (chat, step)",
        [traffic.chain.bot_id],
    )
    traffic.says("1", "Anna")
    traffic.says("2", "hi")
    traffic.turn()
    assert traffic.dialog("1").collected_data == {"known": "yes", "full_name": "Anna"}
    assert traffic.dialog("1").scenario_id == traffic.chain.scenario_id
    assert messenger.said_to("1") == ["zqpelmenya thanks"]
    assert messenger.said_to("2") == ["zqpelmenya hello"]


BUTTONS = {
    "menu": {
        "message": "Choose",
        "buttons": [{"text": "Tea", "value": "tea"}, {"text": "Coffee", "value": "coffee"}],
        "expected_input": {"type": "button", "variable": "drink"},
        "next_step": "done",
    },
    "done": {"message": "Enjoy"},
}


def test_a_press_is_answered_named_and_acknowledged_after_the_commit(traffic, messenger):
    traffic.publish(BUTTONS)
    traffic.says(CHAT, "hello")
    traffic.turn()
    traffic.presses(CHAT, button_marker(1, 1))
    traffic.drain()
    assert messenger.acknowledged == []
    traffic.acknowledge()
    assert len(messenger.acknowledged) == 1
    [press] = [row for row in traffic.messages(CHAT) if row.kind == "press"]
    assert (press.text, press.variable, press.value) == ("Coffee", "drink", "coffee")
    assert traffic.dialog(CHAT).collected_data["drink"] == "coffee"


def test_an_old_button_is_acknowledged_with_words(traffic, messenger):
    traffic.publish(BUTTONS)
    traffic.says(CHAT, "hello")
    traffic.turn()
    for marker in (button_marker(1, 0), button_marker(1, 1)):
        traffic.presses(CHAT, marker)
    traffic.drain()
    traffic.acknowledge()
    assert messenger.acknowledged[0][1] is None
    assert messenger.acknowledged[1][1]
    assert [row.state for row in traffic.messages(CHAT) if row.kind == "press"] == ["received", "ignored"]


TIMED = {
    "one": {"message": "One", "auto_next": True, "auto_next_delay": 5, "next_step": "two"},
    "two": {"message": "Two", "expected_input": {"type": "text", "variable": "x"}},
}


def test_a_step_goes_on_by_itself_when_its_time_has_come(traffic, messenger):
    traffic.publish(TIMED)
    traffic.says(CHAT, "hello")
    traffic.turn()
    assert traffic.tick() == []
    assert traffic.dialog(CHAT).wake_at is not None
    pass_time(traffic)
    assert traffic.tick() == [Step.APPLIED]
    assert traffic.tick() == []
    traffic.send()
    assert messenger.said_to(CHAT) == ["One", "Two"]


@pytest.mark.parametrize("why", ["taken_over", "blocked", "off", "withdrawn"])
def test_timers_are_silent_while_the_bot_may_not_speak(traffic, messenger, superuser_sql, why):
    traffic.publish(TIMED)
    traffic.says(CHAT, "hello")
    traffic.turn()
    pass_time(traffic)
    superuser_sql(
        {
            "off": "UPDATE getinn_ops.bot_platform_credential SET is_active = false",
            "withdrawn": "UPDATE getinn_ops.bot_scenario SET is_live = false",
        }.get(why, f"UPDATE getinn_ops.bot_dialog_state SET state = '{why}'")
    )
    # Without a live version it is looked at again, now and then.
    assert traffic.tick() == ([Step.APPLIED] if why == "withdrawn" else [])
    assert traffic.tick() == []
    traffic.send()
    assert messenger.said_to(CHAT) == ["One"]
    assert traffic.dialog(CHAT).wake_at is not None


def test_a_timer_that_keeps_failing_ends_as_a_failed_conversation(traffic, monkeypatch):
    traffic.publish(TIMED)
    traffic.says(CHAT, "hello")
    traffic.turn()
    monkeypatch.setattr(Conversation, "tick", lambda self: 1 / 0)
    for _ in range(5):
        pass_time(traffic)
        assert traffic.tick() == [Step.POSTPONED]
    dialog = traffic.dialog(CHAT)
    assert (dialog.state, dialog.wake_at) == ("failed", None)
    assert dialog.failure.startswith("ZeroDivisionError")


def test_whoever_blocks_the_bot_gets_nothing_more_and_is_heard_again_when_they_write(traffic, messenger):
    traffic.says(CHAT, "hello")
    traffic.drain()
    traffic.delivers(membership(CHAT, "kicked"))
    traffic.drain()
    assert traffic.dialog(CHAT).state == "blocked"
    assert traffic.states(CHAT) == ["cancelled"]
    # The question was never sent, so it is asked again before anything is taken for its answer.
    for text in ("I am back", "Anna"):
        traffic.says(CHAT, text)
        traffic.turn()
    assert traffic.dialog(CHAT).state == "finished"
    assert traffic.dialog(CHAT).collected_data["full_name"] == "Anna"
    assert messenger.said_to(CHAT) == ["zqpelmenya hello", "zqpelmenya thanks"]


def test_an_edit_is_recorded_and_moves_nothing(traffic):
    traffic.says(CHAT, "hello")
    traffic.turn()
    before = traffic.dialog(CHAT)
    person = {"id": int(CHAT), "first_name": "Ann", "is_bot": False}
    edited = {"message_id": 1, "date": 1700000000, "edit_date": 1700000009, "text": "hullo", "from": person}
    edited["chat"] = {"id": int(CHAT), "type": "private"}
    traffic.delivers({"update_id": 900, "edited_message": edited})
    traffic.turn()
    after = traffic.dialog(CHAT)
    assert (after.current_step, after.turn, after.last_inbound_at) == (
        before.current_step,
        before.turn,
        before.last_inbound_at,
    )
    assert [(row.kind, row.text) for row in traffic.messages(CHAT)][-1] == ("edited", "hullo")


def test_while_a_person_has_the_conversation_the_bot_hears_and_is_silent(traffic, messenger, superuser_sql):
    traffic.says(CHAT, "hello")
    traffic.turn()
    superuser_sql("UPDATE getinn_ops.bot_dialog_state SET state = 'taken_over'")
    traffic.says(CHAT, "/start")
    traffic.turn()
    assert [(row.text, row.state) for row in traffic.messages(CHAT)][-1] == ("/start", "received")
    assert messenger.said_to(CHAT) == ["zqpelmenya hello"]
    assert traffic.dialog(CHAT).state == "taken_over"


def test_what_the_bot_was_about_to_say_is_not_sent_once_a_person_has_taken_over(traffic, messenger, superuser_sql):
    traffic.says(CHAT, "hello")
    traffic.drain()
    superuser_sql("UPDATE getinn_ops.bot_dialog_state SET state = 'taken_over'")
    say(traffic, "I am here")
    traffic.send()
    assert messenger.said_to(CHAT) == ["I am here"]
    assert traffic.states(CHAT) == ["cancelled", "sent"]


def test_a_person_hands_back_at_a_step_and_the_bot_goes_on_there(traffic, messenger, superuser_sql, scoped):
    traffic.says(CHAT, "hello")
    traffic.turn()
    superuser_sql("UPDATE getinn_ops.bot_dialog_state SET state = 'taken_over', hand_back_at = now()")
    with scoped(traffic.chain.account_id):
        Conversation(lock_conversation(traffic.dialog(CHAT).id)).enter("zqpelmenya_thanks")
        db.session.commit()
    traffic.send()
    assert messenger.said_to(CHAT)[-1] == "zqpelmenya thanks"
    dialog = traffic.dialog(CHAT)
    assert (dialog.state, dialog.taken_over_by_id, dialog.hand_back_at) == ("finished", None, None)


def test_the_bot_gets_the_conversation_back_when_the_time_is_up(app, traffic, superuser_sql):
    traffic.says(CHAT, "hello")
    traffic.turn()
    superuser_sql("UPDATE getinn_ops.bot_dialog_state SET state = 'taken_over', hand_back_at = now() - interval '1 s'")
    Recovery(app, threading.Event()).sweep()
    dialog = traffic.dialog(CHAT)
    assert (dialog.state, dialog.hand_back_at) == ("running", None)
    [event] = superuser_sql("SELECT * FROM getinn_ops.audit_event WHERE entity_id = %s", [dialog.id])
    assert (event.action, event.actor_id) == ("handed_back", None)


def test_a_file_is_asked_for_in_the_transaction_that_records_it(traffic, waiting_jobs):
    person = {"id": int(CHAT), "first_name": "Ann", "is_bot": False}
    photo = {"file_id": "photo-1", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 99}
    message = {"message_id": 3, "date": 1700000000, "photo": [photo], "caption": "me", "from": person}
    message["chat"] = {"id": int(CHAT), "type": "private"}
    traffic.delivers({"update_id": 901, "message": message})
    traffic.drain()
    [row] = [row for row in traffic.messages(CHAT) if row.direction == "in"]
    assert (row.kind, row.text, row.file_state) == ("image", "me", "waiting")
    assert row.content["file"]["reference"]
    [job] = waiting_jobs()
    assert (job.task_name, job.args["message_id"]) == ("fetch_received_file", str(row.id))


def test_two_workers_at_one_chat_take_turns(app, traffic, connect):
    traffic.says(CHAT, "hello")
    other = connect()
    other.autocommit = False
    key = f"{traffic.chain.telegram_id} {CHAT}"
    other.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
    assert traffic.drain() == [Step.ELSEWHERE]
    other.rollback()
    other.close()
    assert traffic.drain() == [Step.APPLIED]


def test_bots_take_turns_however_much_waits_for_one(traffic, world, superuser_sql):
    superuser_sql(
        "INSERT INTO getinn_ops.bot_inbound_update"
        " (account_id, bot_id, credential_id, dedupe_key, kind, chat_id, payload)"
        " SELECT %s, %s, %s, 'many-' || n, 'message', n::text, '{}' FROM generate_series(1, 3000) n",
        [traffic.chain.account_id, traffic.chain.bot_id, traffic.chain.telegram_id],
    )
    superuser_sql(
        "INSERT INTO getinn_ops.bot_inbound_update"
        " (account_id, bot_id, credential_id, dedupe_key, kind, chat_id, payload)"
        " VALUES (%s, %s, %s, 'one', 'message', '7', '{}')",
        [world.vareniki.account_id, world.vareniki.bot_id, world.vareniki.telegram_id],
    )
    found = traffic.look_around().chats
    assert world.vareniki.telegram_id in {each.chat.credential_id for each in found[:2]}
    assert len(found) <= due.CHATS_A_BOT + 1


def pass_time(traffic):
    traffic.sql("UPDATE getinn_ops.bot_dialog_state SET wake_at = wake_at - interval '1 hour'")


def membership(chat, status):
    person = {"id": int(chat), "first_name": "Ann", "is_bot": False}
    bot = {"id": 123456789, "first_name": "Bot", "is_bot": True}
    change = {"chat": {"id": int(chat), "type": "private"}, "from": person, "date": 1700000000}
    change |= {"old_chat_member": {"user": bot, "status": "member"}, "new_chat_member": {"user": bot, "status": status}}
    return {"update_id": 800, "my_chat_member": change}


def say(traffic, text):
    with traffic.app.app_context():
        enter_account(traffic.chain.account_id)
        manager = SimpleNamespace(id=traffic.chain.manager.id, is_superuser=False)
        Conversation(lock_conversation(traffic.dialog(CHAT).id)).say(text, by=manager)
        db.session.commit()
