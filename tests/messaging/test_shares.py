"""Several workers share the chats out, and none of them leaves anything lying."""

import threading
import time

import pytest

from portal.messaging import due
from portal.messaging.presence import Presence
from portal.messaging.receiving.scheduler import UpdateScheduler
from portal.messaging.sending.dispatcher import Dispatcher
from portal.messaging.shares import Share
from portal.messaging.transactions import line_transaction

S = "getinn_ops"
FIRST, SECOND = Share(0, 2), Share(1, 2)
CHATS = [str(number) for number in range(1001, 1021)]


def seen_by(app, share):
    with line_transaction(app):
        return {each.chat.chat_id for each in due.look_around((), (), {}, share).chats}


def grow_old(traffic, seconds):
    traffic.sql(f"UPDATE {S}.bot_inbound_update SET due_at = due_at - make_interval(secs => %s)", [seconds])
    traffic.sql(f"UPDATE {S}.bot_message SET due_at = due_at - make_interval(secs => %s)", [seconds])


def test_two_workers_look_after_different_chats_and_together_after_all(app, traffic):
    for chat in CHATS:
        traffic.says(chat, "hello")
    first, second = seen_by(app, FIRST), seen_by(app, SECOND)
    assert first
    assert second
    assert not first & second
    assert first | second == set(CHATS)


def test_what_another_worker_leaves_lying_is_taken_by_whoever_has_nothing_to_do(app, traffic):
    for chat in CHATS:
        traffic.says(chat, "hello")
    own = seen_by(app, FIRST)
    traffic.sql(f"DELETE FROM {S}.bot_inbound_update WHERE chat_id = ANY(%s)", [list(own)])
    assert seen_by(app, FIRST) == set()
    grow_old(traffic, 1.1)
    assert seen_by(app, FIRST) == set(CHATS) - own


def test_what_waits_for_long_is_taken_by_whoever_is_there_as_if_it_had_come_later(app, traffic):
    for chat in CHATS:
        traffic.says(chat, "hello")
    own = seen_by(app, FIRST)
    grow_old(traffic, 5)
    assert seen_by(app, FIRST) == own
    grow_old(traffic, 6)
    assert seen_by(app, FIRST) == set(CHATS)
    planner = UpdateScheduler(app, traffic.processor, lambda: None, lambda: FIRST)
    planner.look()
    done = []
    while not planner.pool.turns.is_empty:
        account_id, work = planner.pool.turns.take()
        work()
        planner.pool.turns.finished(account_id)
    done = [row.chat_id for row in sorted(traffic.updates("done"), key=lambda row: row.processed_at)]
    assert set(done[: len(own)]) == own
    assert set(done) == set(CHATS)


def test_two_dispatchers_claim_for_different_chats_until_one_leaves_something_lying(app, traffic, queued):
    for chat in CHATS[:8]:
        queued(1, chat=chat)
    first = Dispatcher(app, traffic.dispatcher.sender, lambda: 7, lambda: FIRST)
    second = Dispatcher(app, traffic.dispatcher.sender, lambda: 8, lambda: SECOND)
    claimed = [{message.chat_id for message in each.claim().messages} for each in (first, second, first, second)]
    assert claimed[0]
    assert claimed[1]
    assert not claimed[0] & claimed[1]
    left = set(CHATS[:8]) - set().union(*claimed)
    grow_old(traffic, 1.1)
    later = Dispatcher(app, traffic.dispatcher.sender, lambda: 9, lambda: FIRST)
    assert {message.chat_id for _ in range(3) for message in later.claim().messages} == left


@pytest.fixture
def present(app):
    """Starts the presence of one more worker; gives it and what ends it."""
    running = []

    def start():
        presence, stop = Presence(app.config["PORTAL"], {}), threading.Event()
        thread = threading.Thread(target=presence.run, args=(stop,), daemon=True)
        thread.start()
        running.append((stop, thread))
        return presence, stop

    yield start
    for stop, thread in running:
        stop.set()
        thread.join(10)


def become(condition):
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_workers_know_their_place_among_those_that_are_there(present):
    (one, end_one), (other, _) = present(), present()
    become(lambda: sorted((one.share.place, other.share.place)) == [0, 1] and one.share.of == other.share.of == 2)
    end_one.set()
    become(lambda: other.share == Share(0, 1))
