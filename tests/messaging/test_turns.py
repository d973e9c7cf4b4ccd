"""Nobody's queue keeps anybody waiting: turns by account, the oldest first, one update a chat."""

from dataclasses import replace
from uuid import UUID, uuid4

import pytest

from portal.messaging import due, turns
from portal.messaging.due import look_around
from portal.messaging.receiving import ceilings, scheduler
from portal.messaging.receiving.acknowledger import PressAcknowledger
from portal.messaging.receiving.ceilings import Newcomers
from portal.messaging.receiving.scheduler import UpdateScheduler
from portal.messaging.sending.retry_policy import note_sent
from portal.messaging.sending.room import Heads, Room
from portal.messaging.shares import Share
from portal.messaging.transactions import line_transaction
from portal.messaging.turns import Turns
from portal.messengers.registry import PLATFORMS
from portal.messengers.results import Sent

S = "getinn_ops"
OURS, THEIRS = UUID(int=1), UUID(int=2)


def taken(line, count):
    """Whose work is taken, each finished at once."""
    found = []
    for _ in range(count):
        account_id, _work = line.take()
        line.finished(account_id)
        found.append(account_id)
    return found


def test_accounts_take_turns_however_much_one_of_them_has():
    line = Turns(share=3)
    for place in range(100):
        line.put(OURS, place, since=place)
    line.put(THEIRS, "word", since=1000)
    assert taken(line, 3) == [OURS, THEIRS, OURS]


def test_within_an_account_what_waits_longest_comes_first():
    line = Turns(share=3)
    for since in (3, 1, 2):
        line.put(OURS, since, since=since)
    assert [line.take()[1] for _ in range(3)] == [1, 2, 3]


def test_an_account_leaves_a_thread_for_others():
    line = Turns(share=2)
    for place in range(4):
        line.put(OURS, place, since=place)
    line.take(), line.take()
    line.put(THEIRS, "word", since=9)
    assert line.take() == (THEIRS, "word")


def test_who_has_used_up_the_processor_waits_while_others_have_work_and_not_otherwise():
    line = Turns(share=3)
    line.put(OURS, "heavy", since=0)
    line.take()
    line.finished(OURS, seconds=turns.BUDGET * 100)
    line.put(OURS, "more", since=1)
    for place in range(3):
        line.put(THEIRS, place, since=2)
    assert taken(line, 4) == [THEIRS, THEIRS, THEIRS, OURS]


@pytest.fixture
def quiet_scheduler(app, traffic):
    """A scheduler whose work the test takes itself."""
    return UpdateScheduler(app, traffic.processor, lambda: None)


def work_off(planner, most):
    for _ in range(most):
        if planner.pool.turns.is_empty:
            return
        account_id, work = planner.pool.turns.take()
        work()
        planner.pool.turns.finished(account_id)


def test_chats_are_served_by_when_they_wrote_and_one_update_at_a_time(traffic, quiet_scheduler):
    for word in ("a", "b", "c"):
        for chat in ("30", "20", "10"):
            traffic.says(chat, word)
    quiet_scheduler.look()
    work_off(quiet_scheduler, 20)
    done = sorted(traffic.updates("done"), key=lambda row: row.processed_at)
    assert [row.chat_id for row in done] == ["30", "20", "10"] * 3


def test_a_chat_is_left_at_once_when_nothing_more_waits_in_it(traffic, quiet_scheduler, monkeypatch):
    traffic.says("30", "hello")
    quiet_scheduler.look()
    steps = []
    advance = traffic.processor.advance
    monkeypatch.setattr(traffic.processor, "advance", lambda chat: steps.append(chat) or advance(chat))
    work_off(quiet_scheduler, 20)
    assert len(steps) == 1
    assert not quiet_scheduler._chats


def flood(traffic, chats, prefix="flood-", words=1):
    traffic.sql(
        f"INSERT INTO {S}.bot_inbound_update (account_id, bot_id, credential_id, dedupe_key, kind, chat_id, payload)"
        " SELECT %s, %s, %s, gen_random_uuid()::text, 'message', %s || n, '{}'"
        " FROM generate_series(1, %s) n, generate_series(1, %s)",
        [traffic.chain.account_id, traffic.chain.bot_id, traffic.chain.telegram_id, prefix, chats, words],
    )


