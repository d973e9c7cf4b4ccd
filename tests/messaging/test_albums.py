"""Several files at once are one answer, on every messenger, whatever happens between them."""

import json
import signal

import pytest

from portal.messaging.receiving.update_processor import UpdateProcessor
from tests.jobs.conftest import eventually

CHAT = "1001"
PHOTO_THEN_DATE = {
    "a": {"message": {"text": "Photos?"}, "expected_input": {"type": "file", "variable": "photos"}, "next_step": "b"},
    "b": {"message": {"text": "Which day?"}, "expected_input": {"type": "date", "variable": "day"}, "next_step": "end"},
    "end": {"message": {"text": "Thanks"}},
}  # fmt: skip
TWO_PHOTOS = {
    "front": {"message": {"text": "Front?"}, "expected_input": {"type": "file", "variable": "f"}, "next_step": "back"},
    "back": {"message": {"text": "Back?"}, "expected_input": {"type": "file", "variable": "b"}, "next_step": "end"},
    "end": {"message": {"text": "Thanks"}},
}


@pytest.fixture
def sends(traffic):
    """``sends(1, group="7")``: somebody sends a picture on Telegram."""

    def send(number, group="", chat=CHAT, seconds=0):
        message = {"message_id": number, "date": 1700000000 + seconds, "chat": {"id": int(chat), "type": "private"}}
        message |= {"from": {"id": int(chat), "first_name": "Ann"}, "photo": [{"file_id": f"f{number}", "width": 9}]}
        message |= {"media_group_id": group} if group else {}
        traffic.delivers({"update_id": number, "message": message})

    return send


def bot_said(traffic, chat=CHAT):
    return [row.text for row in traffic.messages(chat) if row.direction == "out"]


def begin(traffic, steps):
    traffic.publish(steps)
    traffic.says(CHAT, "hello", number=1)
    traffic.drain()


def test_an_album_is_one_answer_with_all_its_files_and_the_next_question_comes_once(traffic, sends, waiting_jobs):
    begin(traffic, PHOTO_THEN_DATE)
    for number in (2, 3, 4):
        sends(number, group="7")
    traffic.drain()
    assert bot_said(traffic) == ["Photos?", "Which day?"]
    assert [each["file"]["kind"] for each in traffic.dialog(CHAT).collected_data["photos"]] == ["image"] * 3
    pictures = [row for row in traffic.messages(CHAT) if row.kind == "image"]
    assert [(row.variable, row.state, row.file_state) for row in pictures] == [("photos", "received", "waiting")] * 3
    assert len([job for job in waiting_jobs() if job.task_name.endswith("fetch_received_file")]) == 3
    traffic.says(CHAT, "2026-04-25", number=9)
    traffic.drain()
    assert traffic.dialog(CHAT).collected_data["day"]


def test_a_worker_that_died_between_its_pictures_loses_and_doubles_nothing(traffic, sends, app):
    begin(traffic, PHOTO_THEN_DATE)
    for number in (2, 3, 4):
        sends(number, group="7")
        sends(number, group="7")
        traffic.processor = UpdateProcessor(app, traffic.pressed.append)
        traffic.drain()
    assert bot_said(traffic) == ["Photos?", "Which day?"]
    assert len(traffic.dialog(CHAT).collected_data["photos"]) == 3


def test_killed_after_the_first_picture_another_worker_takes_the_others_along(traffic, workers, telegram, world, sends):
    guest = telegram.user(CHAT, bot=world.pelmenya.secrets[0])
    begin(traffic, PHOTO_THEN_DATE)
    killed = workers.start("after the step is committed")
    for number in (2, 3, 4):
        sends(number, group="7")
    assert workers.wait(killed) == -signal.SIGKILL
    workers.start()
    eventually(lambda: [row.state for row in traffic.updates()] == ["done"] * 4)
    eventually(lambda: guest.texts == ["Photos?", "Which day?"])
    assert len(traffic.dialog(CHAT).collected_data["photos"]) == 3


def test_an_album_that_is_no_answer_is_told_so_once(traffic, sends):
    begin(traffic, {"name": {"message": {"text": "Name?"}, "expected_input": {"type": "text", "variable": "n"}}})
    for number in (2, 3, 4):
        sends(number, group="7")
    traffic.drain()
    assert bot_said(traffic) == ["Name?", "Answer with a text."]
    assert len([row for row in traffic.messages(CHAT) if row.kind == "image"]) == 3


def test_the_next_album_is_an_answer_of_its_own_and_what_begins_anew_takes_nothing_along(traffic, sends):
    begin(traffic, TWO_PHOTOS)
    sends(2, group="7")
    sends(3, group="7")
    sends(4, group="8")
    traffic.drain()
    answers = traffic.dialog(CHAT).collected_data
    assert (len(answers["f"]), answers["b"]["file"]["kind"]) == (2, "image")
    traffic.says(CHAT, "/start", number=5)
    traffic.drain()
    sends(6, group="8")
    traffic.drain()
    assert traffic.dialog(CHAT).collected_data["f"]["file"]["kind"] == "image"


@pytest.mark.parametrize(("steps", "collected"), [(PHOTO_THEN_DATE, {"photos": 3}), (TWO_PHOTOS, {"f": 1, "b": 2})])
def test_pictures_of_the_same_moment_that_nobody_calls_one_go_together_unless_one_is_asked_for(
    traffic, sends, steps, collected
):
    begin(traffic, steps)
    for number in (2, 3, 4):
        sends(number, seconds=number)
    traffic.drain()
    answers = traffic.dialog(CHAT).collected_data
    assert {key: len(value) if isinstance(value, list) else 1 for key, value in answers.items()} == collected
    assert not any(text.startswith("Write a date") for text in bot_said(traffic))


def test_a_picture_of_a_later_moment_is_no_part_of_an_answer(traffic, sends):
    begin(traffic, PHOTO_THEN_DATE)
    sends(2, seconds=0)
    sends(3, seconds=60)
    traffic.drain()
    assert json.loads(json.dumps(traffic.dialog(CHAT).collected_data["photos"]))["file"]
    assert bot_said(traffic)[-1].startswith("Write a date")
