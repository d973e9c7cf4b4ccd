"""However often, by however many and in whatever order it is told: one person, one engagement, one link a chat."""

import threading

import pytest

from portal.onboarding.intake import jobs
from portal.onboarding.intake.jobs import take_answers
from tests.onboarding.intake.hiring import ANNA, IVAN, OLDER_RULE, Hiring, older_steps

CHAT, OTHER_CHAT = "42", "43"


def once(hiring):
    counts = hiring.counts()
    return {key: counts[key] for key in ("staff_member", "staff_onboarding", "staff_chat")}


ONE = {"staff_member": 1, "staff_onboarding": 1, "staff_chat": 1}


def test_the_job_run_twice_changes_nothing(demo):
    demo.says(CHAT, *ANNA)
    [job] = demo.jobs()
    demo.work()
    before, came = demo.counts(), demo.rows("staff_intake")
    demo.run_job(take_answers, **job.args)
    assert demo.counts() == before
    assert demo.rows("staff_intake") == came
    assert once(demo) == ONE


def test_the_job_carries_ids_alone(demo):
    demo.says(CHAT, *ANNA)
    [job] = demo.jobs()
    last = [row for row in demo.traffic.messages(CHAT) if row.direction == "in"][-1]
    assert job.args == {
        "account_id": str(demo.chain.account_id),
        "message_id": str(last.id),
        "dialog_id": str(last.dialog_id),
    }


def test_two_workers_at_once_make_one_person(demo):
    """Two chats with one phone, and each of their jobs twice at the same time."""
    for chat in (CHAT, OTHER_CHAT):
        demo.says(chat, *ANNA)
    told = [job.args for job in demo.jobs()] * 2
    faults, together = [], threading.Barrier(len(told))

    def work(arguments):
        together.wait()
        try:
            demo.run_job(take_answers, **arguments)
        except Exception as fault:
            faults.append(fault)

    workers = [threading.Thread(target=work, args=[arguments]) for arguments in told]
    for each in workers:
        each.start()
    for each in workers:
        each.join()
    assert faults == []
    assert once(demo) == ONE | {"staff_chat": 2}
    assert demo.counts()["staff_intake"] == 2
    assert [each.kind for each in demo.questions()] == ["date", "restaurant"]


def test_editing_and_confirming_again_updates_the_same_person(demo):
    demo.hires(CHAT, *ANNA[:-1], "edit", *ANNA[1:])
    demo.hires(CHAT, "/start", "Анна Смирнова", "cook", *ANNA[3:6], "46", *ANNA[7:])
    assert once(demo) == ONE
    assert demo.members()[0].uniform_size == "46"
    assert [row.outcome for row in demo.rows("staff_intake")] == ["created", "updated"]
    assert demo.counts()["onboarding_step"] == 5


def test_the_same_answers_after_a_restart_are_nothing_new(demo):
    demo.hires(CHAT, *ANNA)
    before = demo.counts()
    demo.hires(CHAT, *ANNA)
    assert demo.counts() == before | {"staff_intake": 2}
    assert [row.outcome for row in demo.rows("staff_intake")] == ["created", "unchanged"]


def test_answers_of_before_a_restart_are_no_answers_any_more(older):
    """The trigger is an answer that comes before the others are given anew."""
    older.declare(OLDER_RULE | {"trigger": {"variable": "first_name"}})
    older.hires(CHAT, *IVAN)
    older.hires(CHAT, "/start", "Ivan")
    details = older.rows("staff_intake")[-1].details["told"]["fields"]
    assert list(details) == ["name"]


def test_another_position_changes_the_steps_that_nobody_touched(older):
    older.knows(position="cook")
    older.hires(CHAT, *IVAN)
    [cook] = older.rows("staff_position", "code = 'cook'")
    template = older.sql(
        "INSERT INTO getinn_ops.onboarding_template (account_id, name, position_id) VALUES (%s, 'Cooks', %s)"
        " RETURNING id",
        [older.chain.account_id, cook.id],
    )[0]
    older.sql(
        "INSERT INTO getinn_ops.onboarding_template_step (account_id, template_id, position, code, name)"
        " VALUES (%s, %s, 1, 'knives', 'Own knives')",
        [older.chain.account_id, template.id],
    )
    older.hires(CHAT, *IVAN[:3], "cook", *IVAN[4:])
    assert sorted(step.code for step in older.rows("onboarding_step")) == ["information_collection", "knives"]
    assert once(older) == ONE
    told = older.rows("staff_intake")[-1].details["steps"]
    assert (told["new"], len(told["gone"])) == (["Own knives"], 4)