def test_every_chat_of_a_crowded_bot_is_seen_look_after_look(app, traffic, monkeypatch):
    monkeypatch.setattr(due, "CHATS_A_BOT", 256)
    flood(traffic, 700)
    seen, places = set(), {}
    for _ in range(4):
        with line_transaction(app):
            found = look_around((), (), places, Share())
        places = found.places
        seen |= {each.chat.chat_id for each in found.chats}
    assert {f"flood-{n}" for n in range(1, 701)} <= seen


def test_one_chat_with_a_thousand_words_is_one_of_the_chats(app, traffic):
    flood(traffic, 1, words=1000)
    traffic.says("77", "hello")
    assert [each.chat.chat_id for each in traffic.look_around().chats] == ["flood-1", "77"]


def test_an_account_of_which_enough_is_known_is_not_looked_at(app, traffic, world, quiet_scheduler, monkeypatch):
    monkeypatch.setattr(scheduler, "ENOUGH_CHATS", 2)
    flood(traffic, 3)
    quiet_scheduler.look()
    flood(traffic, 3, prefix="later-")
    quiet_scheduler.look()
    assert quiet_scheduler.pool.turns.count(traffic.chain.account_id) == 3


# Sending.


def heads(account, count, since, bot=None, platform="telegram"):
    bot = bot or uuid4()
    ids = [uuid4() for _ in range(count)]
    return Heads(account, bot, platform, count, None, ids, [since + place for place in range(count)])


def test_senders_are_shared_out_by_account_those_in_hand_counted():
    many = [heads(OURS, 4, since=0) for _ in range(5)]
    one = heads(THEIRS, 4, since=1000)
    room = Room(senders=4, a_bot=4, an_account=12, busy_bots={}, platform_room={"telegram": 16})
    owner = {message: each.account_id for each in (*many, one) for message in each.ids}
    assert [owner[message] for message in room.choose([*many, one])] == [OURS, THEIRS, OURS, THEIRS]
    busy = replace(room, busy_accounts={OURS: 2})
    assert [owner[message] for message in busy.choose([*many, one])] == [THEIRS, THEIRS, OURS, THEIRS]


def test_an_account_has_so_many_senders_whatever_number_of_bots():
    many = [heads(OURS, 4, since=0) for _ in range(9)]
    room = Room(senders=32, a_bot=4, an_account=12, busy_bots={}, platform_room={"telegram": 16})
    assert len(room.choose(many)) == 12


def test_every_chat_of_a_crowded_bot_is_sent_to_however_much_waits_in_one(traffic, queued, messenger, monkeypatch):
    queued(3000, chat="loud")
    for chat in range(200):
        queued(1, chat=f"quiet-{chat}")
    quiet = set()
    for _ in range(80):
        claimed = traffic.dispatcher.claim().messages
        quiet |= {row.chat_id for row in claimed if row.chat_id != "loud"}
        for message in claimed:
            traffic.dispatcher.deliver(message, 7)
    assert len(quiet) == 200
    assert len(messenger.said_to("loud")) >= 5


def test_a_message_whose_row_is_held_is_noted_later_and_the_others_now(app, traffic, queued, connect):
    queued(1, chat="1")
    queued(1, chat="2")
    claimed = traffic.dispatcher.claim().messages
    held, free = sorted(claimed, key=lambda row: row.chat_id)
    with connect() as other:
        other.autocommit = False
        other.execute("SELECT set_config('getinn.account_id', %s, true)", [str(traffic.chain.account_id)])
        other.execute(f"SELECT FROM {S}.bot_message WHERE id = %s FOR UPDATE", [held.id])
        with line_transaction(app):
            noted = note_sent([(held, Sent("ref-1")), (free, Sent("ref-2"))], 7)
    assert noted == [free.id]


# Presses.


@pytest.fixture
def acknowledger(app, traffic):
    return PressAcknowledger(app, traffic.dispatcher.sender)


