"""What the worker does for people whom the record knows: what was held goes out, and ``/status`` is answered."""

import json

import pytest

from portal.messaging.failures import Failure
from portal.messengers.errors import Rejected
from portal.onboarding.messages.jobs import hand_over_late_messages, hand_over_messages
from tests.onboarding.intake.hiring import IVAN, S

QUEUED = "SELECT id, args FROM getinn_ops_jobs.procrastinate_jobs WHERE task_name = 'hand_over_messages' AND id > %s"


@pytest.fixture
def hired(older):
    """Ivan, who was hired in a chat, by day."""
    older.hires("77", *IVAN)
    noon = "SELECT name FROM pg_timezone_names WHERE (now() AT TIME ZONE name)::time BETWEEN '11:00' AND '12:30'"
    older.sql(f"UPDATE {S}.restaurant SET timezone = ({noon} AND name LIKE 'Etc/%' LIMIT 1)")
    (older.member,), older.delivered = older.members(), 0
    older.delivered = max((job.id for job in older.sql(QUEUED, [0])), default=0)
    return older


def hold(hired, text, reason="window_over", **values):
    row = {"account_id": hired.chain.account_id, "staff_member_id": hired.member.id, "kind": "written", "text": text}
    row |= {"due_at": "2026-08-03", "state": "held", "reason": reason} | values
    names, places = ", ".join(row), ", ".join(["%s"] * len(row))
    hired.sql(f"INSERT INTO {S}.staff_message ({names}) VALUES ({places})", list(row.values()))


def delivered(hired):
    """Run the jobs that wait as the worker does; how many there were."""
    jobs = [job for job in hired.sql(QUEUED, [hired.delivered]) if job.args["member_id"] == str(hired.member.id)]
    hired.delivered = max((job.id for job in jobs), default=hired.delivered)
    for job in jobs:
        hired.run_job(hand_over_messages, **job.args)
    return len(jobs)


def last_said(hired, chat="77"):
    return [row.text for row in hired.traffic.messages(chat) if row.direction == "out"][-1]


def allow(hired, *, allowed=True):
    hired.sql(f"UPDATE {S}.bot_intake_rule SET answers_status = %s WHERE bot_id = %s", [allowed, hired.chain.bot_id])


def test_what_was_held_goes_out_once_when_the_person_writes_again(hired):
    for text in ("one", "two"):
        hold(hired, text)
    hired.says("77", "hello", "hello again")
    assert delivered(hired) == 1
    assert last_said(hired).split("\n\n")[1:] == ["one", "two"]
    assert {row.state for row in hired.rows("staff_message")} == {"queued"}
    hired.says("77", "and again")
    assert delivered(hired) == 0


def test_others_who_write_ask_for_nothing(hired):
    hold(hired, "one")
    hired.says("78", "hello")
    assert delivered(hired) == 0


def test_the_older_buttons_keep_working_after_a_message_in_between(hired):
    hold(hired, "one")
    hired.says("77", "hello")
    delivered(hired)
    before = hired.traffic.dialog("77")
    hired.traffic.presses("77", f"{before.turn}.0", hired.chain.telegram_id)
    hired.traffic.drain()
    assert hired.traffic.dialog("77").turn == before.turn + 1


def test_a_message_that_is_refused_does_not_stop_the_conversation(hired, messenger):
    hired.traffic.send()
    hold(hired, "one")
    hired.says("77", "hello")
    hired.traffic.send()
    delivered(hired)
    messenger.answers = [Rejected(Failure.REJECTED)]
    hired.traffic.send()
    last = hired.traffic.messages("77")[-1]
    assert (last.text, last.state) == ("one", "failed")
    assert hired.traffic.dialog("77").state == "running"


def test_messages_whose_job_was_lost_are_found(hired):
    hold(hired, "lost", state="waiting", reason=None)
    hired.run_job(hand_over_late_messages)
    assert delivered(hired) == 1
    assert last_said(hired) == "lost"


def test_status_is_answered_from_the_record_and_changes_nothing(hired):
    allow(hired)
    standing, counts = hired.traffic.dialog("77"), hired.counts()
    hired.says("77", "/status")
    told = last_said(hired)
    name, shift, left, *steps = told.split("\n")
    assert name == "Ivan Petrov"
    assert "10 " in shift
    assert len(steps) == len([row for row in hired.rows("onboarding_step") if row.status == "pending"])
    now = hired.traffic.dialog("77")
    assert (now.current_step, now.turn, now.collected_data) == (
        standing.current_step,
        standing.turn,
        standing.collected_data,
    )
    assert (hired.counts(), hired.work()) == (counts, 0)
    assert left


@pytest.mark.parametrize("who", ["not allowed", "a stranger", "who has left", "taken over"])
def test_everybody_else_gets_the_ordinary_answer_or_none(hired, who):
    allow(hired, allowed=who != "not allowed")
    chat = "78" if who == "a stranger" else "77"
    hired.says("78", "/start")
    if who == "who has left":
        hired.sql(
            f"UPDATE {S}.staff_member SET status = 'left', left_on = '2026-08-09' WHERE id = %s", [hired.member.id]
        )
    if who == "taken over":
        hired.sql(f"UPDATE {S}.bot_dialog_state SET state = 'taken_over' WHERE platform_chat_id = '77'")
    before = len(hired.traffic.messages(chat))
    hired.says(chat, "/status")
    answers = [row.text for row in hired.traffic.messages(chat)[before:] if row.direction == "out"]
    assert "Ivan Petrov" not in json.dumps(answers)
    assert len(answers) == (0 if who == "taken over" else 1)