def test_a_job_that_fails_is_seen_and_the_next_try_makes_it_good(demo, monkeypatch):
    demo.says(CHAT, *ANNA)
    with monkeypatch.context() as broken:
        broken.setattr(jobs, "find_match", lambda *given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            demo.work()
    [intake] = demo.rows("staff_intake")
    assert intake.outcome == "failed"
    assert intake.details["failure"].startswith("ZeroDivisionError at tests/")
    assert demo.members() == []
    demo.done = 0
    demo.done = max(job.id for job in demo.jobs()) - 1
    demo.work()
    assert [row.outcome for row in demo.rows("staff_intake")] == ["created"]
    assert once(demo) == ONE


def test_nothing_happens_for_a_bot_without_a_rule_or_with_one_that_is_off(older):
    for told in ("is_on = false", None):
        older.sql(f"UPDATE getinn_ops.bot_intake_rule SET {told}" if told else "DELETE FROM getinn_ops.bot_intake_rule")
        older.says(CHAT, *IVAN)
        assert older.jobs() == []


def test_a_rule_costs_a_step_no_further_statement(older, statements):
    older.says(CHAT, "/start")
    counts = []
    for told in (OLDER_RULE, None):
        if told is None:
            older.sql("DELETE FROM getinn_ops.bot_intake_rule")
        older.traffic.delivers(older.payload(CHAT, "x", "2026-08-03"), older.chain.telegram_id)
        with statements() as counted:
            older.traffic.drain()
        counts.append(counted.total)
    assert counts[0] == counts[1]


@pytest.mark.parametrize("trigger", [{"finished": True}, {"step": "bye"}])
def test_an_end_that_a_timer_brings_is_the_last_message_of_the_person(hiring, trigger):
    steps = older_steps()
    steps["ask_confirmed"]["next_step"] = "thanks"
    steps["thanks"] = {"message": {"text": "Thanks"}, "auto_next": True, "auto_next_delay": 5, "next_step": "bye"}
    steps["bye"] = {"message": {"text": "Bye"}}
    hiring.traffic.publish(steps)
    hiring.declare(OLDER_RULE | {"trigger": trigger})
    hiring.knows(position="food-guide", code="pyatnitskaya")
    hiring.hires(CHAT, *IVAN)
    assert once(hiring) == ONE
    [intake] = hiring.rows("staff_intake")
    yes = next(row for row in hiring.traffic.messages(CHAT) if row.text == "yes")
    assert intake.trigger_message_id == yes.id


def test_what_a_person_of_the_chain_writes_and_what_is_said_to_them_hires_nobody(demo, browse, world):
    demo.says(CHAT, *ANNA[:-1])
    browser = browse(world.pelmenya.owner)
    dialog = demo.traffic.dialog(CHAT)
    page = browser.account(f"bots/{demo.chain.bot_id}/dialogs/{dialog.id}")
    browser.post(f"{page}/hold", {"minutes": "60"})
    demo.sql(
        "UPDATE getinn_ops.bot_dialog_state SET state = 'taken_over', taken_over_by_id = %s WHERE id = %s",
        [world.pelmenya.owner.id, dialog.id],
    )
    browser.post(f"{page}/messages", {"text": "confirmed"})
    demo.says(CHAT, "confirmed")
    assert demo.jobs() == []


def test_two_chains_with_the_same_phone_and_code_know_nothing_of_each_other(traffic, run_job, world):
    for chain in world.chains:
        own = Hiring(traffic, run_job, chain)
        own.traffic.publish(older_steps() | {})
        own.declare(OLDER_RULE | {"fields": OLDER_RULE["fields"] | {"phone": "citizenship"}})
        own.knows(position="food-guide", code="pyatnitskaya")
        own.sql("UPDATE getinn_ops.bot_platform_credential SET is_active = true WHERE id = %s", [chain.telegram_id])
        own.hires(CHAT, *IVAN[:6], "8 900 123-45-67", "yes")
        [member] = own.members()
        assert (member.account_id, member.phone) == (chain.account_id, "+79001234567")
        assert member.restaurant_id == chain.restaurant_id


def test_a_try_that_comes_after_a_later_confirmation_takes_nothing_back(demo, monkeypatch):
    demo.says(CHAT, *ANNA)
    [first] = demo.jobs()
    with monkeypatch.context() as broken:
        broken.setattr(jobs, "find_match", lambda *given: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            demo.work()
    demo.hires(CHAT, *ANNA[:6], "46", *ANNA[7:])
    assert demo.members()[0].uniform_size == "46"
    demo.run_job(take_answers, **first.args)
    assert demo.members()[0].uniform_size == "46"
    assert [row.outcome for row in demo.rows("staff_intake")] == ["unchanged", "created"]
