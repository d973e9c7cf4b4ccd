"""Workers as processes, killed for real at every point of a message's way, and PostgreSQL taken away under them."""

import json
import signal
import threading

import pytest

from portal.messaging.events import button_marker
from tests.jobs.conftest import eventually
from tests.messaging.nursery import POINTS
from tests.messaging.test_conversations import BUTTONS

CHAT = "1001"
SECONDS_TO_END = 30
# Where the platform may have accepted what nobody noted.
TWICE = {"after the platform has accepted", "before the note is committed"}


@pytest.fixture
def guest(telegram, world):
    return telegram.user(CHAT, bot=world.pelmenya.secrets[0])


@pytest.mark.parametrize(
    "point", [point for point in POINTS if "receipt" not in point and "acknowledging" not in point]
)
def test_killed_at_any_point_nothing_is_lost_applied_twice_or_out_of_order(traffic, workers, guest, point):
    killed = workers.start(point)
    traffic.says(CHAT, "hello")
    traffic.says(CHAT, "Anna")
    assert workers.wait(killed) == -signal.SIGKILL
    workers.start()
    eventually(lambda: traffic.states(CHAT) == ["sent", "sent"])
    said = [row.text for row in traffic.messages(CHAT) if row.direction == "in"]
    assert said == ["hello", "Anna"]
    assert [row.state for row in traffic.updates()] == ["done", "done"]
    expected = ["zqpelmenya hello", "zqpelmenya thanks"]
    marked = [row.maybe_twice for row in traffic.messages(CHAT) if row.direction == "out"]
    if point in TWICE:
        assert guest.texts == [expected[0], *expected]
        assert marked == [True, False]
    else:
        assert guest.texts == expected
        assert marked == [point == "after the claim", False]


def test_killed_while_acknowledging_a_press_the_press_counts_once(traffic, workers, guest):
    traffic.publish(BUTTONS)
    killed = workers.start("while acknowledging")
    traffic.says(CHAT, "hello")
    eventually(lambda: guest.texts == ["Choose"])
    traffic.presses(CHAT, button_marker(1, 0))
    assert workers.wait(killed) == -signal.SIGKILL
    workers.start()
    eventually(lambda: traffic.states(CHAT) == ["sent", "sent"])
    assert [row.value for row in traffic.messages(CHAT) if row.kind == "press"] == ["tea"]


def test_told_to_end_a_worker_finishes_what_it_has_in_hand(traffic, workers, telegram, guest):
    telegram.faults.delay(1.0, times=1, on="send")
    worker = workers.start()
    traffic.says(CHAT, "hello")
    telegram.wait_until(lambda: telegram.calls_of("send"))
    workers.tell(worker, signal.SIGTERM)
    assert workers.wait(worker, SECONDS_TO_END) == 0
    assert guest.texts == ["zqpelmenya hello"]
    assert traffic.states(CHAT) == ["sent"]


def test_a_bot_whose_platform_hangs_delays_nobody(traffic, workers, telegram, whatsapp_guest):
    """Every sender that the hung platform may have hangs; messages of the other one go out meanwhile."""
    telegram.faults.hang(times=None, on="send")
    workers.start()
    for number in range(30):
        traffic.says(str(5000 + number), "hello")
    telegram.wait_until(lambda: len(telegram.calls_of("send")) >= 4)
    whatsapp_guest.says("hello")
    assert whatsapp_guest.fake.wait_for(whatsapp_guest, 1)[0].text == "zqpelmenya hello"
    telegram.faults.clear()


def test_postgresql_restarted_under_load_everything_goes_on_by_itself(own_database, own_workers, telegram):
    """Updates come all the while; each is applied once, and answered, a few seconds after the database is back."""
    traffic, server = own_database
    own_workers.start()
    people = [str(7000 + number) for number in range(12)]
    guests = [telegram.user(person, bot=traffic.chain.secrets[0]) for person in people]
    telegram.faults.delay(0.1, on="send")
    restart = threading.Thread(target=lambda: (server.stop(), server.start()))
    for number, person in enumerate(people):
        traffic.persists(lambda person=person: traffic.says(person, "hello"))
        if number == 0:
            telegram.wait_for(guests[0], 1)
        if number == 5:
            restart.start()
    restart.join()
    eventually(lambda: traffic.persists(lambda: [traffic.states(person) for person in people]) == [["sent"]] * 12)
    assert [row.state for row in traffic.updates()] == ["done"] * 12
    for guest, person in zip(guests, people, strict=True):
        [message] = [row for row in traffic.messages(person) if row.direction == "out"]
        assert guest.texts in (["zqpelmenya hello"], ["zqpelmenya hello"] * (1 + message.maybe_twice))
    # The job queue is back as well.
    traffic.sql(
        "BEGIN; SET LOCAL search_path TO getinn_ops_jobs; INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
        f" VALUES ('default', 'tidy_up', '{json.dumps({'timestamp': 0})}'); COMMIT"
    )
    eventually(lambda: not told_jobs(traffic))
    worker = own_workers.started[0]
    own_workers.tell(worker, signal.SIGTERM)
    assert own_workers.wait(worker, SECONDS_TO_END) == 0


def test_told_to_end_while_the_database_is_away_a_worker_ends(own_database, own_workers):
    _, server = own_database
    worker = own_workers.start()
    eventually(lambda: own_database[0].sql("SELECT 1 FROM getinn_ops_jobs.procrastinate_workers"))
    server.stop()
    try:
        own_workers.tell(worker, signal.SIGTERM)
        assert own_workers.wait(worker, SECONDS_TO_END) is not None
    finally:
        server.start()


def told_jobs(traffic):
    """The test's own that are not done: what is done goes at once, what died with the database is taken up later."""
    return traffic.sql("SELECT id FROM getinn_ops_jobs.procrastinate_jobs WHERE args = '{\"timestamp\": 0}'")