BUTTONS = {
    "menu": {
        "message": "Choose",
        "buttons": [{"text": "Tea", "value": "tea"}, {"text": "Coffee", "value": "coffee"}],
        "expected_input": {"type": "button", "variable": "drink"},
        "next_step": "more",
    },
    "more": {"message": "More?", "expected_input": {"type": "text", "variable": "more"}},
}


def press_in_time(traffic, age):
    traffic.presses("1001", "1.1")
    traffic.sql(
        f"UPDATE {S}.bot_inbound_update SET created_at = timezone('utc', clock_timestamp()) - %s::interval"
        " WHERE kind = 'press' AND state = 'pending'",
        [age],
    )


def acknowledge(acknowledger):
    acknowledger.look()
    while not acknowledger.pool.turns.is_empty:
        account_id, work = acknowledger.pool.turns.take()
        work()
        acknowledger.pool.turns.finished(account_id)


def test_a_press_that_waits_for_its_turn_is_acknowledged_once_and_its_step_speaks_in_the_chat(
    traffic, messenger, acknowledger
):
    traffic.publish(BUTTONS)
    traffic.says("1001", "hello")
    traffic.turn()
    traffic.presses("1001", "1.0")
    traffic.turn()
    traffic.pressed.clear()
    press_in_time(traffic, "2 seconds")
    for _ in range(2):
        acknowledge(acknowledger)
    assert [text for _, text in messenger.acknowledged] == [None]
    traffic.turn()
    assert traffic.pressed == []
    assert "menu is old" in messenger.said_to("1001")[-2]


@pytest.mark.parametrize("age", ["0 seconds", "2 minutes"])
def test_a_press_that_just_came_is_left_to_its_step_and_one_that_is_too_old_to_nobody(
    traffic, messenger, acknowledger, age
):
    traffic.publish(BUTTONS)
    traffic.says("1001", "hello")
    traffic.turn()
    press_in_time(traffic, age)
    acknowledge(acknowledger)
    assert messenger.acknowledged == []
    traffic.turn()
    assert len(traffic.pressed) == 1


# Ceilings.


def test_new_people_beyond_the_ceiling_wait_and_lose_nothing(traffic, monkeypatch, superuser_sql):
    monkeypatch.setattr(ceilings, "NEWCOMERS_AT_ONCE", 2.0)
    monkeypatch.setattr(ceilings, "NEWCOMERS_A_SECOND", 0.0)
    for chat in ("1", "2", "3"):
        traffic.says(chat, "hello")
    traffic.drain()
    [waiting] = traffic.updates("pending")
    assert (waiting.chat_id, waiting.attempts) == ("3", 0)
    assert superuser_sql(f"SELECT kind FROM {S}.notice WHERE kind = 'bot_crowded'")
    # Whoever is known already is heard at once.
    traffic.says("1", "Anna")
    traffic.drain()
    assert traffic.dialog("1").turn == 2
    traffic.make_due()
    monkeypatch.setattr(traffic.processor, "_newcomers", Newcomers())
    traffic.drain()
    assert traffic.dialog("3").turn == 1


def test_a_conversation_that_another_writer_begins_meanwhile_is_gone_on_with(traffic, monkeypatch):
    inbound = PLATFORMS["telegram"].inbound
    read = inbound.read_event
    begun = []

    def read_late(payload, kind):
        if not begun:
            begun.append(uuid4())
            traffic.sql(
                f"INSERT INTO {S}.bot_dialog_state (id, account_id, bot_id, platform, platform_chat_id, current_step,"
                " last_interaction_at) VALUES (%s, %s, %s, 'telegram', '1001', '', now())",
                [begun[0], traffic.chain.account_id, traffic.chain.bot_id],
            )
        return read(payload, kind)

    monkeypatch.setattr(inbound, "read_event", read_late)
    traffic.says("1001", "hello")
    traffic.drain()
    assert (traffic.dialog("1001").id, traffic.dialog("1001").turn) == (begun[0], 1)
    assert [row.state for row in traffic.updates()] == ["done"]
